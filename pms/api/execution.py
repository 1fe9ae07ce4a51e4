"""Runs an operation: one transaction, begun anew after a lost race, once per Idempotency-Key, undone for a dry run."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from pms.core.errors import StaleVersion, VersionRequired
from pms.core.idempotency import Answer, KeyRequired, fingerprint, once
from pms.core.retry import with_retry

from .calls import Call, Reply
from .expansions import expanded
from .paging import Page
from .versions import etag

Work = Callable[[], Any]


def execute(call: Call, work: Work) -> Response:
    """Return the answer to the call; `work` is the view's method with its arguments."""
    operation = call.operation
    if not operation.writes:
        return _response(call, _answer(call, work))
    if operation.versioned and call.seen is None:
        raise VersionRequired
    if operation.key == "required" and not call.key and not call.dry_run:
        raise KeyRequired(
            "This creates something or moves money, so it needs the header Idempotency-Key with a fresh value "
            "(a UUID). Nothing was done."
        )
    run = _try_only if call.dry_run else _do
    try:
        return _response(call, with_retry(lambda: run(call, work)))
    except StaleVersion as error:
        raise _in_public_words(call, error) from error


def _do(call: Call, work: Work) -> Answer:
    if not call.key:
        with transaction.atomic():
            return _answer(call, work)
    return once(
        client=call.grant.owner,
        key=call.key,
        request=_fingerprint(call),
        property_id=call.property_id,
        work=lambda: _answer(call, work),
    )


def _try_only(call: Call, work: Work) -> Answer:
    """Do the work, let the database judge it whole, and undo it: no row, no news, no key spent."""
    with transaction.atomic():
        answer = _answer(call, work)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        transaction.set_rollback(True)
    return Answer(200, answer.body, {"Dry-Run": "true"})


def _answer(call: Call, work: Work) -> Answer:
    """Run the view's method and write its answer down as plain JSON, while the transaction is open."""
    result = work()
    reply = result if isinstance(result, Reply) else Reply(content=result)
    headers = dict(reply.headers)
    version = reply.version if reply.version is not None else _version(reply.content)
    if version is not None:
        headers["ETag"] = etag(version)
    if reply.location:
        headers["Location"] = call.request.build_absolute_uri(reply.location)
    call.told_once.update(reply.told_once)
    body = json.loads(json.dumps(_written(call, reply.content), cls=JSONEncoder))
    return Answer(reply.status or call.operation.status, body, headers)


def _written(call: Call, content: Any) -> Any:
    serializer = call.operation.output
    if isinstance(content, Page):
        rows: Any = content.rows
        results = serializer(rows, many=True, context=call.context).data if serializer else list(rows)
        expanded(call, results)
        return {"results": results, "next": content.next}
    if serializer is None or content is None:
        return content
    written = serializer(content, context=call.context).data
    expanded(call, [written])
    return written


def _in_public_words(call: Call, error: StaleVersion) -> StaleVersion:
    """Return the conflict with names and values as the object shows them, so that a client can compare."""
    names, current = {}, {}
    serializer: Any = call.operation.output(context=call.context) if call.operation.output else None
    for public, field in serializer.fields.items() if serializer else ():
        name = public if public in error.current else field.source
        if name in error.current:
            value = error.current[name]
            names[name], current[public] = public, None if value is None else field.to_representation(value)
    told = {name: value for name, value in error.current.items() if name not in names}
    conflicts = {names.get(name, name): pair for name, pair in error.conflicts.items()}
    return StaleVersion(conflicts=conflicts, current={**told, **current}, version=error.version)


def _version(content: Any) -> int | None:
    value = content.get("version") if isinstance(content, dict) else getattr(content, "version", None)
    return value if isinstance(value, int) else None


def _fingerprint(call: Call) -> str:
    """Return the same text for the same request, whatever order the client's library writes its fields in."""
    request = call.request
    data = request.data
    body = json.dumps(data, sort_keys=True, default=str) if isinstance(data, dict | list) else request._request.body
    return fingerprint(request.method or "", request.get_full_path(), body)


def _response(call: Call, answer: Answer) -> Response:
    headers = {**answer.headers, **({"Idempotent-Replayed": "true"} if answer.replayed else {})}
    first_time = not answer.replayed and not call.dry_run
    body = {**answer.body, **call.told_once} if call.told_once and first_time else answer.body
    return Response(None if answer.status == 204 else body, status=answer.status, headers=headers)
