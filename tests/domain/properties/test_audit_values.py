"""What the log keeps of switches and lists reads as words, in the history of a row, in the audit log and of a stay."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from pms.core.models import AuditEntry
from properties import services
from properties.audit_lines import audit_lines
from properties.audit_words import plain_words
from properties.models import Feature, Property, RoomType
from properties.services import staff_add, staff_set_roles
from reservations.selectors.history import history_of
from tests.factories.reservations import make_reservation


def told(hotel: Property, pk: object) -> dict[str, tuple[str, str]]:
    """Return the newest differences of a row by the name of their field."""
    entries = AuditEntry.objects.filter(property_id=hotel.pk, object_pk=str(pk)).order_by("-id")
    (line, *_older) = audit_lines(entries, {"staff_view", "audit_view"})
    return {one.name: (one.old, one.new) for one in line.differences}


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ("True", "yes"),
        ("False", "no"),
        ("[]", "–"),
        ("['sea', 'quiet']", "sea, quiet"),
        ("[5, 9]", "5, 9"),
        ("[{'name': 'Infants', 'from': 0, 'to': 2, 'cot': True}]", "Infants 0–2"),
        ("[2026-03-14, 2026-03-15)", None),
        ("[not closed", None),
        ("[__import__('os')]", None),
        ("Seaside", None),
    ],
)
def test_a_stored_value_in_words(kept: str, words: str | None) -> None:
    assert plain_words(kept) == words


@pytest.mark.django_db
def test_roles_features_and_switches_are_called_as_people_call_them(hotel: Property) -> None:
    member = staff_add(property_id=hotel.pk, name="Nele", email="nele@sea.example", roles=["front_desk"])
    staff_set_roles(membership_id=member.pk, roles=["front_desk", "housekeeper"])
    Feature(property=hotel, code="sea_view", name="Sea view", order=1).save()
    kind = RoomType.objects.get(property=hotel, code="DBL")
    services.room_type_change(
        room_type_id=kind.pk, values={"features": ["sea_view"], "inspect_departures": not kind.inspect_departures}
    )

    roles, facts = told(hotel, member.pk), told(hotel, kind.pk)

    assert not any(sign in "".join(pair) for pair in [*roles.values(), *facts.values()] for sign in "[]'_")
    assert ("–", "Sea view") in facts.values()
    assert {"yes", "no"} in [set(pair) for pair in facts.values()]
    with override("de"):
        assert {"ja", "nein"} in [set(pair) for pair in told(hotel, kind.pk).values()]


@pytest.mark.django_db
def test_the_history_of_a_stay_shows_no_list_as_it_is_kept(hotel_for_sale: Property) -> None:
    stay = make_reservation(hotel=hotel_for_sale)
    stay.children = [5, 9]
    stay.save()

    (line, *_older) = history_of(stay, {"guest_view"})

    assert [change.new for change in line.changes] == ["5, 9"]
