"""Error reports to a server that speaks Sentry's language, only where `SENTRY_DSN` is set; redacted before they leave.

What is reported: the error, its stack without values, the route, and the request id by which the log has the rest.
"""

from __future__ import annotations

from typing import Any

# Parts of a report that may tell of persons. The rest is the program's own: versions, modules, the machine.
TOLD = ("message", "logentry", "exception", "breadcrumbs", "extra", "tags", "threads", "transaction", "spans")


def start(dsn: str, *, process: str, release: str = "") -> None:
    """Send errors of this process to `dsn`; without one nothing is loaded and nothing is sent."""
    if not dsn:
        return
    import sentry_sdk  # only here: without reports the start does not pay for it

    sentry_sdk.init(
        dsn=dsn,
        release=release or None,
        server_name=process,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        traces_sample_rate=0.0,
        before_send=clean,
        before_breadcrumb=clean_crumb,
    )


def clean(event: Any, _hint: Any = None) -> Any:
    """Return the report as it may leave the house."""
    from pms.core.redaction import redact_for_strangers

    for part in TOLD:
        if part in event:
            event[part] = redact_for_strangers(event[part])
    event["request"] = _request(event.get("request") or {})
    event.pop("user", None)
    event.setdefault("tags", {})["request_id"] = _request_id()
    return event


def clean_crumb(crumb: Any, _hint: Any = None) -> Any:
    """Return what happened before the error as it may be kept."""
    from pms.core.redaction import redact_for_strangers

    return redact_for_strangers(crumb)


def _request(request: dict[str, Any]) -> dict[str, Any]:
    """Return method and path alone: headers, cookies, query and body stay here."""
    from pms.core.redaction import redact_for_strangers

    path = str(request.get("url", "")).partition("?")[0]
    return {"method": request.get("method", ""), "url": redact_for_strangers(path)} if request else {}


def _request_id() -> str:
    from pms.core.acting import acting

    return acting().request_id
