"""`AdminScope`: a ModelAdmin that shows managers their own hotels' rows and saves through services.

Every model of the domain that is offered in the administration is registered with this mixin in front:

    @admin.register(Room)
    class RoomAdmin(AdminScope, admin.ModelAdmin):
        view_right, add_right, change_right = "room_view", "room_change", "room_change"

        def service_add(self, request, values): return room_add(…)
        def service_change(self, request, row, values, seen_version): return room_change(…)

What it promises: lists, single rows, choices of foreign keys and actions reach no further than the hotels where the
person holds the right; a foreign row is not there (404); nothing is deleted; a refusal of a service stands at its field
and what was typed stays. Without `add_right` nothing is added, without `change_right` nothing is changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import messages
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _

from pms.accounts.access import properties_for, rights_at
from pms.core.errors import DomainError, StaleVersion
from pms.core.numbers import ColumnDecimalField

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as Base
else:
    Base = object

SEEN = "seen_version"
SHOWN = "initial-"  # what Django puts in front of the hidden field that holds what a form showed


class ScopedForm(forms.ModelForm):
    """A form that remembers which version of the row it was made from, so that nobody's work is overwritten."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.instance._state.adding and hasattr(self.instance, "version"):
            self.fields[SEEN] = forms.IntegerField(widget=forms.HiddenInput, initial=self.instance.version)


class AdminScope(Base):
    """The mixin; see the module's words for its contract."""

    view_right: ClassVar[str] = ""
    add_right: ClassVar[str] = ""
    change_right: ClassVar[str] = ""
    # What a row is made with and keeps: asked when it is added, shown ever after.
    fixed: ClassVar[tuple[str, ...]] = ()
    # From the model to the property; by default what the model says itself.
    scope_path: ClassVar[str] = ""
    form: Any = ScopedForm
    formfield_overrides: ClassVar = {models.DecimalField: {"form_class": ColumnDecimalField}}
    actions_on_top = True
    list_per_page = 50

    # --- who may reach what -------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Return only rows of hotels where the person holds the right to see them."""
        rows = super().get_queryset(request)
        ids = properties_for(request.user, self.view_right)
        return rows if ids is None else rows.filter(**{f"{self._path()}__in": ids})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row, or answer 404: a foreign one does not exist for this person."""
        row = super().get_object(request, object_id, from_field)
        if row is None:
            raise Http404
        return row

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Tell whether the person sees rows of this kind in any hotel."""
        return self._holds(request, self.view_right, None)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the person may see the row (or rows of this kind at all)."""
        return self._holds(request, self.view_right, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Tell whether the person may add rows of this kind anywhere."""
        return self._holds(request, self.add_right, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Tell whether the person may change the row (or rows of this kind at all)."""
        return self._holds(request, self.change_right, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: history is never deleted; what is no longer used is archived."""
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Offer only rows of hotels where the person holds the right to write; an only hotel is chosen already."""
        target = db_field.remote_field.model
        path = "pk" if target is apps.get_model(settings.TENANT_MODEL) else getattr(target, "tenant_path", "")
        ids = properties_for(request.user, self.change_right or self.add_right)
        if path and ids is not None:
            rows = options.get("queryset", target._default_manager.all())
            options["queryset"] = rows.filter(**{f"{path}__in": ids})
            if path == "pk" and len(ids) == 1:
                options["initial"] = next(iter(ids))
        return super().formfield_for_foreignkey(db_field, request, **options)

    def _holds(self, request: HttpRequest, right: str, row: Any) -> bool:
        if not right:
            return False
        if row is not None and not row._state.adding:
            return any(right in rights_at(request.user, property_id) for property_id in self.properties_of(row))
        ids = properties_for(request.user, right)
        return ids is None or bool(ids)

    def properties_of(self, row: Any) -> tuple[uuid.UUID, ...]:
        """Return the hotels that a row belongs to."""
        own: tuple[uuid.UUID, ...] = row.property_ids()
        return own

    def _path(self) -> str:
        return self.scope_path or getattr(self.model, "tenant_path", "") or "property_id"

    # --- saving ---------------------------------------------------------------------------------------------------

    def service_add(self, request: HttpRequest, values: dict[str, Any]) -> Any:
        """Make a row of `values` by the service and return it; asked only where `add_right` is set."""
        raise NotImplementedError

    def service_change(self, request: HttpRequest, row: Any, values: dict[str, Any], seen_version: int | None) -> Any:
        """Change the touched fields by the service and return the row; asked only where `change_right` is set."""
        raise NotImplementedError

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return what is never written, and for a row that exists what it keeps."""
        return [*super().get_readonly_fields(request, obj), *(self.fixed if obj else ())]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the declared fields and the version the form was made from."""
        fields = list(super().get_fields(request, obj))
        changing = obj is not None and hasattr(obj, "version") and self.has_change_permission(request, obj)
        return [*fields, SEEN] if changing and SEEN not in fields else fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """Return the form; after a refusal it carries the service's words."""
        # The version is no field of the model's form, so the factory must not look for it.
        options["fields"] = [name for name in self.get_fields(request, obj) if name != SEEN]
        form = super().get_form(request, obj, change, **options)
        refusal: DomainError | None = getattr(request, "refusal", None)
        return form if refusal is None else type("RefusedForm", (form,), {"clean": _refused(form, refusal)})

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        """Let the form send what it showed, so that a field nobody touched never counts as changed."""
        field = super().formfield_for_dbfield(db_field, request, **options)
        if field is not None:
            field.show_hidden_initial = True
        return field

    def changeform_view(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Show the form, or save it by the service; a refusal shows the form again with everything typed."""
        try:
            return super().changeform_view(request, *args, **options)
        except DomainError as refusal:
            # The transaction of the first try is rolled back by now.
            if isinstance(refusal, StaleVersion):
                request.POST = self._seen_anew(request, refusal, *args)  # type: ignore[assignment]
            request.refusal = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, *args, **options)

    def _seen_anew(self, request: HttpRequest, conflict: StaleVersion, object_id: str, *_rest: Any) -> QueryDict:
        """Return what was sent as a form that shows what stands now would send it: saving again keeps "mine"."""
        row, sent = self.get_object(request, object_id), request.POST.copy()
        for name in [field.name for field in row._meta.concrete_fields if SHOWN + field.name in sent]:
            key = SHOWN + name
            untouched, now = sent.getlist(name) == sent.getlist(key), _as_sent(row.serializable_value(name))
            sent.setlist(key, now)
            if untouched:
                sent.setlist(name, now)
        sent[SEEN] = str(conflict.version)
        return sent

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001
        """Save by the service; the row that Django goes on with becomes the service's."""
        facts = form.cleaned_data
        if change:
            values = {name: facts[name] for name in form.changed_data if name in facts and name != SEEN}
            saved = self.service_change(request, obj, values, facts.get(SEEN)) if values else None
        else:
            property_id = getattr(facts.get("property"), "pk", None)
            if property_id is not None and self.add_right not in rights_at(request.user, property_id):
                raise Http404
            saved = self.service_add(request, facts)
        if saved is not None:
            obj.__dict__.update(saved.__dict__)

    def each(self, request: HttpRequest, rows: models.QuerySet[Any], act: Callable[[Any], Any], done: str) -> None:
        """Do `act` for each chosen row that the person may change, and say what was done and what was refused."""
        count = 0
        for row in rows:
            if not self.has_change_permission(request, row):
                continue
            try:
                act(row)
                count += 1
            except DomainError as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.ERROR)
        if count:
            self.message_user(request, f"{done} {_('Rows: %s.') % count}", messages.SUCCESS)


def _as_sent(value: Any) -> list[str]:
    """Return a stored value as a hidden field of a form sends it."""
    if isinstance(value, list | tuple):
        return [str(one) for one in value]
    return ["" if value is None else str(value)]


def _two_values(theirs: Any) -> str:
    words = _("Somebody else saved “%(theirs)s” here meanwhile. Save again to keep yours, or type theirs.")
    return words % {"theirs": ", ".join(_as_sent(theirs))}


def _refused(form: type[forms.ModelForm], refusal: DomainError) -> Callable[[Any], Any]:
    def clean(self: Any) -> Any:
        facts = form.clean(self)
        if isinstance(refusal, StaleVersion):
            for name, (_mine, theirs) in refusal.conflicts.items():
                self.add_error(name if name in self.fields else None, _two_values(theirs))
            return facts
        self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
        return facts

    return clean
