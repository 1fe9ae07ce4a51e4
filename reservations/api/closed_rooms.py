"""Operations on closed rooms: out of order and out of service, as partners and programs of maintenance see them."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers

from pms.api.base import ApiView
from pms.api.calls import Call
from pms.api.fields import IdField, Input, NightField, OptionalNightsQuery, Patch
from pms.api.operations import operation
from pms.api.paging import Page
from pms.api.shapes import ActionOutput, Overridable, action
from pms.core.errors import NotThere
from properties.models import Room
from properties.permissions import Permission as HotelPermission
from reservations.models import OutOfOrder
from reservations.permissions import Permission
from reservations.selectors.out_of_order import closed_room_for, closed_rooms_of
from reservations.selectors.partners import room_numbered
from reservations.services.out_of_order import out_of_order_change, out_of_order_end, out_of_order_set

from .overrides import accepted

TAG = "rooms"
REFUSALS = ["room_needed", "room_closed", "not_available", "night_not_open", "invalid_value"]


class OutOfOrderOutput(serializers.Serializer):
    """A room that is closed for some nights."""

    id = IdField()
    room = serializers.CharField(source="room.number", help_text="Its number.")
    # `from` is a word of Python: named below.
    to = serializers.DateField(source="last", help_text="The last night, included.")
    kind = serializers.ChoiceField(choices=OutOfOrder.Kind.choices)
    reason = serializers.CharField()
    return_condition = serializers.ChoiceField(choices=Room.Condition.choices, help_text="How it is afterwards.")
    version = serializers.IntegerField()
    actions = serializers.SerializerMethodField(help_text="What can be done with it.")

    def get_actions(self, closed: OutOfOrder) -> list[dict[str, Any]]:
        """Return whether the room can still be opened early: opening one that is open changes nothing."""
        return [action("end", [])]

    get_actions._spectacular_annotation = {"field": ActionOutput(many=True)}  # type: ignore[attr-defined]

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return the fields with `from`, the first night."""
        return {**super().get_fields(), "from": serializers.DateField(source="first", help_text="The first night.")}


class OutOfOrderInput(Overridable, Input):
    """A room to be closed; `override` `not_available` closes it where its type is sold out."""

    room = serializers.CharField(max_length=12, help_text="Its number.")
    to = NightField(help_text="The last night, included.")
    kind = serializers.ChoiceField(choices=OutOfOrder.Kind.choices)
    # `reason` is the one of the room; it stands for the override too.
    reason = serializers.CharField(max_length=200)
    return_condition = serializers.ChoiceField(
        choices=Room.Condition.choices, required=False, default=Room.Condition.DIRTY
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        """Return the fields with `from`, the first night."""
        return {**super().get_fields(), "from": NightField(help_text="The first night.")}


class OutOfOrderPatch(Patch):
    """How long a room stays closed, why, and how it is afterwards."""

    to = NightField(required=False, source="last", help_text="The last night, included; judged as a new period is.")
    reason = serializers.CharField(required=False, max_length=200)
    return_condition = serializers.ChoiceField(required=False, choices=Room.Condition.choices)


class EndInput(Input):
    """Nothing."""


class OutOfOrderListApi(ApiView):
    """Rooms that are or were closed."""

    tag = TAG
    overridable: ClassVar[dict[str, str]] = {"not_available": Permission.OVERBOOK}

    @operation(
        summary="List the closed rooms",
        scope="rooms.read",
        right=HotelPermission.ROOM_VIEW,
        query=OptionalNightsQuery,
        output=OutOfOrderOutput,
        paged=True,
    )
    def get(self, call: Call) -> Page:
        """Return the periods by their first night; `from` and `to` ask for those with one of these nights."""
        filters: dict[str, Any] = {}
        if "from" in call.query:
            filters["nights__endswith__gt"] = call.query["from"]
        if "to" in call.query:
            filters["nights__startswith__lte"] = call.query["to"]
        return call.page(closed_rooms_of(call.hotel).filter(**filters), order=("id",))

    @operation(
        summary="Close a room",
        scope="rooms.close",
        right=Permission.ROOM_CLOSE,
        body=OutOfOrderInput,
        output=OutOfOrderOutput,
        status=201,
        dry_run=True,
        refusals=REFUSALS,
        examples=[
            OpenApiExample(
                "A shower that drips",
                {
                    "room": "204", "from": "2026-03-14", "to": "2026-03-16", "kind": "out_of_order",
                    "reason": "Shower drips", "return_condition": "dirty",
                },
                request_only=True,
            )
        ],
    )  # fmt: skip
    def post(self, call: Call) -> Any:
        """Close the room for these nights; out of order takes it out of what can be sold."""
        room = room_numbered(call.hotel, call.data["room"])
        if room is None:
            raise NotThere(_("That room"))
        return out_of_order_set(
            hotel=call.hotel,
            room_id=room.pk,
            kind=call.data["kind"],
            first=call.data["from"],
            last=call.data["to"],
            reason=call.data["reason"],
            return_condition=call.data["return_condition"],
            forced=bool(accepted(call, self.overridable)),
        )


class OutOfOrderApi(ApiView):
    """One closed room."""

    tag = TAG

    @operation(
        summary="Read a closed room", scope="rooms.read", right=HotelPermission.ROOM_VIEW, output=OutOfOrderOutput
    )
    def get(self, call: Call, out_of_order_id: uuid.UUID) -> Any:
        """Return the period."""
        return closed_room_for(call.user, HotelPermission.ROOM_VIEW, out_of_order_id, hotel=call.hotel)

    @operation(
        summary="Change how long a room stays closed",
        scope="rooms.close",
        right=Permission.ROOM_CLOSE,
        body=OutOfOrderPatch,
        output=OutOfOrderOutput,
        versioned=True,
        refusals=[*REFUSALS, "stale_version", "version_required"],
    )
    def patch(self, call: Call, out_of_order_id: uuid.UUID) -> Any:
        """Change what was sent; more nights are refused as a new period is."""
        row = closed_room_for(call.user, Permission.ROOM_CLOSE, out_of_order_id, hotel=call.hotel)
        return out_of_order_change(hotel=call.hotel, out_of_order_id=row.pk, values=call.values, seen_version=call.seen)


class OutOfOrderEndApi(ApiView):
    """The end of a period before its time."""

    tag = TAG

    @operation(
        summary="Open a closed room again",
        scope="rooms.close",
        right=Permission.ROOM_CLOSE,
        body=EndInput,
        output=OutOfOrderOutput,
    )
    def post(self, call: Call, out_of_order_id: uuid.UUID) -> Any:
        """Open it from the business date on; it is then in its return condition."""
        row = closed_room_for(call.user, Permission.ROOM_CLOSE, out_of_order_id, hotel=call.hotel)
        return out_of_order_end(hotel=call.hotel, out_of_order_id=row.pk)
