"""`python -m channel_manager.sandbox --port N`: the pretended booking site in a process of its own.

Django with nothing but addresses and templates: no database, no sessions, none of the hotel's settings.
"""

from __future__ import annotations

import argparse
import secrets
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler

HERE = Path(__file__).resolve().parent


class QuietHandler(WSGIRequestHandler):
    """Writes no line per request, keeps no connection open."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(prog="manage.py ota_sandbox")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8900)
    options = parser.parse_args()

    import django
    from django.conf import settings

    settings.configure(
        SECRET_KEY=secrets.token_urlsafe(50),
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF="channel_manager.sandbox.urls",
        MIDDLEWARE=[],
        USE_TZ=True,
        LOGGING_CONFIG=None,
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [HERE / "templates"]}],
    )
    django.setup()

    from django.core.servers.basehttp import ThreadedWSGIServer
    from django.core.wsgi import get_wsgi_application

    server = ThreadedWSGIServer((options.host, options.port), QuietHandler)
    server.daemon_threads = True
    server.set_app(get_wsgi_application())
    server.serve_forever()


if __name__ == "__main__":
    main()
