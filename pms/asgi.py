"""The ASGI entry: pages and API by Django, sockets by Channels, only from our own origin."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pms.settings.base")
pages_and_api = get_asgi_application()

# Below: imports that need Django's apps ready.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.sessions import SessionMiddlewareStack  # noqa: E402
from django.conf import settings  # noqa: E402

from pms.accounts.alarms import watch_in_background  # noqa: E402
from pms.api.views import too_many  # noqa: E402
from pms.core.admission import Admission  # noqa: E402
from pms.live.origins import OwnOrigin  # noqa: E402
from pms.live.routing import websocket_urlpatterns  # noqa: E402

if settings.PROCESS == "web":
    watch_in_background()

application = ProtocolTypeRouter(
    {
        "http": Admission(pages_and_api, refusal=too_many, **settings.ADMISSION),
        "websocket": OwnOrigin(SessionMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
