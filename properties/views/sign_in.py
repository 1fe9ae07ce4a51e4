"""How people of this hotel sign in: who needs a second step."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from pms.accounts import second_step
from pms.accounts.proving import lately_proved
from pms.accounts.support import support_allow
from properties.http import at_hotel
from properties.models import Property
from properties.permissions import Permission
from properties.selectors import roles_of
from properties.sign_in_forms import SUPPORT, SecondStepForm


@at_hotel(Permission.HOTEL_CHANGE, methods={"GET", "POST"})
@lately_proved
def change_sign_in(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Ask further roles for a second step, let support in or not; a trial can be ended here, never begun."""
    policy = second_step.policy_of(hotel.pk)
    roles = roles_of(hotel.pk)
    always = [role for role in roles if second_step.always_asked(role.rights, role.code)]
    free = [role for role in roles if role not in always]
    form = SecondStepForm(
        request.POST or None,
        roles=free,
        trial=not policy.asked,
        initial={"roles": policy.roles, "support": policy.support},
    )
    if request.method == "POST" and form.is_valid():
        asked = True if form.cleaned_data.get("asked") else None
        added, removed = form.difference()
        second_step.policy_set(property_id=hotel.pk, added=added - {SUPPORT}, removed=removed - {SUPPORT}, asked=asked)
        if SUPPORT in added | removed:
            support_allow(property_id=hotel.pk, allowed=SUPPORT in added)
        messages.success(request, _("This counts from now on, on open pages too."))
        return redirect("properties:change_sign_in", code=hotel.code)
    context = {"hotel": hotel, "form": form, "always": always, "trial": not policy.asked}
    return render(request, "properties/sign_in.html", context, status=422 if form.is_bound else 200)
