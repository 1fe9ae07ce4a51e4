"""Work on an open hotel's own database and Redis, from a process that measures."""

from __future__ import annotations

import json
import os

from tests.concurrency.open_hotel import OpenHotel


def enter(hotel: OpenHotel) -> None:
    """Work on the hotel's own database and Redis from this process."""
    state = json.loads((hotel.data / "run.json").read_text())
    os.environ.update(state["environment"])
    os.environ.update(json.loads((hotel.data / "secrets.json").read_text()))
    os.environ.update(PMS_PROCESS="command", DJANGO_SETTINGS_MODULE="pms.settings.base", PMS_DATA=str(hotel.data))
    import django

    django.setup()


def signed_in(email: str) -> str:
    """Return the session key of a signed-in browser."""
    from django.test import Client

    from pms.accounts.models import User

    client = Client()
    client.force_login(User.objects.get(email=email))
    return client.session.session_key or ""
