"""The roles of the hotel: the matrix of what each may do, own roles, and the way back from a change."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pms.accounts.proving import lately_proved
from pms.accounts.registry import ALL_RIGHTS
from pms.core.errors import DomainError, InvalidValue, NotAllowed, NotThere
from pms.core.forms import Outcome, save_merged
from pms.live.pages import page_context
from properties.http import add_error, at_hotel
from properties.models import Property, Role
from properties.permissions import Permission
from properties.role_forms import (
    CopyRolesForm,
    NewRoleForm,
    RenameRoleForm,
    ReplacementForm,
    TogglesForm,
    toggles_text,
)
from properties.role_matrix import (
    matrix_of,
    preview_of,
    role_for_change,
    roles_copyable,
    toggles_permitted,
    toggles_to_standard,
)
from properties.selectors import hotels_owned, role_for, roles_givable, roles_held, staff_of
from properties.services import Toggle, role_add, role_archive, role_rename, roles_change_rights, roles_copy
from properties.staff_fragments import ROLE_MARK

UNDO_SALT = "properties.roles"
UNDO_SECONDS = 15  # the toast counts ten; a slow line gets the rest


@at_hotel(Permission.STAFF_VIEW)
def roles(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Show which role holds which rights; `?role=` is the one a phone begins with."""
    context = page_context(request, hotel.pk, topics=(ROLE_MARK.name, "staff_mark"))
    matrix = matrix_of(request.user, hotel)
    asked = request.GET.get("role", "")
    known = [column.code for column in matrix.columns if column.code not in ALL_RIGHTS]
    context |= {
        "hotel": hotel,
        "matrix": matrix,
        "shown": asked if asked in known else known[0],
        "may_change": Permission.ROLE_CHANGE in context["audience"].rights,
        "others": [other for other in hotels_owned(request.user) if other.pk != hotel.pk],
    }
    return render(request, "properties/roles.html", context)


@at_hotel(Permission.ROLE_CHANGE, methods={"POST"})
def preview_roles(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Say for which role and for whom the touched ticks would change something."""
    return _preview(request, hotel, _toggles(request))


@at_hotel(Permission.ROLE_CHANGE, methods={"POST"})
@lately_proved
def change_roles(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Save the touched ticks, and only those: whoever works beside us at the matrix loses nothing."""
    toggles = _toggles(request)
    toggles_permitted(request.user, hotel, toggles)
    changed = roles_change_rights(property_id=hotel.pk, toggles=toggles)
    if not changed:
        return _done(_("Somebody else had saved the same already."), tone="amber")
    words = ngettext("%s change counts from now on.", "%s changes count from now on.", len(changed)) % len(changed)
    back = [Toggle(one.role, one.right, not one.on) for one in changed]
    facts = {"hotel": str(hotel.pk), "user": str(request.user.pk), "toggles": toggles_text(back)}
    token = signing.dumps(facts, salt=UNDO_SALT, compress=True)
    return _done(words, undo=reverse("properties:undo_roles", args=[hotel.code, token]))


@at_hotel(Permission.STAFF_VIEW, methods={"POST"})
@lately_proved
def undo_roles(request: HttpRequest, hotel: Property, token: str) -> HttpResponse:
    """Put the ticks back that this person changed a moment ago.

    The signed token names what it was: so somebody who took a right from her own role gets it back.
    """
    try:
        facts = signing.loads(token, salt=UNDO_SALT, max_age=UNDO_SECONDS)
    except signing.BadSignature:
        facts = {}
    if (facts.get("hotel"), facts.get("user")) != (str(hotel.pk), str(request.user.pk)):
        raise InvalidValue(_("It was too late to take that back. The roles stay as they are."))
    form = TogglesForm({"toggles": facts["toggles"]})
    if form.is_valid():
        roles_change_rights(property_id=hotel.pk, toggles=form.cleaned_data["toggles"])
    return _done(_("The roles are as they were"))


@at_hotel(Permission.STAFF_VIEW)
def open_role(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Show one role: who holds it, and to whom it is open, its name and its end."""
    role = role_for(request.user, pk, hotel=hotel, right=Permission.STAFF_VIEW)
    return _role_dialog(request, hotel, role)


@at_hotel(Permission.ROLE_CHANGE, methods={"POST"})
@lately_proved
def rename_role(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Call a role otherwise."""
    role = role_for_change(request.user, pk, hotel=hotel)
    outcome = save_merged(RenameRoleForm(request.POST, standard=role.is_standard()), partial(_rename, role))
    if outcome.row is not None:
        return _done(_("The role is called %s now") % outcome.row)
    return _role_dialog(request, hotel, role, name=outcome)


def _rename(
    role: Role, *, values: Mapping[str, Any], originals: Mapping[str, Any] | None, seen_version: int | None
) -> Role:
    seen_name = originals["name"] if originals else None
    return role_rename(role_id=role.pk, name=values["name"], seen_name=seen_name, seen_version=seen_version)


@at_hotel(Permission.ROLE_CHANGE, methods={"POST"})
@lately_proved
def archive_role(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Take an own role out of use; who holds it gets another one."""
    role = role_for_change(request.user, pk, hotel=hotel)
    form = ReplacementForm(request.POST, givable=_replacements(request, hotel, role))
    if form.is_valid():
        try:
            role_archive(role_id=role.pk, replacement=form.cleaned_data["replacement"] or None)
        except DomainError as error:
            add_error(form, error)
        else:
            return _done(_("The role %s is archived") % role)
    return _role_dialog(request, hotel, role, end=form)


@at_hotel(Permission.ROLE_CHANGE)
@lately_proved
def reset_role(request: HttpRequest, hotel: Property, pk: uuid.UUID) -> HttpResponse:
    """Say what would change if the role held again what it holds from the start."""
    role = role_for_change(request.user, pk, hotel=hotel)
    return _preview(request, hotel, toggles_to_standard(role))


@at_hotel(Permission.ROLE_CHANGE, methods={"GET", "POST"})
@lately_proved
def add_role(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Make a role of the hotel's own, empty or as the copy of another one."""
    sources = {role.code: role for role in roles_copyable(request.user, hotel)}
    form = NewRoleForm(request.POST or None, copies={code: str(role) for code, role in sources.items()})
    if request.method == "POST" and form.is_valid():
        source = sources.get(form.cleaned_data["copy"])
        try:
            role = role_add(
                property_id=hotel.pk, name=form.cleaned_data["name"], rights=source.rights if source else ()
            )
        except DomainError as error:
            add_error(form, error)
        else:
            return _done(_("%s is a role of the house now. Tick what it may do.") % role)
    context = {"hotel": hotel, "form": form}
    return render(request, "properties/role_add.html", context, status=422 if form.is_bound else 200)


@at_hotel(Permission.ROLE_CHANGE, methods={"GET", "POST"})
@lately_proved
def copy_roles(request: HttpRequest, hotel: Property) -> HttpResponse:
    """Let the roles of another hotel of the same owner hold what they hold here."""
    others = {other.code: other for other in hotels_owned(request.user) if other.pk != hotel.pk}
    form = CopyRolesForm(request.POST or None, hotels={code: other.name for code, other in others.items()})
    if request.method == "POST" and form.is_valid():
        other = others[form.cleaned_data["hotel"]]
        changed = roles_copy(from_property_id=hotel.pk, to_property_id=other.pk)
        words = ngettext("%(n)s role of %(hotel)s changed.", "%(n)s roles of %(hotel)s changed.", len(changed))
        return _done(words % {"n": len(changed), "hotel": other.name})
    context = {"hotel": hotel, "form": form, "others": others}
    return render(request, "properties/roles_copy.html", context, status=422 if form.is_bound else 200)


def _toggles(request: HttpRequest) -> list[Toggle]:
    form = TogglesForm(request.POST)
    if not form.is_valid():
        raise InvalidValue(_("Nothing was saved: the page was too old. Reload it and try again."))
    found: list[Toggle] = form.cleaned_data["toggles"]
    return found


def _preview(request: HttpRequest, hotel: Property, toggles: Iterable[Toggle]) -> HttpResponse:
    preview = preview_of(request.user, hotel, toggles)
    toggles_permitted(request.user, hotel, preview.toggles)
    if any(toggle.role in ALL_RIGHTS for toggle in preview.toggles):
        raise NotAllowed(Permission.ROLE_CHANGE)
    context = {"hotel": hotel, "preview": preview, "toggles": toggles_text(preview.toggles)}
    return render(request, "properties/roles_preview.html", context)


def _role_dialog(
    request: HttpRequest,
    hotel: Property,
    role: Role,
    *,
    name: Outcome | None = None,
    end: ReplacementForm | None = None,
) -> HttpResponse:
    holders = [member for member in staff_of(hotel.pk) if role.code in member.roles]
    try:
        role_for_change(request.user, role.pk, hotel=hotel)
        changeable = True
    except (NotAllowed, NotThere):
        changeable = False
    context = {
        "hotel": hotel,
        "role": role,
        "holders": holders,
        "changeable": changeable,
        "all_rights": role.code in ALL_RIGHTS,
        "differs": len(toggles_to_standard(role)) if role.is_standard() and role.code not in ALL_RIGHTS else 0,
        "name": name.form if name else RenameRoleForm.of(role, standard=role.is_standard()),
        "conflicts": name.conflicts if name else (),
        "end": end or ReplacementForm(givable=_replacements(request, hotel, role)),
    }
    status = 422 if end is not None and end.errors else name.status if name else 200
    return render(request, "properties/role_dialog.html", context, status=status)


def _replacements(request: HttpRequest, hotel: Property, role: Role) -> dict[str, str]:
    givable = roles_givable(request.user, hotel.pk)
    reserved = ALL_RIGHTS - roles_held(request.user, hotel.pk)
    return {code: label for code, label in givable.items() if code != role.code and code not in reserved}


def _done(words: str, *, undo: str = "", tone: str = "green") -> HttpResponse:
    """Answer an act: a message, perhaps a way back, the dialog closed, and the matrix read anew, socket or not."""
    toast = {"text": words, "tone": tone} | ({"undo": undo} if undo else {})
    told = {"toast": toast, "dialog:close": True, "pieces:changed": ROLE_MARK.name}
    return HttpResponse(status=204, headers={"HX-Trigger": json.dumps(told)})
