"""The shape of pictures as they are sent; what they are is found out by `pms.core.pictures`."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

# A phone then offers its camera, and turns its own format into JPEG.
PICTURES = "image/jpeg,image/png,image/webp"


class ManyFiles(forms.FileField):
    """Several files of one field, at least one of them."""

    def __init__(self, **options: Any) -> None:
        widget = forms.FileInput({"accept": PICTURES})
        widget.allow_multiple_selected = True
        widget.attrs["multiple"] = True
        super().__init__(widget=widget, **options)

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        """Return the files."""
        files = data if isinstance(data, list) and data else [None]
        return [super(ManyFiles, self).clean(file, initial) for file in files]


class PhotosForm(forms.Form):
    """Photos as a phone, a camera or a folder has them."""

    photos = ManyFiles(label=_("Photos"))


class PhotoOrderForm(forms.Form):
    """Photos one after the other, as keys with commas between."""

    order = forms.CharField(max_length=4000)

    def clean_order(self) -> list[uuid.UUID]:
        """Return the keys."""
        try:
            return [uuid.UUID(key) for key in self.cleaned_data["order"].split(",")]
        except ValueError:
            raise forms.ValidationError(_("That is no order.")) from None


class LogoForm(forms.Form):
    """The picture of a logo."""

    logo = forms.FileField(
        label=_("Logo"),
        widget=forms.FileInput({"accept": PICTURES}),
        help_text=_("JPEG, PNG or WebP, best with a clear background. It stands on invoices and on every page."),
    )
