"""Bulk work on rooms: the condition of many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample

from pms.accounts.access import permitted
from pms.accounts.models import User
from pms.api.base import ApiView
from pms.api.calls import Call, Reply
from pms.api.job_views import TAG, job_operation, job_reply
from pms.api.jobs import JobKind, Line, register
from pms.core.errors import NotThere
from properties.models import Property
from properties.permissions import Permission, right_to_mark
from properties.selectors import rooms_of
from properties.services.rooms import rooms_mark

from .serializers import RoomConditionLine, RoomConditionsJobInput


def _mark(hotel: Property, user: User, lines: Sequence[Line]) -> list[Any]:
    rooms = dict(rooms_of(hotel.pk).filter(number__in=[line["room"] for line in lines]).values_list("number", "pk"))
    wanted = {}
    for line in lines:
        if line["room"] not in rooms:
            raise NotThere(_("That room"))
        permitted(user, right_to_mark(line["condition"]), hotel.pk)
        wanted[rooms[line["room"]]] = line["condition"]  # a later line for the same room wins
    by_condition = defaultdict(list)
    for pk, condition in wanted.items():
        by_condition[condition].append(pk)
    for condition, pks in sorted(by_condition.items()):
        rooms_mark(room_ids=pks, condition=condition)
    return [None] * len(lines)


CONDITIONS = register(
    JobKind(
        name="room_conditions",
        scope="rooms.write",
        right=Permission.ROOM_MARK,
        line=RoomConditionLine,
        work=_mark,
        chunk=50,
        most=5000,
    )
)


class RoomConditionsJobApi(ApiView):
    """The condition of many rooms, in the background."""

    tag = TAG

    @job_operation(
        CONDITIONS,
        summary="Mark many rooms",
        body=RoomConditionsJobInput,
        examples=[
            OpenApiExample("Two rooms", {"lines": [{"room": "101", "condition": "dirty"}]}, request_only=True),
        ],
    )
    def post(self, call: Call) -> Reply:
        """Queue the lines; a later line for the same room wins."""
        return job_reply(call, CONDITIONS)
