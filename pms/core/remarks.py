"""Free text of people: no card number written into it is ever stored (reliability.md, design rule 29)."""

from __future__ import annotations

from typing import Any

from django.db import models

from .redaction import mask_cards


class _Masked(models.Field):
    """Masks on every way into the database, and on the row in hand, so that an answer shows what was stored.

    To migrations it is the plain field: what it adds is no business of the database's.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:  # noqa: FBT001 - Django's signature
        value = super().pre_save(model_instance, add)
        if not isinstance(value, str):
            return value
        clean = mask_cards(value)
        setattr(model_instance, self.attname, clean)
        return clean

    def get_prep_value(self, value: Any) -> Any:
        prepared = super().get_prep_value(value)
        return mask_cards(prepared) if isinstance(prepared, str) else prepared


class RemarkField(_Masked, models.CharField):
    """A line a person types."""

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.CharField", arguments, options


class RemarkTextField(_Masked, models.TextField):
    """Lines a person types."""

    def deconstruct(self) -> Any:
        name, _path, arguments, options = super().deconstruct()
        return name, "django.db.models.TextField", arguments, options
