"""The pretended site's interface for hotels: strict as documented, with the faults that were ordered."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse

from channel_manager.errors import ChannelAnswerUnreadable
from channel_manager.xml import Element, attribute, find, find_all, local_name, parse

from . import writing
from .state import MODIFY, NEW, SITE, Booking

XML = "application/xml; charset=utf-8"
WRONG_TYPE = "Hotel reservation has transaction message of the wrong type"
ROOTS = {NEW: ("OTA_HotelResNotifRS", "HotelReservations/HotelReservation"),
         MODIFY: ("OTA_HotelResModifyNotifRS", "HotelResModifies/HotelResModify")}  # fmt: skip
YEARS = 5

View = Callable[..., HttpResponse]


def xml(text: str, status: int = 200) -> HttpResponse:
    """Return an answer in XML."""
    return HttpResponse(text, content_type=XML, status=status)


def endpoint(place: str) -> Callable[[View], View]:
    """Wrap an endpoint: it logs the call and lets ordered faults happen; "ack" is the POST of a queue."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            here = "ack" if place in (NEW, MODIFY) and request.method == "POST" else place
            with SITE.lock:
                fault = SITE.fault_at(here)
                call = {"at": time.monotonic(), "place": place, "method": request.method, "fault": fault and fault.kind}
                SITE.calls.append(call)
            if fault and fault.kind == "hang":
                time.sleep(fault.seconds)
            if fault and fault.kind in ("500", "503", "429"):
                response = xml(f"<fault/>{writing.reference()}", int(fault.kind))
                response["Retry-After"] = "1"
                return response
            response = view(request, *args, **kwargs)
            call["status"] = response.status_code
            if fault and fault.kind == "lost":  # all was done, but nobody hears of it
                return xml("<fault/>", 502)
            if fault and fault.kind == "bad_xml":
                return xml(response.content.decode().replace("</", "<", 1), 200)
            return response

        return answer

    return decorate


@endpoint("token")
def exchange(request: HttpRequest) -> HttpResponse:
    """Give a token for client id and secret."""
    try:
        asked = json.loads(request.body)
        client_id, secret = asked["client_id"], asked["client_secret"]
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"error": "client_id and client_secret are required"}, status=400)
    with SITE.lock:
        token = SITE.token_for(str(client_id), str(secret))
    if token is None:
        return JsonResponse({"error": "unauthorized"}, status=401)
    if not token:
        return JsonResponse({"error": "too many tokens"}, status=429)
    return JsonResponse({"jwt": token, "ruid": "c2FuZGJveA=="})


def authorised(view: View) -> View:
    """Give the view the hotels of the caller, or answer 401."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        with SITE.lock:
            hotels = SITE.hotels_of(request.headers.get("Authorization", ""))
        if hotels is None:
            return xml(f"<fault code='401' string='Unauthorized'/>{writing.reference()}", 401)
        return view(request, hotels, *args, **kwargs)

    return answer


# --- reservations -----------------------------------------------------------------------------------------------------


@endpoint(NEW)
@authorised
def new_queue(request: HttpRequest, hotels: set[str]) -> HttpResponse:
    """GET what is new, POST what was taken."""
    return _ack(request, hotels, NEW) if request.method == "POST" else _give(request, hotels, NEW)


@endpoint(MODIFY)
@authorised
def modify_queue(request: HttpRequest, hotels: set[str]) -> HttpResponse:
    """GET what changed, POST what was taken."""
    return _ack(request, hotels, MODIFY) if request.method == "POST" else _give(request, hotels, MODIFY)


@contextmanager
def _one_question_at_a_time(hotels: set[str]) -> Any:
    key = ",".join(sorted(hotels))
    with SITE.lock:
        parallel = key in SITE.asking
        if parallel:
            SITE.violations.append("parallel questions")
        if time.monotonic() - SITE.acknowledged_at < SITE.pace:
            SITE.violations.append("a question too soon after an acknowledgement")
        SITE.asking.add(key)
    try:
        yield parallel
    finally:
        with SITE.lock:
            SITE.asking.discard(key)


def _give(request: HttpRequest, hotels: set[str], queue: str) -> HttpResponse:
    if set(request.GET) - {"id", "hotel_ids", "last_change", "limit"}:
        return xml(_refusal("400", "unknown parameter"), 400)
    if not hotels:
        return xml(_refusal("403", "no access to any property"), 403)
    with _one_question_at_a_time(hotels) as parallel, SITE.lock:
        if parallel:
            return xml(_refusal("429", "parallel questions"), 429)
        if SITE.raw[queue]:
            return xml(SITE.raw[queue].pop(0))
        found = SITE.waiting(queue, hotels)
        for booking in found:
            booking.delivered_version = booking.version
        return xml(writing.queue_answer(SITE, queue, found))


def _refusal(code: str, text: str) -> str:
    return f'<fault code="{code}" string="{text}"/>{writing.reference()}'


def _ack(request: HttpRequest, hotels: set[str], queue: str) -> HttpResponse:
    root_name, chain = ROOTS[queue]
    try:
        root = parse(request.body)
    except ChannelAnswerUnreadable as error:
        return xml(_refusal("400", f"unreadable: {error}"), 400)
    missing = [name for name in ("TimeStamp", "Target") if not root.get(name)]
    entries = find_all(root, chain)
    if local_name(root) != root_name or missing or not entries or find(root, "Success") is None:
        return xml(_refusal("400", f"not a complete {root_name}"), 400)
    numbers = [_number(entry) for entry in entries]
    with SITE.lock:
        SITE.acknowledged_at = time.monotonic()
        for number, _ours in numbers:
            status, text = _judge(number, hotels, queue)
            if status != 200:
                return xml(_refusal(str(status), text), status)
        for number, ours in numbers:
            booking = SITE.bookings[number]
            booking.queue, booking.acknowledged, booking.our_number = None, booking.acknowledged + 1, ours
        return xml(writing.answer(SITE, root_name, "2.001", []))


def _number(entry: Element) -> tuple[str, str]:
    """Return the site's number and the hotel's: the one with the source RT."""
    ids = find_all(entry, "ResGlobalInfo/HotelReservationIDs/HotelReservationID")
    theirs = next((attribute(one, "ResID_Value") for one in ids if attribute(one, "ResID_Source") != "RT"), "")
    ours = next((attribute(one, "ResID_Value") for one in ids if attribute(one, "ResID_Source") == "RT"), "")
    return theirs, ours


def _judge(number: str, hotels: set[str], queue: str) -> tuple[int, str]:
    booking: Booking | None = SITE.bookings.get(number)
    if booking is None:
        return 404, "reservation unknown"
    if booking.hotel not in hotels:
        return 403, "no access to reservation"
    if booking.queue != queue or booking.delivered_version != booking.version:
        return 400, WRONG_TYPE
    return 200, ""


# --- availability -----------------------------------------------------------------------------------------------------


@endpoint("availability")
@authorised
def availability(request: HttpRequest, hotels: set[str]) -> HttpResponse:
    """Take rooms to sell: each line is judged by itself; 400 where none could be applied (booking_com.md 6)."""
    name = "OTA_HotelAvailNotifRS"
    if request.method != "POST" or "application/xml" not in (request.content_type or ""):
        return xml(_refusal("400", "POST application/xml"), 400)
    try:
        root = parse(request.body)
    except ChannelAnswerUnreadable as error:
        return xml(_refusal("400", f"unreadable: {error}"), 400)
    lines = find_all(root, "AvailStatusMessages/AvailStatusMessage")
    whole = local_name(root) == "OTA_HotelAvailNotifRQ" and root.get("Version") == "1.005" and root.get("TimeStamp")
    if not whole or not lines:
        return xml(_refusal("400", "not a complete OTA_HotelAvailNotifRQ"), 400)
    with SITE.lock:
        problems, warnings, foreign = _apply(lines, hotels)
        if foreign == len(lines):
            return xml(_refusal("403", "no access to these rooms"), 403)
        status = 400 if len(problems) == len(lines) else 200
        return xml(writing.answer(SITE, name, "1.005", problems, warnings=warnings), status)


def _apply(lines: list[Element], hotels: set[str]) -> tuple[list[str], list[str], int]:
    problems: list[str] = []
    warnings: list[str] = []
    seen: set[tuple[str, dt.date]] = set()
    locators: set[str] = set()
    foreign = 0
    for line in lines:
        control = find(line, "StatusApplicationControl")
        record = line.get("LocatorID", "")
        room = attribute(control, "InvTypeCode")
        hotel = next((one for one in SITE.hotels.values() if room in one.rooms), None)
        if hotel is not None and hotel.id not in hotels:
            foreign += 1
        first, last, why = _dates(control)
        limit = line.get("BookingLimit", "")
        if not record.isdecimal() or record in locators:
            why = "LOCATOR_MISSING_OR_DOUBLE"
        elif hotel is None or hotel.id not in hotels:
            why = "ROOM_ID_INVALID"
        elif not why and not (limit.isdecimal() and 0 <= int(limit) <= 254):
            why = "ROOMS_TO_SELL_INVALID"
        locators.add(record)
        if why or hotel is None:
            problems.append(writing.error("402", why, record))
            continue
        cells = [(room, first + dt.timedelta(days=place)) for place in range((last - first).days + 1)]
        if seen & set(cells):
            warnings.append(writing.error("367", "WARN_DUPLICATE_DATES", record, kind="Warning"))
        hotel.available.update({cell: int(limit) for cell in cells if cell not in seen})
        seen |= set(cells)
    return problems, warnings, foreign


def _dates(control: Element | None) -> tuple[dt.date, dt.date, str]:
    today = dt.datetime.fromtimestamp(SITE.now(), dt.UTC).date()
    try:
        first = dt.date.fromisoformat(attribute(control, "Start"))
        last = dt.date.fromisoformat(attribute(control, "End"))
    except ValueError:
        return today, today, "NOT_A_VALID_DATE"
    if first > last:
        return first, last, "FROM_DATE_SHOULD_BE_LESS_THAN_TO_DATE"
    if first < today - dt.timedelta(days=SITE.oldest_days):
        return first, last, "NOT_A_VALID_DATE"
    if last > today + dt.timedelta(days=365 * YEARS):
        return first, last, "DATES_TOO_FAR_OR_INVALID"
    return first, last, ""


@endpoint("roomrates")
@authorised
def roomrates(request: HttpRequest, hotels: set[str]) -> HttpResponse:
    """List rooms and rates of a hotel (booking_com.md 7)."""
    try:
        number = (find(parse(request.body), "hotel_id").text or "").strip()  # type: ignore[union-attr]
    except (ChannelAnswerUnreadable, AttributeError):
        return xml(_refusal("400", "hotel_id is missing"), 400)
    with SITE.lock:
        if number not in hotels or number not in SITE.hotels:
            return xml(_refusal("403", "no access to property"), 403)
        return xml(writing.roomrates(SITE.hotels[number]))
