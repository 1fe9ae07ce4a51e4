"""Judges requests: whoever writes business rows leaves an audit entry in the same transaction.

Read from PostgreSQL's own counters of the open transaction, so it sees whatever was written by whatever means. Blind in
tests that really commit, where the counters end with each transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.handlers.base import BaseHandler
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

ENTRIES = "core_auditentry"
SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
# Models whose rows leave no entry one by one, and what tells of them instead. Every other model is audited.
UNAUDITED: Mapping[str, str] = {
    "core.AuditEntry": "it is the entry",
    "core.AuditSeal": "the seal of an entry",
    "core.AuditCheck": "that somebody wants the log checked",
    "core.IdempotencyRecord": "the stored answer of a request",
    "events.StreamEvent": "the news of a change that has its entry",
    "events.StreamHead": "a counter of the news",
    "events.Delivery": "what the news owe to receivers",
    "events.Canary": "a sign of life of a queue",
    "events.History": "where the database comes from; a new one stands in the log",
    "accounts.Counter": "a failed try; the refusal is an entry",
    "accounts.SecondStepPolicy": "the entry `second_step.policy_set` of the act",
    "accounts.Letter": "a mail that has to go out; what it tells of has its entry",
    "accounts.OpenidIdentity": "the entries `sign_in.linked` and `sign_in.unlinked` of the acts",
    "accounts.SupportVisit": "the entries `support.began`, `support.ended` and `support.ran_out` of the acts",
    "api.ApiUse": "when a program was last used",
    "api.JobChunk": "lines of a job; what they change has entries",
    "api.SpentRefreshToken": "a key that is void; its second use is the entry `app.key_reused`",
    "reservations.DailyRate": "the entry `rates.set` of the act",
    "reservations.ReservationNight": "the entry of its stay",
    "reservations.RoomTypeNight": "counters, which follow from stays and rooms",
    "folios.Posting": "the books themselves are append-only; its folio's balance has the entry",
    "folios.Leg": "a part of its posting",
    "folios.InvoiceLine": "a part of its invoice",
    "channel_manager.ConnectionPulse": "how a connection fares",
    "channel_manager.DirtyRange": "what a channel has still to be told",
    "channel_manager.SentValue": "what a channel was told",
    "channel_manager.ChannelBooking": "a lock; the booking has the entry",
    "channel_manager.StayLink": "a link; the stay has the entry",
    "channel_manager.InboxMessage": "kept as it came; what it did has entries",
    "channel_manager.CallLog": "the log of calls itself",
    "notifications.Notification": "a bell, everybody's own",
}
# Of these a request may write with no entry beside them; all other unaudited rows are part of an act that has one.
ALONE = frozenset(
    {
        "core.AuditCheck", "core.IdempotencyRecord", "events.StreamEvent", "events.StreamHead", "events.Delivery",
        "events.Canary", "events.History", "accounts.Counter", "api.ApiUse", "channel_manager.ConnectionPulse",
        "channel_manager.DirtyRange", "channel_manager.CallLog", "notifications.Notification",
    }
)  # fmt: skip
# Tables of libraries: who is signed in (coming and going are entries), tokens, Django's own list of acts.
LIBRARIES = ("django_", "usersessions_", "allauth_", "account_", "guardian_", "auth_", "mfa_")


def no_business(table: str) -> bool:
    """Tell whether rows of the table may be written with no entry beside them."""
    return table.startswith(LIBRARIES) or table in {apps.get_model(label)._meta.db_table for label in ALONE}


def written() -> dict[str, int]:
    """Return for every table how many rows the open transaction has written so far."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables"
            " WHERE n_tup_ins + n_tup_upd + n_tup_del > 0"
        )
        return dict(cursor.fetchall())


def silent(before: Mapping[str, int], after: Mapping[str, int]) -> list[str]:
    """Return the business tables that were written since `before`, if no entry was written with them."""
    tables = {table for table, rows in after.items() if rows != before.get(table, 0)}
    return [] if ENTRIES in tables else sorted(table for table in tables if not no_business(table))


@contextmanager
def guarded(tell: Callable[[str], object]) -> Iterator[None]:
    """Call `tell` with a sentence for every request inside the block that wrote rows and left no entry."""
    answer = BaseHandler.get_response

    def judged(self: Any, request: HttpRequest) -> HttpResponseBase:
        if request.method in SAFE or not connection.in_atomic_block or connection.needs_rollback:
            return answer(self, request)
        before = written()
        response = answer(self, request)
        if response.status_code < 400 and not connection.needs_rollback:
            tables = silent(before, written())
            if tables:
                tell(f"{request.method} {request.path} wrote {', '.join(tables)} and left no audit entry.")
        return response

    BaseHandler.get_response = judged  # type: ignore[method-assign]
    try:
        yield
    finally:
        BaseHandler.get_response = answer  # type: ignore[method-assign]
