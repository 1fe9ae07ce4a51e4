"""`ApiView`: the way of every request of the public API, from the token to the answer.

Authenticate → throttle → hotel → scope → right → read parameters and body → run → answer. Each step that refuses does
so before the next one could tell anything.
"""

from __future__ import annotations

import datetime as dt
from functools import wraps
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from pms.accounts import access
from pms.core.errors import NotThere
from pms.core.idempotency import KeyRequired

from .authentication import ClientAuthentication, Grant
from .calls import Call
from .errors import InsufficientScope, UnknownParameter, Unreadable
from .execution import execute
from .expansions import allowed
from .operations import Operation
from .problems import MethodNotHere
from .schema import OperationSchema
from .selectors import hotel_by_code
from .services import api_use_note
from .throttle import Rate, take
from .versions import seen_version

METHODS = ("get", "post", "put", "patch", "delete")


class ApiView(APIView):
    """The base of all views of the public API; its methods are declared by `@operation`.

    Where the address has a `property_code`, the hotel is resolved by `pms.accounts.access`: a client of another hotel
    gets 404, as if it were not there.
    """

    operations: ClassVar[dict[str, Operation]] = {}
    tag: ClassVar[str] = ""
    authentication_classes = [ClientAuthentication]
    permission_classes = []
    throttle_classes = []
    http_method_names = [*METHODS, "head"]
    schema = OperationSchema()
    rate: Rate | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Collect the declared operations and refuse a method without a declaration: it would be open to all."""
        super().__init_subclass__(**options)
        cls.operations = dict(cls.operations)
        for name in METHODS:
            handler = cls.__dict__.get(name)
            if handler is None:
                continue
            declared = getattr(handler, "operation", None)
            if declared is None:
                raise TypeError(f"{cls.__name__}.{name} declares no scope: decorate it with @operation(…).")
            cls.operations[name.upper()] = declared
            setattr(cls, name, _running(handler))

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer the request; moments are written in UTC whatever zone a page left behind in this thread."""
        with timezone.override(dt.UTC):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Do everything that may refuse before the work begins, and leave the `Call` for it."""
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        grant = self._grant(request)
        self._throttle(grant)
        api_use_note(subject_id=grant.given.pk if grant.given else grant.client.pk)
        operation = self._operation(request)
        hotel = self._hotel(request, kwargs)
        if operation.scope not in grant.scopes:
            raise InsufficientScope(operation.scope)
        if hotel is not None:
            access.permitted(request.user, operation.right, hotel.pk)
        context = {"hotel": hotel, "currency": getattr(hotel, "currency", None)}
        query = _read_query(request, operation, context)
        data = _read_body(request, operation, context)
        self.call = Call(
            request=request,
            user=grant.user,
            grant=grant,
            operation=operation,
            hotel=hotel,
            data=data,
            query=query,
            seen=seen_version(request.headers.get("If-Match"), data.get("version")),
            key=_read_key(request),
        )
        allowed(self.call)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Add what every answer carries: the client's standing, and that nobody may keep guests' data."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers.setdefault("Cache-Control", "private, no-store")
        operation = self.operations.get("GET" if request.method == "HEAD" else request.method or "")
        more = self.rate.headers() if self.rate else {}
        if operation is not None and operation.deprecated is not None:
            more |= operation.deprecated.headers()
            more["Link"] = f'<{settings.SITE_URL}{reverse("api:docs")}>; rel="deprecation"; type="text/html"'
        for name, value in more.items():
            answer[name] = value
        return answer

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        """Refuse a method this address does not know."""
        raise MethodNotHere(request.method or "", sorted(self.operations))

    def _grant(self, request: Request) -> Grant:
        if not isinstance(request.auth, Grant):
            raise exceptions.NotAuthenticated
        return request.auth

    def _throttle(self, grant: Grant) -> None:
        self.rate = take(f"client:{grant.client.pk}", grant.client.rate_per_minute)
        if not self.rate.allowed:
            raise exceptions.Throttled(wait=self.rate.reset)

    def _operation(self, request: Request) -> Operation:
        method = "GET" if request.method == "HEAD" else request.method or ""
        if method not in self.operations:
            raise MethodNotHere(method, sorted(self.operations))
        return self.operations[method]

    def _hotel(self, request: Request, kwargs: dict[str, Any]) -> Any:
        """Return the hotel of the address, if the client is bound to it; the right is asked after the scope."""
        if any("\x00" in str(value) for value in kwargs.values()):
            raise NotThere
        if "property_code" not in kwargs:
            return None
        hotel = hotel_by_code(kwargs["property_code"])
        if not access.works_at(request.user, hotel.pk):
            raise NotThere(_("That hotel"))
        return hotel


def _running(handler: Any) -> Any:
    """Return the method as Django calls it; the declared one gets the `Call` instead of the request."""

    @wraps(handler)
    def method(self: ApiView, request: Request, *args: Any, **kwargs: Any) -> Response:
        kwargs.pop("property_code", None)
        return execute(self.call, lambda: handler(self, self.call, **kwargs))

    return method


def _read_query(request: Request, operation: Operation, context: dict[str, Any]) -> dict[str, Any]:
    """Return the validated parameters; one that is not declared, or given twice, is refused."""
    given = request.query_params
    readers = [reader(data={}, context=context) for reader in operation.parameters()]
    known = {str(name) for reader in readers for name in reader.fields}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise UnknownParameter(sorted(unknown))
    for name, values in given.lists():
        if len(values) > 1 or "\x00" in values[0]:
            raise Unreadable(f"The parameter {name} can be given once, as plain text. Nothing was done.", field=name)
    found: dict[str, Any] = {}
    for reader in readers:
        reader.initial_data = {name: given[name] for name in given if name in dict(reader.fields)}
        reader.is_valid(raise_exception=True)
        found |= reader.validated_data
    return found


def _read_body(request: Request, operation: Operation, context: dict[str, Any]) -> dict[str, Any]:
    """Return the validated body, {} where the operation takes none (an empty object is welcome there)."""
    if not operation.writes:
        return {}
    request._request.body  # noqa: B018 - read before the parser takes the stream: a fingerprint needs the bytes
    try:
        data = request.data
    except RecursionError as error:
        raise Unreadable("The body is nested too deeply. Nothing was done.") from error
    if operation.body is None:
        if data not in ({}, None, b"", ""):
            raise Unreadable("This operation takes no body. Nothing was done.")
        return {}
    reader = operation.body(data=data, partial=operation.method == "PATCH", context=context)
    reader.is_valid(raise_exception=True)
    return dict(reader.validated_data)


def _read_key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if key and not (len(key) <= 200 and key.isascii() and key.isprintable()):
        raise KeyRequired("An Idempotency-Key is plain text of at most 200 characters. Nothing was done.")
    return key
