"""Operations that exist in tests only: they create, move money, fail in every way, to try the kernel around them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError, connection
from django.urls import include, path
from rest_framework import serializers

from pms.api.base import ApiView
from pms.api.calls import Call, Reply
from pms.api.fields import CommaSeparated, Input, MoneyField, NightField, NightsQuery, Query
from pms.api.operations import Deprecated, operation
from pms.core.errors import Busy, DomainError, Kind
from properties.models import RoomType
from properties.permissions import Permission
from properties.services import room_type_add


class PeriodShut(DomainError, code="period_shut", kind=Kind.CLOSED):
    """Only for tests: the period is closed."""


class Person(Input):
    name = serializers.CharField(max_length=20)


class TypeInput(Input):
    code = serializers.CharField(max_length=12)
    name = serializers.CharField(max_length=100)
    price = MoneyField(required=False)
    from_night = NightField(required=False)
    people = Person(many=True, required=False)


class TypeOutput(serializers.Serializer):
    id = serializers.CharField()
    code = serializers.CharField()
    version = serializers.IntegerField()


class TypeListApi(ApiView):
    """Room types, made and read back."""

    @operation(
        summary="Make",
        scope="rooms.write",
        right=Permission.ROOM_MARK,
        body=TypeInput,
        output=TypeOutput,
        status=201,
        key="required",
    )
    def post(self, call: Call) -> Reply:
        """Make one; the code FAIL fails after the work was done."""
        made = room_type_add(property_id=call.hotel.pk, code=call.data["code"], name=call.data["name"])
        if call.data["code"] == "FAIL":
            raise PeriodShut("Shut. Nothing was done.", day="2026-03-14")
        return Reply(content=made, location=f"{call.request.path}/{made.pk}")

    @operation(summary="List", scope="rooms.read", right=Permission.ROOM_VIEW, output=TypeOutput, paged=True)
    def get(self, call: Call) -> Any:
        """List, newest first."""
        return call.page(RoomType.objects.filter(property=call.hotel), order=("-rank", "-created_at", "id"))


class ComputedApi(ApiView):
    """A list that no table holds."""

    @operation(summary="Count", scope="rooms.read", right=Permission.ROOM_VIEW, paged=True)
    def get(self, call: Call) -> Any:
        """Return 1 to 7 in disorder."""
        return call.page([{"n": n, "half": n // 2} for n in (3, 1, 7, 5, 2, 6, 4)], order=("half", "n"))


class NightsApi(ApiView):
    """Nights and lists in the address."""

    class Parameters(NightsQuery):
        children = CommaSeparated(serializers.IntegerField(min_value=0, max_value=17), required=False)

    @operation(summary="Nights", scope="rooms.read", right=Permission.ROOM_VIEW, query=Parameters)
    def get(self, call: Call) -> Any:
        """Say what was understood."""
        query = call.query
        return {"first": query["from"], "last": query["to"], "children": query.get("children")}


class FaultQuery(Query):
    kind = serializers.CharField()


class FaultApi(ApiView):
    """Fails as asked."""

    @operation(summary="Fail", scope="rooms.read", right=Permission.ROOM_VIEW, query=FaultQuery)
    def get(self, call: Call) -> Any:
        """Raise."""
        kind = call.query["kind"]
        if kind == "data":
            with connection.cursor() as cursor:
                cursor.execute("SELECT 99999999999::int")
        if kind == "lock":
            with connection.cursor() as cursor:
                cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$")
        raise {
            "fault": ZeroDivisionError("secret inner detail"),
            "busy": Busy(),
            "closed": PeriodShut("Shut. Nothing was done.", status="not me", day="2026-03-14"),
            "database": OperationalError("the connection is lost"),
            "large": RequestDataTooBig("too large"),
            "odd": SuspiciousOperation("odd"),
        }[kind]


class OldApi(ApiView):
    """An operation that goes away."""

    @operation(
        summary="Old",
        scope="rooms.read",
        right=Permission.ROOM_VIEW,
        deprecated=Deprecated(dt.date(2026, 1, 1), dt.date(2027, 2, 1), "`GET …/rooms`"),
    )
    def get(self, call: Call) -> Any:
        """Answer as ever."""
        return {"n": 1}


class SecretApi(ApiView):
    """Tells something once."""

    @operation(summary="Tell", scope="rooms.write", right=Permission.ROOM_MARK, status=201)
    def post(self, call: Call) -> Reply:
        """Answer with a secret that no record keeps."""
        return Reply(content={"n": 1}, told_once={"secret": "s3cret"})


HOTEL = "api/v1/properties/<str:property_code>"
urlpatterns = [
    path(f"{HOTEL}/probe/types", TypeListApi.as_view()),
    path(f"{HOTEL}/probe/computed", ComputedApi.as_view()),
    path(f"{HOTEL}/probe/nights", NightsApi.as_view()),
    path(f"{HOTEL}/probe/faults", FaultApi.as_view()),
    path(f"{HOTEL}/probe/old", OldApi.as_view()),
    path(f"{HOTEL}/probe/secret", SecretApi.as_view()),
    path("", include("pms.urls")),
]
handler400 = "pms.api.views.bad_request"
handler500 = "pms.api.views.server_error"
