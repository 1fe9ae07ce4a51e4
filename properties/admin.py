"""The administration for managers: settings, room types, rooms and staff of their own hotels; the audit log to read."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from pms.accounts.access import properties_for
from pms.core import slots
from pms.core.models import AuditEntry
from pms.events.models import Delivery
from pms.events.parking import delivery_discard, delivery_replay

from .admin_scope import AdminScope, ScopedForm
from .audit_words import PERSONAL
from .models import CityTax, Membership, Property, Room, RoomType, TaxRate
from .permissions import Permission
from .selectors import membership_for_change, role_labels, roles_givable
from .services import (
    city_tax_add,
    city_tax_change,
    hotel_change,
    room_add,
    room_archive,
    room_change,
    room_type_add,
    room_type_archive,
    room_type_change,
    staff_set_roles,
    tax_rate_add,
    tax_rate_change,
)

admin.site.site_header = _("Administration")
admin.site.site_title = _("Administration")
admin.site.index_title = _("Your hotels")
admin.site.site_url = None  # "Back to work" leads there


@admin.register(Property)
class HotelAdmin(AdminScope, admin.ModelAdmin):
    """Settings of the hotels."""

    view_right = change_right = Permission.HOTEL_CHANGE
    list_display = ("name", "code", "business_date", "time_zone", "currency")
    search_fields = ("name", "code")
    fields = (
        "name",
        "address",
        "tax_number",
        "code",
        "organization",
        "business_date",
        "time_zone",
        "currency",
        "locale",
        "check_in_time",
        "check_out_time",
        "audit_time",
        "accent_hue",
    )
    readonly_fields = ("code", "organization", "business_date", "time_zone", "currency")

    def service_change(
        self, request: HttpRequest, row: Property, values: dict[str, Any], seen_version: int | None
    ) -> Property:
        """Change the settings."""
        return hotel_change(property_id=row.pk, values=values, seen_version=seen_version)


@admin.register(RoomType)
class RoomTypeAdmin(AdminScope, admin.ModelAdmin):
    """What the hotels sell."""

    view_right = Permission.ROOM_VIEW
    add_right = change_right = Permission.ROOM_CHANGE
    list_display = ("name", "code", "property", "rank", "max_adults", "max_children", "archived_at")
    list_filter = ("inspect_departures", ("archived_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "code")
    fields = ("property", "code", "name", "rank", "max_adults", "max_children", "inspect_departures")
    fixed: ClassVar[tuple[str, ...]] = ("property",)
    actions = ("archive",)

    def service_add(self, request: HttpRequest, values: dict[str, Any]) -> RoomType:
        """Make the type."""
        return room_type_add(property_id=values.pop("property").pk, **values)

    def service_change(
        self, request: HttpRequest, row: RoomType, values: dict[str, Any], seen_version: int | None
    ) -> RoomType:
        """Change the type."""
        return room_type_change(room_type_id=row.pk, values=values, seen_version=seen_version)

    @admin.action(description=_("Archive the chosen room types"), permissions=["change"])
    def archive(self, request: HttpRequest, rows: QuerySet[RoomType]) -> None:
        """Take types out of use that have no rooms any more."""
        self.each(request, rows, lambda row: room_type_archive(room_type_id=row.pk), str(_("Archived.")))


@admin.register(Room)
class RoomAdmin(AdminScope, admin.ModelAdmin):
    """The rooms; their condition is marked on the rooms page."""

    view_right = Permission.ROOM_VIEW
    add_right = change_right = Permission.ROOM_CHANGE
    list_display = ("number", "room_type", "floor", "condition", "occupancy", "property", "archived_at")
    list_filter = ("condition", "occupancy", ("archived_at", admin.EmptyFieldListFilter))
    list_select_related = ("room_type", "property")
    search_fields = ("number",)
    ordering = ("property__name", "sort_key")
    fields = ("property", "room_type", "number", "floor")
    fixed: ClassVar[tuple[str, ...]] = ("property",)
    actions = ("archive",)

    def service_add(self, request: HttpRequest, values: dict[str, Any]) -> Room:
        """Add the room."""
        return room_add(
            property_id=values["property"].pk,
            room_type_id=values["room_type"].pk,
            number=values["number"],
            floor=values["floor"],
        )

    def service_change(self, request: HttpRequest, row: Room, values: dict[str, Any], seen_version: int | None) -> Room:
        """Change number, floor or type."""
        return room_change(room_id=row.pk, values=values, seen_version=seen_version)

    @admin.action(description=_("Archive the chosen rooms"), permissions=["change"])
    def archive(self, request: HttpRequest, rows: QuerySet[Room]) -> None:
        """Take rooms out of the house for good."""
        self.each(request, rows, lambda row: room_archive(room_id=row.pk), str(_("Archived.")))


class TaxAdmin(AdminScope, admin.ModelAdmin):
    """What both kinds of tax have in common: whoever sets the hotel up sets its taxes."""

    view_right = add_right = change_right = Permission.HOTEL_CHANGE
    fixed: ClassVar[tuple[str, ...]] = ("property",)


@admin.register(TaxRate)
class TaxRateAdmin(TaxAdmin):
    """Value added tax; a new rate is a new row with its date, so that each night finds its own."""

    list_display = ("name", "code", "percent", "valid_from", "property")
    fields = ("property", "code", "name", "percent", "valid_from")
    fixed: ClassVar[tuple[str, ...]] = ("property", "code")  # prices and sold nights name it

    def service_add(self, request: HttpRequest, values: dict[str, Any]) -> TaxRate:
        """Add the rate."""
        return tax_rate_add(hotel=values.pop("property"), **values)

    def service_change(
        self, request: HttpRequest, row: TaxRate, values: dict[str, Any], seen_version: int | None
    ) -> TaxRate:
        """Change the rate."""
        return tax_rate_change(tax_rate_id=row.pk, values=values, seen_version=seen_version)


@admin.register(CityTax)
class CityTaxAdmin(TaxAdmin):
    """What the city takes per person and night."""

    list_display = ("name", "base", "amount", "percent", "min_age", "max_nights", "valid_from", "property")
    fields = ("property", "name", "base", "amount", "percent", "min_age", "max_nights", "valid_from")

    def service_add(self, request: HttpRequest, values: dict[str, Any]) -> CityTax:
        """Add the rule."""
        return city_tax_add(hotel=values.pop("property"), **values)

    def service_change(
        self, request: HttpRequest, row: CityTax, values: dict[str, Any], seen_version: int | None
    ) -> CityTax:
        """Change the rule."""
        return city_tax_change(city_tax_id=row.pk, values=values, seen_version=seen_version)


class MembershipForm(ScopedForm):
    """The roles of a person, only those the manager may give."""

    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)

    class Meta:
        model = Membership
        fields = ("roles",)


@admin.register(Membership)
class MembershipAdmin(AdminScope, admin.ModelAdmin):
    """Who works where; people are added on the staff page, which mails them their link."""

    form = MembershipForm
    view_right, change_right = Permission.STAFF_VIEW, Permission.STAFF_CHANGE
    list_display = ("user", "property", "role_names")
    list_select_related = ("user", "property")
    search_fields = ("user__name", "user__email")
    fields = ("user", "property", "roles")
    readonly_fields = ("user", "property")

    @admin.display(description=_("roles"))
    def role_names(self, row: Membership) -> str:
        """Return the roles in words."""
        return ", ".join(role_labels(row))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:  # noqa: FBT001, FBT002
        """Offer the roles that this manager may give at this hotel."""
        form = super().get_form(request, obj, change, **options)
        if obj is not None and "roles" in form.base_fields:
            form.base_fields["roles"].choices = list(roles_givable(request.user, obj.property_id).items())
        return form

    def service_change(
        self, request: HttpRequest, row: Membership, values: dict[str, Any], seen_version: int | None
    ) -> Membership:
        """Give the roles, if the changer stands above all of them."""
        member = membership_for_change(request.user, row.pk, hotel=row.property)
        return staff_set_roles(membership_id=member.pk, roles=values["roles"], seen_version=seen_version)


class DeliveryActionForm(ActionForm):
    """The chosen act, and why: asked where work is given up."""

    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)


@admin.register(Delivery)
class DeliveryAdmin(AdminScope, admin.ModelAdmin):
    """What is owed to receivers of events: parked work is sent again, or given up with a reason."""

    view_right = Permission.WORK_MANAGE
    form = forms.ModelForm
    action_form = DeliveryActionForm
    actions = ("replay", "discard")
    list_display = ("receiver", "event", "state", "tries", "due_at", "parked_at", "error")
    list_select_related = ("event",)
    list_filter = ("state", "receiver")
    search_fields = ("receiver", "error")
    ordering = ("-id",)
    show_full_result_count = False
    fields = ("receiver", "event", "state", "tries", "first_tried_at", "due_at", "parked_at", "done_at", "error")

    @admin.action(description=_("Send the chosen parked work again"), permissions=["view"])
    def replay(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        """Put parked deliveries back into their lanes."""
        done = sum(delivery_replay(delivery_id=row.pk) for row in rows)
        self.message_user(request, _("Sent again: %s.") % done, messages.SUCCESS)

    @admin.action(description=_("Give up the chosen parked work (with a reason)"), permissions=["view"])
    def discard(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        """Give up parked deliveries for good."""
        reason = request.POST.get("reason", "").strip()[:200]
        if not reason:
            self.message_user(request, _("Say why, beside the act. Nothing was given up."), messages.ERROR)
            return
        done = sum(delivery_discard(delivery_id=row.pk, reason=reason) for row in rows)
        self.message_user(request, _("Given up: %s.") % done, messages.SUCCESS)


# The audit library registers an administration of its own that knows no hotels: ours takes its place.
import auditlog.admin  # noqa: E402, F401
import django.contrib.auth.admin  # noqa: E402, F401

admin.site.unregister(AuditEntry)
# Groups hold the rights of roles: the services keep them in step, a hand would only bring them out of it.
admin.site.unregister(Group)


@admin.register(AuditEntry)
class AuditEntryAdmin(AdminScope, admin.ModelAdmin):
    """The audit log, to read."""

    view_right = Permission.AUDIT_VIEW
    scope_path = "property_id"
    form = forms.ModelForm
    list_display = ("timestamp", "actor", "content_type", "object_repr", "act", "remote_addr", "via")
    list_select_related = ("actor", "content_type")
    list_filter = ("action", "via")
    search_fields = ("object_repr", "request_id")
    show_full_result_count = False
    fields = ("timestamp", "actor", "remote_addr", "via", "request_id", "content_type", "object_repr", "act", "changes")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """Return the entries without those about persons, in hotels where the reader may not see who they are."""
        rows = super().get_queryset(request)
        for entry in slots.entries(PERSONAL):
            shown = properties_for(request.user, entry.right)
            if shown is not None:
                about = Q(content_type=ContentType.objects.get_for_model(entry.provider()))
                rows = rows.exclude(about & ~Q(property_id__in=shown))
        return rows

    def properties_of(self, row: AuditEntry) -> tuple[uuid.UUID, ...]:
        """Return the hotel the entry belongs to, if it belongs to one."""
        return (row.property_id,) if row.property_id else ()
