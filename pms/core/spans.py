"""What a span is called, to which trace it belongs, and what of it may leave the house.

An allow-list: routes, statements without their values, tasks, statuses, times. Never paths, queries, headers,
addresses, texts of errors. Loaded only where somebody collects traces (`traces`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.conf import settings
from opentelemetry.instrumentation.celery import CeleryInstrumentor
from opentelemetry.instrumentation.django import DjangoInstrumentor
from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Status

from .acting import acting
from .redaction import redact_for_strangers

ALLOWED = frozenset(
    {
        "http.method",
        "http.route",
        "http.status_code",
        "db.system",
        "db.statement",
        "celery.task_name",
        "celery.state",
        "celery.retries",
        "pms.receiver",
        "pms.event",
    }
)
LONGEST = 2000  # characters of a statement
AS_TRACE_ID = re.compile(r"[0-9a-f]{32}")
UNTOLD = "healthz,readyz,metrics,static"
# Behind whoever gives a request its id, before whoever asks the database.
BEHIND = "pms.core.middleware.RequestContextMiddleware"


class OfTheRequest(RandomIdGenerator):
    """Gives a trace the id of the request in progress; a command has none that anybody else would name."""

    def generate_trace_id(self) -> int:
        """Return the request id as a number where it has the form of a trace id."""
        now = acting()
        if now.via != "command" and AS_TRACE_ID.fullmatch(now.request_id):
            return int(now.request_id, 16) or super().generate_trace_id()
        return super().generate_trace_id()


class Reticent(SpanExporter):
    """Sends by another exporter what strangers may read of each span."""

    def __init__(self, exporter: SpanExporter) -> None:
        self.exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send what may be told of the spans; a statement of no request (a look for work) is none."""
        return self.exporter.export([told(span) for span in spans if span.parent or not _is_statement(span)])

    def shutdown(self) -> None:
        """End the other exporter."""
        self.exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Send what waits."""
        return self.exporter.force_flush(timeout_millis)


def provider_to(exporter: SpanExporter, *, process: str) -> TracerProvider:
    """Return where the spans of this process are made; `exporter` sends them."""
    named = Resource.create({"service.name": "pms", "service.instance.id": process})
    provider = TracerProvider(resource=named, id_generator=OfTheRequest())
    provider.add_span_processor(BatchSpanProcessor(Reticent(exporter)))
    return provider


def instrument(provider: TracerProvider) -> None:
    """Let each request, task and statement of this process be a span."""
    position = settings.MIDDLEWARE.index(BEHIND) + 1
    DjangoInstrumentor().instrument(tracer_provider=provider, excluded_urls=UNTOLD, middleware_position=position)
    CeleryInstrumentor().instrument(tracer_provider=provider)  # type: ignore[no-untyped-call]
    PsycopgInstrumentor().instrument(tracer_provider=provider)


def _is_statement(span: ReadableSpan) -> bool:
    return "db.system" in (span.attributes or {})


def told(span: ReadableSpan) -> ReadableSpan:
    """Return the span without its events (they hold texts of errors) and with the attributes that may leave."""
    attributes = {name: value for name, value in (span.attributes or {}).items() if name in ALLOWED}
    if "db.statement" in attributes:
        attributes["db.statement"] = redact_for_strangers(str(attributes["db.statement"])[:LONGEST])
    return ReadableSpan(
        name=span.name,
        context=span.get_span_context(),
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        links=span.links,
        kind=span.kind,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )
