"""Traces: one from a request to the delivery of what it did, with nothing of persons; none without a collector."""

from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from pms.core import spans, traces
from pms.core.acting import act_as
from pms.events import worker
from pms.events.models import Delivery, StreamEvent
from pms.events.publish import publish
from pms.events.receivers import after
from pms.runtime.testing import server_environment
from tests.committed import commit
from tests.domain.core.collector import collector
from tests.domain.events.given import RoomSwept

ROOT = Path(__file__).resolve().parents[3]
REQUEST = uuid.UUID(int=0xFEED).hex
MAIL, GUEST, TOKEN = "lena.fort@example.org", "Quittenbaum", "token-9c1d"
# A page that asks the database, then one that breaks, with a guest in its address, form and headers.
ASK = f"""
import sys, django
django.setup()
from pms.core import spans, traces
if sys.argv[1] == "control":
    spans.told = lambda span: span
    spans.redact_for_strangers = str
from opentelemetry import trace
from django.test import Client
from pms.accounts.models import User
client = Client(headers={{"x-request-id": "{REQUEST}", "authorization": "Bearer {TOKEN}"}})
def search(request, code):
    list(User.objects.filter(email="{MAIL}"))
    with traces.spanned("work"):
        raise ValueError("No room for {GUEST}")
from django.urls import path
import pms.urls
pms.urls.urlpatterns.insert(0, path("h/<slug:code>/search/", search))
client.raise_request_exception = False
answer = client.post("/h/SEA/search/?mail={MAIL}", {{"name": "{GUEST}"}}, headers={{"user-agent": "{TOKEN}"}})
assert answer.status_code == 500, answer
traces.provider.force_flush()
"""


def ask(how: str) -> tuple[list[Span], bytes]:
    """Return the spans that a request of another process sends, and all of it as bytes."""
    with collector() as (place, heard):
        names = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{place}"}
        done = subprocess.run(
            [sys.executable, "-c", ASK, how], cwd=ROOT, env={**server_environment("http://localhost"), **names},
            capture_output=True, text=True, timeout=90, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        batches = [ExportTraceServiceRequest.FromString(body) for body in heard]
    found = [span for batch in batches for r in batch.resource_spans for s in r.scope_spans for span in s.spans]
    return found, b"".join(heard)


@pytest.mark.django_db(transaction=True)
def test_a_request_and_its_statements_are_one_trace_that_has_its_id() -> None:
    found, sent = ask("filtered")

    assert {span.trace_id.hex() for span in found} == {REQUEST}
    page = next(span for span in found if span.name != "work" and not span.parent_span_id)
    assert page.name == "POST h/<slug:code>/search/"
    assert page.status.code == page.status.STATUS_CODE_ERROR
    asked = next(span for span in found if b"accounts_user" in span.SerializeToString())
    assert asked.parent_span_id == page.span_id
    assert [planted for planted in (MAIL, GUEST, TOKEN, "SEA") if planted.encode() in sent] == []


@pytest.mark.django_db(transaction=True)
def test_control_without_the_list_of_what_may_leave_more_leaves() -> None:
    _found, sent = ask("control")

    assert [planted for planted in (GUEST, TOKEN, "SEA") if planted.encode() not in sent] == []


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """The spans of this process."""
    exporter = InMemorySpanExporter()
    monkeypatch.setattr(traces, "provider", spans.provider_to(exporter, process="test"))
    return exporter


@pytest.mark.django_db
def test_a_delivery_lies_in_the_trace_of_the_request_that_owed_it(kept: InMemorySpanExporter) -> None:
    seen: list[StreamEvent] = []
    after(RoomSwept)(seen.append)
    with act_as(via="web", request_id=REQUEST):
        publish(RoomSwept(property_id=uuid.UUID(int=1)))
    commit(run=False)

    assert worker.run(Delivery.objects.get())

    traces.provider.force_flush()
    (span,) = kept.get_finished_spans()
    assert span.name == "deliver"
    assert f"{span.context.trace_id:032x}" == REQUEST
    assert dict(span.attributes or {})["pms.event"] == RoomSwept.code
    assert len(seen) == 1


def test_commands_and_requests_with_ids_of_their_own_begin_traces_with_ids_of_chance(
    kept: InMemorySpanExporter,
) -> None:
    for via, request_id in (("command", REQUEST), ("web", "partners-own-id"), ("web", "0" * 32)):
        with act_as(via=via, request_id=request_id), traces.spanned("work"):
            pass

    traces.provider.force_flush()
    found = {span.context.trace_id for span in kept.get_finished_spans()}
    assert len(found) == 3
    assert found.isdisjoint({0, int(REQUEST, 16)})


class Broken(SpanExporter):
    """A collector that cannot be reached."""

    def export(self, _spans: object) -> SpanExportResult:
        raise ConnectionError("nobody there")


def test_a_collector_that_does_not_answer_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "provider", spans.provider_to(Broken(), process="test"))

    with traces.spanned("work"):
        done = True
    traces.provider.force_flush()

    assert done


def test_without_a_collector_nothing_is_measured() -> None:
    ask = "import django, sys; django.setup(); print('opentelemetry.instrumentation' in sys.modules)"
    names = {**server_environment("http://localhost"), "OTEL_EXPORTER_OTLP_ENDPOINT": ""}
    done = subprocess.run(
        [sys.executable, "-c", ask], cwd=ROOT, env=names, capture_output=True, text=True, timeout=90, check=True
    )

    assert done.stdout.strip() == "False"
