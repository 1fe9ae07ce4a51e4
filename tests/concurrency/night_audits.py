"""What the races of the night audit share: a house with forty guests, worker processes, and a look at the books."""

from __future__ import annotations

from folios.models import NightAudit, Posting
from pms.events.models import Delivery
from properties.models import Property, Room
from tests.factories.folios import make_guest_in_house, open_for_business
from tests.factories.properties import make_trial_hotel

# Forty rooms whose night is 4,480.00: 25 doubles, 14 singles, one suite.
MIX = {"DBL": (25, "120.00"), "SGL": (14, "90.00"), "SUI": (1, "220.00")}
WORKER = """
import sys, time
import django
django.setup()
from folios.models import NightAudit
from pms.events.worker import deliver_due
until = time.monotonic() + 90
while time.monotonic() < until and not NightAudit.objects.filter(status="succeeded").exists():
    deliver_due(seconds=5)
    time.sleep(0.05)
"""


def full_house(*, rooms: int = 40) -> Property:
    """Open the trial hotel with guests in the first rooms of the mix, each for one night."""
    hotel = open_for_business(make_trial_hotel(), nights=10)
    left = rooms
    for code, (count, _price) in MIX.items():
        numbers = Room.objects.filter(property=hotel, room_type__code=code).order_by("sort_key")
        for number in list(numbers.values_list("number", flat=True))[: min(count, left)]:
            make_guest_in_house(hotel=hotel, room=number, room_type=code, nights=2)
            left -= 1
    # What these arrivals owe to others is not of these tests: the workers begin with the audit.
    Delivery.objects.filter(state=Delivery.State.PENDING).update(state=Delivery.State.DONE)
    return hotel


def rooms_posted(hotel: Property) -> list[Posting]:
    """Return the postings of room nights."""
    return list(Posting.objects.filter(property=hotel, transaction_code__code="room"))


def run_of(hotel: Property) -> NightAudit:
    """Return the hotel's only run."""
    return NightAudit.objects.get(property=hotel)
