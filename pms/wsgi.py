"""The WSGI entry, for production's page and API workers."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pms.settings.base")
application = get_wsgi_application()
