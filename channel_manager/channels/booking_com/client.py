"""Speaks with Booking.com over HTTP: token, two queues, acknowledgement, availability (booking_com.md 2, 3, 8)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from channel_manager import outbound, xml
from channel_manager.channels import opentravel
from channel_manager.channels.registry import CallRecord, Line
from channel_manager.drafts import MODIFY, NEW, Acknowledgement, AvailabilityRun, Products, PushAnswer, Received
from channel_manager.errors import ChannelAnswerUnreadable, ChannelRefused, ChannelUnreachable
from channel_manager.outbound import Reply

from . import messages

TOKENS = "https://connectivity-authentication.booking.com"
PLAIN = "https://supply-xml.booking.com"
SECURE = "https://secure-supply-xml.booking.com"  # everything that can carry cards
EXCHANGE = "/token-based-authentication/exchange"
QUEUES = {NEW: "/hotels/ota/OTA_HotelResNotif", MODIFY: "/hotels/ota/OTA_HotelResModifyNotif"}
AVAILABILITY = "/hotels/ota/OTA_HotelAvailNotif"
ROOMRATES = "/hotels/xml/roomrates"
# A token lives an hour and thirty may be fetched in it.
TOKEN_SECONDS = 50 * 60.0
LONGEST_LOG = 100_000


class BookingClient:
    """One hotel at Booking.com. It keeps no state: tokens lie with the connection, for all workers."""

    def __init__(self, line: Line) -> None:
        self.line = line

    # --- the work -----------------------------------------------------------------------------------------------------

    def pull(self, queue: str) -> list[Received]:
        """Ask a queue once. A body that cannot be read raises with the masked body as the fact `body`."""
        reply = self._send("GET", SECURE, QUEUES[queue])
        self._refuse_status(reply, f"poll {queue}")
        try:
            found = messages.received(reply.body)
        except ChannelAnswerUnreadable as error:
            self._record(f"poll {queue}", reply, answer=xml.mask_raw(reply.body), error=str(error))
            raise ChannelAnswerUnreadable(str(error), body=xml.mask_raw(reply.body)) from error
        if found:
            numbers = ", ".join(one.message_id for one in found)
            self._record(f"poll {queue}", reply, answer="\n".join(one.body for one in found), summary=numbers)
        return found

    def acknowledge(self, queue: str, items: Sequence[Acknowledgement]) -> set[str]:
        """Acknowledge; where the queue refuses several at once each is told by itself, so that one cannot hold all."""
        reply = self._acknowledge(queue, items)
        if reply.status in (400, 404) and len(items) > 1:
            return set().union(*(self.acknowledge(queue, [item]) for item in items))
        if reply.status in (400, 404):
            return {item.message_id for item in items}
        self._refuse_status(reply, f"acknowledge {queue}")
        root = self._answer(reply, f"acknowledge {queue}")
        if opentravel.succeeded(root):
            return set()
        said = "; ".join(one.text for one in opentravel.complaints(root, "Error"))
        raise ChannelRefused(
            _("The acknowledgement was refused: %(why)s.") % {"why": said or "no Success in the answer"}
        )

    def push(self, runs: Sequence[AvailabilityRun]) -> PushAnswer:
        """Send rooms to sell. Errors with a line's number concern that line; one without concerns the whole message."""
        message = opentravel.availability_message(runs)
        reply = self._send("POST", PLAIN, AVAILABILITY, message)
        nights = sum((run.last - run.first).days + 1 for run in runs)
        ranges = ngettext("%d range", "%d ranges", len(runs)) % len(runs)
        summary = f"{ranges}, {ngettext('%d night', '%d nights', nights) % nights}"
        if reply.status not in (200, 400):
            self._record("availability", reply, request=message, summary=summary, error=f"HTTP {reply.status}")
            self._refuse_status(reply, "")
        root = self._answer(reply, "availability", request=message)
        # A warning about a line says that it was not applied as sent: it is sent again too.
        found = opentravel.complaints(root, "Error") + opentravel.complaints(root, "Warning")
        by_line = {_line(one, runs): one.text for one in found}
        whole = [one.text for one in opentravel.complaints(root, "Error") if not _line(one, runs)]
        if not found and not opentravel.succeeded(root):
            whole = ["no Success in the answer"]
        refused = {place: why for place, why in by_line.items() if place}
        if whole:
            refused = {place: refused.get(place, whole[0]) for place in range(1, len(runs) + 1)}
        error = "; ".join(dict.fromkeys(refused.values()))
        self._record("availability", reply, request=message, summary=summary, error=error)
        taken = [run for place, run in enumerate(runs, start=1) if place not in refused]
        return PushAnswer(taken, {place - 1: why for place, why in refused.items()})

    def products(self) -> Products:
        """Return rooms and rates of the hotel."""
        question = messages.roomrates_request(self.line.hotel_id)
        reply = self._send("POST", PLAIN, ROOMRATES, question)
        self._refuse_status(reply, "rooms and rates", request=question)
        root = self._answer(reply, "rooms and rates", request=question)
        self._record("rooms and rates", reply, request=question)
        return messages.products(root)

    def check(self) -> None:
        """Read rooms and rates: it proves address, credentials and the right to this hotel, and changes nothing."""
        self.products()

    # --- how ----------------------------------------------------------------------------------------------------------

    def _acknowledge(self, queue: str, items: Sequence[Acknowledgement]) -> Reply:
        message = messages.acknowledgement(queue, items)
        reply = self._send("POST", SECURE, QUEUES[queue], message)
        numbers = ", ".join(item.message_id for item in items)
        error = "" if reply.status == 200 else f"HTTP {reply.status}"
        self._record(f"acknowledge {queue}", reply, request=message, summary=numbers, error=error)
        return reply

    def _send(self, method: str, host: str, path: str, message: str = "") -> Reply:
        """Call, with a fresh token once if the old one is refused. Raises `ChannelUnreachable`."""
        reply = self._call(method, host, path, message, fresh=False)
        if reply.status == 401 and "client_id" in self.line.credentials:
            self.line.keep_token(None, 0)
            reply = self._call(method, host, path, message, fresh=True)
        return reply

    def _call(self, method: str, host: str, path: str, message: str, *, fresh: bool) -> Reply:
        headers = {"Authorization": self._authorization(fresh=fresh), "Accept": "application/xml"}
        if message:
            headers |= {"Content-Type": "application/xml", "Accept-Version": "1.1"}
        try:
            return outbound.call(
                method, self._url(host, path), headers=headers, body=message.encode() if message else None
            )
        except ChannelUnreachable as error:
            purpose = path.rpartition("/")[2]
            self.line.record(CallRecord.unanswered(purpose, xml.mask_raw(message), str(error)))
            raise

    def _authorization(self, *, fresh: bool) -> str:
        account = self.line.credentials
        if "client_id" not in account:
            pair = f"{account.get('username', '')}:{account.get('password', '')}"
            return f"Basic {base64.b64encode(pair.encode()).decode()}"
        token = None if fresh else self.line.token()
        return f"Bearer {token or self._exchange()}"

    def _exchange(self) -> str:
        """Fetch a token. Raises `ChannelRefused` where the credentials are wrong: a person has to mend them."""
        account = self.line.credentials
        body = json.dumps({"client_id": account["client_id"], "client_secret": account.get("client_secret", "")})
        reply = outbound.call(
            "POST",
            self._url(TOKENS, EXCHANGE),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            body=body.encode(),
        )
        if reply.status in (400, 401, 403):
            self._record("token", reply, answer="", error=f"HTTP {reply.status}")
            raise ChannelRefused(
                _("The channel refuses the credentials (HTTP %(status)s). Correct them.") % {"status": reply.status}
            )
        try:
            token = str(json.loads(reply.body)["jwt"])
        except (ValueError, KeyError, TypeError) as error:
            self._record("token", reply, answer="", error="no token in the answer")
            raise ChannelUnreachable(
                _("The channel gave no token (HTTP %(status)s). Tried again by itself.") % {"status": reply.status}
            ) from error
        self.line.keep_token(token, TOKEN_SECONDS)
        return token

    def _url(self, host: str, path: str) -> str:
        return f"{self.line.base_url.rstrip('/') or host}{path}"

    def _refuse_status(self, reply: Reply, purpose: str, *, request: str = "") -> None:
        if reply.status == 200:
            return
        if purpose and not purpose.startswith("acknowledge"):
            answer = xml.mask_raw(reply.body[:LONGEST_LOG])
            self._record(purpose, reply, request=request, answer=answer, error=f"HTTP {reply.status}")
        if reply.status in (401, 403):
            raise ChannelRefused(
                _("The channel refuses us (HTTP %(status)s). Check credentials and hotel number.")
                % {"status": reply.status}
            )
        if reply.status == 429 or reply.status >= 500:
            raise ChannelUnreachable(
                _("The channel is in trouble (HTTP %(status)s). Tried again by itself.") % {"status": reply.status},
                retry_after=outbound.seconds_asked(reply.headers.get("Retry-After")),
            )
        raise ChannelRefused(_("The channel refused the call (HTTP %(status)s).") % {"status": reply.status})

    def _answer(self, reply: Reply, purpose: str, *, request: str = "") -> xml.Element:
        try:
            return xml.parse(reply.body)
        except ChannelAnswerUnreadable as error:
            answer = xml.mask_raw(reply.body[:LONGEST_LOG])
            self._record(purpose, reply, request=request, answer=answer, error=str(error))
            raise ChannelUnreachable(
                _("The answer to “%(purpose)s” cannot be read. Tried again by itself.") % {"purpose": purpose}
            ) from error

    def _record(self, purpose: str, reply: Reply, **facts: Any) -> None:
        answer = xml.mask_raw(reply.body[:LONGEST_LOG])
        self.line.record(
            CallRecord(
                purpose=purpose,
                summary=facts.get("summary", "")[:200],
                request=xml.mask_raw(facts.get("request", ""))[:LONGEST_LOG],
                answer=facts.get("answer", answer)[:LONGEST_LOG],
                http_status=reply.status,
                ok=not facts.get("error"),
                error=facts.get("error", "")[:300],
                reference=messages.reference(answer),
                milliseconds=reply.milliseconds,
            )
        )


def _line(complaint: opentravel.Complaint, runs: Sequence[AvailabilityRun]) -> int:
    """Return the place of the line that is complained about, counted from 1; 0 for the whole message."""
    place = opentravel.whole(complaint.record, most=len(runs) + 1)
    return place if place <= len(runs) else 0
