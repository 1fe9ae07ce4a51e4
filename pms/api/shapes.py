"""Shapes that objects of several apps share: what may be done with an object now, and acts that override a rule."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from pms.core.errors import DomainError, InvalidValue, Kind
from pms.events.base import as_json

from .fields import Input


class ReasonMissing(InvalidValue, code="reason_missing", kind=Kind.RULE):
    """A rule was to be overridden without saying why."""

    def __init__(self) -> None:
        super().__init__("Say why the rule is overridden. Nothing was done.", field="reason")


class Overridable(Input):
    """The body of an act that may override rules; each code needs its own right, and the reason is logged."""

    override = serializers.ListField(
        child=serializers.CharField(max_length=60),
        required=False,
        max_length=20,
        help_text="Codes of refusals that shall not stop the act.",
    )
    reason = serializers.CharField(required=False, max_length=500, help_text="Why; required with `override`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse an override without a reason."""
        if attrs.get("override") and not attrs.get("reason"):
            raise ReasonMissing
        return attrs


class ActionReason(serializers.Serializer):
    """Why an action is refused now; the facts of the refusal stand beside."""

    code = serializers.CharField()
    detail = serializers.CharField()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """Return the reason with its facts."""
        return dict(instance)


class ActionOutput(serializers.Serializer):
    """One thing that can be done with an object."""

    name = serializers.CharField(help_text="In snake_case; the address has it in kebab-case.")
    allowed = serializers.BooleanField()
    reasons = ActionReason(many=True)


def action(name: str, refusals: Iterable[DomainError] = ()) -> dict[str, Any]:
    """Return one entry of `actions`: allowed unless there are refusals."""
    reasons = [
        {**{key: as_json(value) for key, value in error.facts.items()}, "code": error.code, "detail": error.message}
        for error in refusals
    ]
    return {"name": name, "allowed": not reasons, "reasons": reasons}
