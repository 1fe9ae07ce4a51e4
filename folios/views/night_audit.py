"""The night audit: what stands against closing the day, the control totals, and the run step by step."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from folios.fragments import NIGHT_AUDIT_CHECKS, NIGHT_AUDIT_PROGRESS, OF_THE_AUDIT
from folios.models import NightAudit
from folios.permissions import Permission
from folios.selectors.audits import audit_for
from folios.services.night_audit import night_audit_resume, night_audit_start
from pms.core.templatetags.ui import day
from pms.live.fragments import Audience
from pms.live.pages import audience_of, page_context
from properties.http import at_hotel
from properties.models import Property

from .answers import said


@at_hotel(Permission.NIGHT_AUDIT_RUN)
def night_audit(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show where the hotel stands; every part is a live piece, so all screens see the same run."""
    context = page_context(request, hotel.pk, topics=tuple(one.topic(hotel.pk) for one in OF_THE_AUDIT))
    audience = context["audience"]
    rows = {one.name: one.rows([hotel.pk], audience)[hotel.pk] for one in OF_THE_AUDIT if one.right in audience.rights}
    return render(request, "folios/night_audit.html", context | {"hotel": hotel, "rows": rows})


@at_hotel(Permission.NIGHT_AUDIT_RUN, methods={"GET", "POST"})
def start_audit(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Ask what is taken over into the new day, then start to close; before its hour only for people who may."""
    audience = audience_of(request.user, hotel.pk)
    if request.method == "GET":
        return _asked(request, hotel, audience)
    early = Permission.NIGHT_AUDIT_EARLY in audience.rights
    audit = night_audit_start(hotel=hotel, accepted=["audit_too_early"] if early else [])
    if audit.status == NightAudit.Status.BLOCKED:
        words = _("Nothing was started: %(why)s") % {"why": " ".join(one["detail"] for one in audit.blockers[:3])}
        return said(HttpResponse(status=204), words, tone="red")
    words = _("Closing %(day)s. The desk stays open.") % {"day": day(audit.business_date)}
    return said(HttpResponse(status=204), words)


def _asked(request: HttpRequest, hotel: Property, audience: Audience) -> HttpResponse:
    """Show the dialog: a day that is closed stays closed, so nobody closes it with one slip of the finger."""
    closing, checklist = (
        one.rows([hotel.pk], audience)[hotel.pk] for one in (NIGHT_AUDIT_PROGRESS, NIGHT_AUDIT_CHECKS)
    )
    open_checks = [check for check in checklist.checks if check.count]
    return render(request, "folios/close_dialog.html", {"hotel": hotel, "row": closing, "open_checks": open_checks})


@at_hotel(Permission.NIGHT_AUDIT_RUN, methods={"POST"})
def resume_audit(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Let a run that stopped go on."""
    audit = audit_for(request.user, Permission.NIGHT_AUDIT_RUN, hotel, pk)
    night_audit_resume(audit_id=audit.pk)
    return said(HttpResponse(status=204), _("The closing goes on."))
