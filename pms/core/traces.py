"""Traces for a collector that speaks OTLP, only where `OTEL_EXPORTER_OTLP_ENDPOINT` is set.

A trace has the id of the request that began it, the one that log lines, audit entries and error answers name, and goes
on in the worker that delivers the events of that request. The names of OpenTelemetry's environment
(`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_TRACES_SAMPLER`, …) do as its specification says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Where the spans of this process are made; None: nothing is measured.
provider: Any = None


def start(endpoint: str, *, process: str) -> None:
    """Send the spans of this process to `endpoint`; without one nothing is measured."""
    if not endpoint:
        return
    # Only here: without a collector the start does not pay for it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    from .spans import instrument, provider_to

    global provider
    provider = provider_to(OTLPSpanExporter(), process=process)
    instrument(provider)


@contextmanager
def spanned(name: str, **facts: str) -> Iterator[None]:
    """Let the block be a span of the request on whose behalf it works; `facts` are its attributes `pms.…`."""
    if provider is None:
        yield
        return
    from opentelemetry.context import Context

    attributes = {f"pms.{key}": value for key, value in facts.items()}
    with provider.get_tracer("pms").start_as_current_span(name, context=Context(), attributes=attributes):
        yield
