"""A refusal is answered in its own words: as a page with a way back, or as a toast for htmx."""

from __future__ import annotations

import json

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from pms.core.acting import acting
from pms.core.errors import AlreadyTaken, Busy, DomainError, NotThere
from pms.core.middleware import DomainErrorMiddleware, RequestContextMiddleware

pytestmark = pytest.mark.django_db
TAKEN = AlreadyTaken("Room 101 exists already. Nothing was saved.")


def refuse(error: Exception, **headers: str) -> HttpResponse | None:
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().post("/h/SEA/rooms/", headers=headers)
    request.user = AnonymousUser()
    request.session = {}  # type: ignore[assignment]
    return DomainErrorMiddleware(lambda _request: HttpResponse()).process_exception(request, error)


def answer(error: DomainError, **headers: str) -> HttpResponse:
    found = refuse(error, **headers)
    assert found is not None
    return found


def test_a_page_tells_what_was_refused_and_leads_back() -> None:
    page = answer(TAKEN, referer="http://testserver/h/SEA/rooms/new/")

    assert page.status_code == 409
    assert TAKEN.message in page.content.decode()
    assert 'href="http://testserver/h/SEA/rooms/new/"' in page.content.decode()


def test_the_way_back_never_leads_to_a_stranger() -> None:
    page = answer(TAKEN, referer="https://evil.example/")

    assert "evil.example" not in page.content.decode()


def test_htmx_gets_a_toast_and_the_page_keeps_what_it_shows() -> None:
    toast = answer(TAKEN, **{"HX-Request": "true"})

    assert (toast.status_code, toast.content, toast["HX-Reswap"]) == (409, b"", "none")
    assert json.loads(toast["HX-Trigger"])["toast"]["text"] == TAKEN.message


def test_who_is_to_try_again_is_told_when() -> None:
    assert answer(Busy())["Retry-After"] == "1"
    assert "Retry-After" not in answer(NotThere("Room"))


def test_a_fault_of_ours_is_left_to_django() -> None:
    assert refuse(ZeroDivisionError()) is None


def test_the_request_id_is_taken_over_only_if_it_is_harmless() -> None:
    seen: list[str] = []

    def page(_request: object) -> HttpResponse:
        seen.append(acting().request_id)
        return HttpResponse()

    middleware = RequestContextMiddleware(page)  # type: ignore[arg-type]
    ours = middleware(RequestFactory().get("/", headers={"X-Request-ID": "abc\n4111111111111111"}))
    theirs = middleware(RequestFactory().get("/", headers={"X-Request-ID": "partner-00000001"}))

    assert [ours["X-Request-ID"], theirs["X-Request-ID"]] == seen
    assert seen[1] == "partner-00000001"
    assert len(seen[0]) == 32
