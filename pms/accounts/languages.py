"""Which language somebody reads: what she chose herself, and until then what her browser asks for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import translation

SPOKEN: Final = frozenset(code for code, _name in settings.LANGUAGES)


def language_of(user: Any) -> str:
    """Return the language of `user`; of nobody in particular, the one that is active."""
    chosen = getattr(user, "locale", "")
    return chosen if chosen in SPOKEN else translation.get_language() or settings.LANGUAGE_CODE


class LanguageMiddleware:
    """Speaks to who is signed in, in her language; `LocaleMiddleware` before it follows cookie and browser.

    Programs are answered in the language their request asks for, whoever they act for.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            with suppress(DatabaseError):  # the page itself finds out, and says so
                translation.activate(language_of(request.user))
            request.LANGUAGE_CODE = translation.get_language()  # as LocaleMiddleware does
        return self.get_response(request)
