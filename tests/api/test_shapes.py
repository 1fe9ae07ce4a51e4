"""The shapes that objects of several apps share."""

from __future__ import annotations

import datetime as dt

import pytest

from pms.api.shapes import ActionOutput, Overridable, ReasonMissing, action
from pms.core.errors import InvalidValue


def test_an_action_is_allowed_unless_somebody_refuses() -> None:
    refusal = InvalidValue("The deposit is open.", night=dt.date(2026, 3, 14), code="not me")
    assert ActionOutput(action("check_in")).data == {"name": "check_in", "allowed": True, "reasons": []}
    assert ActionOutput(action("check_out", [refusal])).data == {
        "name": "check_out",
        "allowed": False,
        "reasons": [{"night": "2026-03-14", "code": "invalid_value", "detail": "The deposit is open."}],
    }


def test_overriding_a_rule_needs_a_reason() -> None:
    good = Overridable(data={"override": ["restriction"], "reason": "Friend of the house"})
    assert good.is_valid()
    with pytest.raises(ReasonMissing):
        Overridable(data={"override": ["restriction"]}).is_valid()
    assert Overridable(data={}).is_valid()
