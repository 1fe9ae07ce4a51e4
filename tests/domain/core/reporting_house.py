"""A house whose only page breaks with everything in its hands that must not leave it."""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

CARD, MAIL, PHONE, SESSION, TOKEN = (
    "4111 1111 1111 1111", "lena.fort@example.org", "+49 170 1234567", "sessionid-7f3a", "token-9c1d",
)  # fmt: skip
GUEST = "Lena Fort"
PLANTED = (CARD, MAIL, PHONE, SESSION, TOKEN, GUEST)


@csrf_exempt
def breaks(request: HttpRequest, code: str) -> HttpResponse:
    """Log, and fail with a guest's data in text, variables, form and headers."""
    guest: dict[str, Any] = {"name": GUEST, "email": MAIL, "card": CARD}
    logging.getLogger("house").info("asked for %s", MAIL, extra={"guest_name": GUEST, "phone": PHONE})
    raise ValueError(f"Cannot charge {CARD} of {MAIL}, {PHONE} ({len(guest)})")


urlpatterns = [path("h/<slug:code>/pay/", breaks, name="pay")]

ASK = """
import io, os, sys, django
from urllib.parse import urlencode
from wsgiref.util import setup_testing_defaults
from django.conf import settings
django.setup()
settings.ROOT_URLCONF = "tests.domain.core.reporting_house"
settings.ALLOWED_HOSTS = ["*"]
# Who signs in is no matter here, and there is no table of sessions.
settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if not name.startswith("pms.accounts.")]
import sentry_sdk
from sentry_sdk.scrubber import EventScrubber
if sys.argv[1] == "control":
    bare = EventScrubber(denylist=[], pii_denylist=[])
    sentry_sdk.init(
        dsn=os.environ["DSN"], send_default_pii=True, max_request_body_size="always", event_scrubber=bare
    )
from django.core.wsgi import get_wsgi_application
from tests.domain.core.reporting_house import CARD, GUEST, MAIL, SESSION, TOKEN
body = urlencode({"name": GUEST, "card": CARD}).encode()
asked = {
    "REQUEST_METHOD": "POST", "PATH_INFO": "/h/SEA/pay/", "QUERY_STRING": "mail=" + MAIL, "HTTP_HOST": "house.example",
    "HTTP_COOKIE": "session=" + SESSION, "HTTP_AUTHORIZATION": "Bearer " + TOKEN,
    "CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": str(len(body)),
    "wsgi.input": io.BytesIO(body),
}
setup_testing_defaults(asked)
answered = []
b"".join(get_wsgi_application()(asked, lambda status, headers: answered.append(status)))
assert answered == ["500 Internal Server Error"], answered
sentry_sdk.flush(10)
"""
