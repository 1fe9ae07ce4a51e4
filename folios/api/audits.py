"""Operations on the night audit, over the same services as the page."""

from __future__ import annotations

import uuid

from folios.models import NightAudit
from folios.permissions import Permission
from folios.selectors.audits import audit_for, audits_of
from folios.services.night_audit import night_audit_resume, night_audit_start
from pms.accounts.access import rights_at
from pms.api.base import ApiView
from pms.api.calls import Call, Reply
from pms.api.operations import operation
from pms.api.paging import Page

from . import serializers as shapes

TAG = "night audits"


class NightAuditListApi(ApiView):
    """The closings of the hotel's days."""

    tag = TAG

    @operation(
        summary="List the night audits",
        scope="night_audits.read",
        right=Permission.NIGHT_AUDIT_RUN,
        output=shapes.NightAuditOutput,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the night audits, the latest first."""
        return call.page(audits_of(call.hotel), order=("-business_date", "-created_at", "-id"))

    @operation(
        summary="Close the business date",
        scope="night_audits.run",
        right=Permission.NIGHT_AUDIT_RUN,
        output=shapes.NightAuditOutput,
        status=202,
        description="Starts the closing; a worker does it. `blocked` says that nothing was started, and why.",
        refusals=["audit_running", "audit_too_early", "business_date_too_far_ahead"],
    )
    def post(self, call: Call) -> Reply:
        """Start to close the day, before its hour only for clients that may."""
        early = Permission.NIGHT_AUDIT_EARLY in rights_at(call.user, call.hotel.pk)
        audit = night_audit_start(hotel=call.hotel, accepted=["audit_too_early"] if early else [])
        return Reply(content=audit, location=f"{call.request.path}/{audit.pk}")


class NightAuditApi(ApiView):
    """One closing."""

    tag = TAG

    @operation(
        summary="Read a night audit",
        scope="night_audits.read",
        right=Permission.NIGHT_AUDIT_RUN,
        output=shapes.NightAuditOutput,
    )
    def get(self, call: Call, audit_id: uuid.UUID) -> NightAudit:
        """Return the run with its steps."""
        return audit_for(call.user, Permission.NIGHT_AUDIT_RUN, call.hotel, audit_id)


class NightAuditResumeApi(ApiView):
    """A closing that stopped."""

    tag = TAG

    @operation(
        summary="Let a stopped night audit go on",
        scope="night_audits.run",
        right=Permission.NIGHT_AUDIT_RUN,
        output=shapes.NightAuditOutput,
        status=202,
        refusals=["audit_not_failed"],
    )
    def post(self, call: Call, audit_id: uuid.UUID) -> NightAudit:
        """Go on from the step that failed."""
        audit = audit_for(call.user, Permission.NIGHT_AUDIT_RUN, call.hotel, audit_id)
        return night_audit_resume(audit_id=audit.pk)
