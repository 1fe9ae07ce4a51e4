"""The bans hold in the whole house, and each would catch an offence."""

from __future__ import annotations

import ast

import pytest

from . import house
from .bans import BANS, Ban

BY_NAME = {ban.name: ban for ban in BANS}
VIEW = "reservations/views.py"

# (ban, file, what it must catch)
CAUGHT = [
    ("objects", VIEW, "rows = Room.objects.all()"),
    ("objects", "reservations/tasks.py", "rows = Room._default_manager.all()"),
    ("tables", VIEW, "from .models import Room\nroom = Room(number='101')"),
    ("tables", VIEW, "from reservations.models.rooms import Room\nrows = fetch(Room, user)"),
    ("tables", "reservations/tasks.py", "from . import models\nmodels.Room.objects.all()"),
    ("tables", "reservations/api/serializers.py", "from ..models import Room\nclass Meta:\n    model = Room"),
    ("save", VIEW, "form.save()"),
    ("save", "reservations/webhooks.py", "event, _ = Event.objects.get_or_create(key=key)"),
    ("mail", "reservations/services.py", "send_mail('Hello', 'text', None, [])"),
    ("mail", "reservations/services.py", "mail.EmailMessage('Hello').send()"),
    ("group_send", "pms/live/hub.py", "layer.group_send('hotel', {})"),
    ("celery", "reservations/services.py", "work.delay(1)"),
    ("celery", VIEW, "work.apply_async([1])"),
    ("clock", "reservations/services.py", "now = datetime.now()"),
    ("clock", "reservations/services.py", "now = dt.datetime.now(UTC)"),
    ("clock", "reservations/services.py", "day = dt.date.today()"),
    ("clock", "reservations/services.py", "day = timezone.now().date()"),
    ("clock", "reservations/services.py", "day = timezone.localtime().date()"),
    ("clock", "reservations/services.py", "day = timezone.localdate()"),
    ("float", "folios/services.py", "from decimal import Decimal\ntax = Decimal(0.19)"),
    ("float", "folios/services.py", "from pms.core.money import quantize\ntax = float(amount)"),
    ("float", "folios/models.py", "amount = models.FloatField()"),
    ("swallowed", VIEW, "try:\n    act()\nexcept Exception:\n    pass"),
    ("swallowed", VIEW, "try:\n    act()\nexcept (ValueError, Exception):\n    pass"),
    ("swallowed", VIEW, "try:\n    act()\nexcept:\n    pass"),
    ("swallowed", VIEW, "try:\n    act()\nexcept Exception:  # noqa: BLE001\n    pass"),
    ("mark_safe", VIEW, "html = mark_safe(guest.remark)"),
    ("mark_safe", VIEW, "html = safestring.SafeString(guest.remark)"),
    ("csrf_exempt", VIEW, "from django.views.decorators.csrf import csrf_exempt"),
    ("print", VIEW, "print('here')"),
]
# (ban, file, what it must let pass)
ALLOWED = [
    ("objects", "reservations/selectors.py", "rows = Room.objects.all()"),
    ("objects", "reservations/services/booking.py", "rows = Room.objects.all()"),
    ("tables", VIEW, "from .models import Room\ndef card(room: Room) -> Room | None: ..."),
    ("tables", "reservations/api/serializers.py", "from ..models import Room\nchoices = Room.Condition.choices"),
    ("tables", "reservations/services.py", "from .models import Room\nroom = Room(number='101')"),
    ("save", "reservations/services.py", "room.save()"),
    ("save", VIEW, "mail.save(request)"),
    ("celery", "pms/events/bell.py", "deliver.apply_async()"),
    ("clock", "reservations/services.py", "now = timezone.now()"),
    ("clock", "reservations/services.py", "day = timezone.localtime(timezone=hotel.zone).date()"),
    ("clock", "reservations/services.py", "day = timezone.localdate(timezone=hotel.zone)"),
    ("clock", "reservations/services.py", "day = hotel.local_now().date()"),
    ("float", "pms/live/hub.py", "PAUSE = 0.5"),
    ("float", "folios/services.py", "tax = Decimal('0.19')"),
    ("swallowed", VIEW, "try:\n    act()\nexcept Exception:\n    undo()\n    raise"),
    (
        "swallowed",
        VIEW,
        "try:\n    act()\nexcept Exception:\n    # A panel may fail.\n    act()",
    ),
    ("swallowed", VIEW, "try:\n    act()\nexcept ValueError:\n    pass"),
    ("csrf_exempt", "folios/webhooks.py", "from django.views.decorators.csrf import csrf_exempt"),
]


def offences(ban: Ban, path: str, source: str) -> list[str]:
    """Return what `ban` finds in `source`."""
    return ban.offences(path, source, ast.parse(source))


@pytest.mark.parametrize("ban", BANS, ids=lambda ban: ban.name)
def test_the_house_does_not(ban: Ban):
    found = [
        offence
        for path in house.house_files()
        for offence in ban.offences(house.name_of(path), house.text_of(path), house.tree_of(path))
    ]

    house.assert_none(found, ban.instead)


@pytest.mark.parametrize(("name", "path", "source"), CAUGHT)
def test_control_the_ban_catches(name: str, path: str, source: str):
    assert offences(BY_NAME[name], path, source)


@pytest.mark.parametrize(("name", "path", "source"), ALLOWED)
def test_control_the_ban_lets_pass(name: str, path: str, source: str):
    assert not offences(BY_NAME[name], path, source)


def test_control_every_ban_has_one():
    assert {name for name, _, _ in CAUGHT} == set(BY_NAME)
