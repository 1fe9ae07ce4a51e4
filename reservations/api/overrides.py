"""Overriding a rule: each code needs a right of its own, and the reason is logged."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from django.utils.translation import gettext as _

from pms.accounts.access import permitted
from pms.api.calls import Call
from pms.core.errors import InvalidValue

log = structlog.get_logger(__name__)


def accepted(call: Call, allowed: Mapping[str, str]) -> frozenset[str]:
    """Return the codes that the client overrides; `allowed` says which this act knows, and the right each needs.

    Raises `InvalidValue` for a code that cannot be overridden here, `NotAllowed` without the right.
    """
    codes = frozenset(call.data.get("override", ()))
    for code in sorted(codes):
        if code not in allowed:
            raise InvalidValue(_("“%s” cannot be overridden here. Nothing was done.") % code, field="override")
        permitted(call.user, allowed[code], call.hotel.pk)
    if codes:
        log.info("api.override", codes=sorted(codes), reason=call.data.get("reason", ""), path=call.request.path)
    return codes
