"""Who may not see guests reads their names and contact data nowhere; who may, reads them wherever a guest stands."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pms.accounts.models import User
from pms.accounts.registry import all_codes
from pms.events.models import StreamEvent
from pms.events.selectors import numbers_happened
from pms.live.batches import draw
from pms.live.fragments import Audience, all_fragments
from reservations.models import RoomAssignment
from tests.api.partner import Partner, make_partner, make_token
from tests.permissions.house import House, browser, values_for
from tests.permissions.routes import ALSO, cases

GUEST_VIEW = "guest_view"
# What they were called when they booked stands in what was kept of that moment.
BEFORE = r"\bLena\b|\bFort\b|\bEdda\b|\bWolf\b|Jordi|Martí"
TOLD = re.compile(f"xaverine|quitten|019283|{BEFORE}", re.IGNORECASE)
# Lists that depend on what is asked.
ASKED = (
    "reservations/?q=Quittenbaum",
    "reservations/?status=in_house",
    "folios/?show=all",
    "bookings/new/guest/?find=name&last_name=Quittenbaum",
)
# Pages that name a guest of this house to those who may see guests: the control to their silence.
NAMING = frozenset(
    {
        "folios:issue_invoice",
        "folios:list_folios",
        "folios:open_folio",
        "folios:open_night_audit",
        "housekeeping:my_rooms",
        "notifications:list_activity",
        "properties:list_audit",
        "reservations:list_reservations",
        "reservations:open_reservation",
        "reservations:room_plan",
        "reservations:room_plan_stay",
        "reservations:today",
        *(f"reservations:{dialog}" for dialog in ("cancel_reservation", "check_in", "check_out", "choose_room")),
    }
)
# Pieces that name a guest of this house, likewise.
NAMING_PIECES = frozenset(
    {
        "activity_line",
        "arrival_row",
        "departure_row",
        "folio_head",
        "folio_latest",
        "folio_row",
        "folio_window",
        "guest_card",
        "in_house_row",
        "my_room_card",
        "reservation_head",
        "reservation_row",
        "work_item",
    }
)


@pytest.fixture
def nameless(marked: House) -> User:
    """Somebody who may do everything but see guests."""
    return marked._person("nameless", all_codes() - {GUEST_VIEW})


def read(house: House, user: User) -> dict[str, list[Any]]:
    """Return what every page that can be looked at answers, as a page and to its own scripts, by its name."""
    client, found = browser(user), {}
    for route, _method in cases("GET"):
        url = route.url("SEA", values_for(route.arguments(), house.sea, user))
        found[route.name] = [client.get(url), client.get(url, headers={"hx-request": "true"})]
    found |= {asked: [client.get(f"/h/SEA/{asked}")] for asked in ASKED}
    plan = {f"{kind}={pk}" for kind in ("row", "lane") for pk in _plan_keys(house, kind)}
    found["plan rows"] = [client.get(f"/h/SEA/plan/rows/?{'&'.join(sorted(plan))}", headers={"x-live": "rows"})]
    return found


def _plan_keys(house: House, kind: str) -> set[Any]:
    stay = house.sea.expected
    rooms = RoomAssignment.objects.filter(property=house.sea.row).values_list("room_id", flat=True)
    return set(rooms) if kind == "row" else {stay.room_type_id}


def says(answer: Any) -> bool:
    """Tell whether an answer, or what it makes the page say, names a guest."""
    told = answer.content.decode(errors="replace") + str(dict(answer.headers))
    return bool(TOLD.search(told.replace("q=Quittenbaum", "").replace('value="Quittenbaum"', "")))


def test_no_page_names_a_guest_to_who_may_not_see_guests(marked: House, nameless: User) -> None:
    answers = read(marked, nameless)

    assert [name for name, found in answers.items() if any(says(answer) for answer in found)] == []
    refused = {name for name, found in answers.items() if found[0].status_code == 403}
    assert refused == {name for (name, method), rights in ALSO.items() if GUEST_VIEW in rights and method == "GET"}


def test_control_who_may_see_guests_reads_them(marked: House) -> None:
    named = {name for name, found in read(marked, marked.olga).items() if any(says(answer) for answer in found)}

    assert named >= NAMING | set(ASKED) | {"plan rows"}, sorted((NAMING | set(ASKED) | {"plan rows"}) - named)


def pieces_that_name(house: House, rights: frozenset[str]) -> set[str]:
    """Return the kinds of pieces that would travel to somebody with these rights and name a guest."""
    hotel = house.sea.row
    rows = StreamEvent.objects.filter(property_id=hotel.pk).values_list("touches", flat=True)
    touched = dict.fromkeys(topic for touches in rows for topic in touches)
    logs = [fragment for fragment in all_fragments() if fragment.of_events is not None]
    touched |= dict.fromkeys(log.topic(number) for log in logs for number in numbers_happened(hotel.pk, 0, 2**62))
    every = frozenset(fragment.name for fragment in all_fragments())
    pieces = draw(touched, Audience(hotel.pk, rights), every)
    return {piece.topic.partition(":")[0] for piece in pieces if TOLD.search(piece.html)}


def test_no_pushed_piece_names_a_guest_to_who_may_not_see_guests(marked: House) -> None:
    everything = frozenset(str(code) for code in all_codes())

    assert pieces_that_name(marked, everything - {GUEST_VIEW}) == set()
    named = pieces_that_name(marked, everything)
    assert named >= NAMING_PIECES, f"the control: {sorted(NAMING_PIECES - named)}"


def test_the_administration_keeps_entries_about_guests_back(marked: House, nameless: User) -> None:
    told = {}
    for user in (nameless, marked._person("of_all", all_codes())):
        User.objects.filter(pk=user.pk).update(is_staff=True)
        answer = browser(user).get("/admin/core/auditentry/?all=")
        assert answer.status_code == 200
        told[user.email] = (says(answer), answer.context["cl"].result_count > 10)

    assert told == {"nameless@people.example": (False, True), "of_all@people.example": (True, True)}


def test_a_search_for_a_name_finds_nothing_for_who_may_not_see_guests(marked: House, nameless: User) -> None:
    """Else a name that somebody guesses would tell whose stay it is."""
    stay, number = marked.sea.expected, marked.sea.expected.number
    found = {
        (user.pk, asked): str(stay.pk) in browser(user).get(f"/h/SEA/reservations/?q={asked}").content.decode()
        for user in (nameless, marked.olga)
        for asked in ("Quittenbaum", number)
    }

    assert found == {
        (nameless.pk, "Quittenbaum"): False,
        (nameless.pk, number): True,
        (marked.olga.pk, "Quittenbaum"): True,
        (marked.olga.pk, number): True,
    }


def test_acts_say_the_number_instead_of_the_name(marked: House, nameless: User) -> None:
    stay, room = marked.sea.expected, marked.sea.room
    acts = [f"room/{room.pk}/", "room/none/"]
    told = {}
    for user in (nameless, marked.olga):
        client = browser(user)
        answers = [client.post(f"/h/SEA/reservations/{stay.pk}/{act}") for act in acts]
        assert {answer.status_code for answer in answers} == {204}
        told[user.pk] = [says(answer) for answer in answers]
        if user == nameless:
            assert all(stay.number in answer["HX-Trigger"] for answer in answers)

    assert told == {nameless.pk: [False, False], marked.olga.pk: [True, True]}


def test_a_known_guest_is_taken_over_only_by_who_may_see_guests(marked: House, nameless: User) -> None:
    """The key of a guest, however it was come by, does not give her name away."""
    url = f"/h/SEA/bookings/new/guest/?guest_id={marked.sea.expected.guest_id}"

    assert browser(nameless).get(url).status_code == 403
    assert says(browser(marked.olga).get(url))


# What a program may read, besides who the guests are.
SCOPES = "reservations.read reservations.write folios.read events.read rates.read rooms.read night_audits.read"


def test_a_program_reads_guests_only_with_the_scope(marked: House) -> None:
    without = make_partner([marked.sea.row], scope=SCOPES)
    holder = make_partner([marked.sea.row], scope=f"{SCOPES} guests.read", name="Paula")
    stay, folio = marked.sea.expected, marked.sea.folio
    paths = {
        "bookings": True,
        f"bookings/{stay.booking_id}": True,
        "reservations": True,
        f"reservations/{stay.pk}": True,
        "folios": True,
        f"folios/{folio.pk}": True,
        "events": False,
        "night-audits": False,
    }

    silent, told = ({path: _api(one, path) for path in paths} for one in (without, holder))

    assert not any(silent.values())
    assert told == paths, "the control"
    assert without.get(f"reservations/{stay.pk}").json()["guest"] is None


def test_an_invoice_is_read_by_who_may_read_documents(marked: House) -> None:
    """It names whom it is written to, so its scope stands for seeing guests; a narrower token of one client not."""
    reader = make_partner([marked.sea.row], scope="invoices.read folios.read")
    invoice = f"invoices/{marked.sea.invoice.pk}"
    assert reader.get(invoice).json()["buyer"] and reader.get(f"{invoice}/pdf").status_code == 200

    reader.token = make_token(reader.client, scope="folios.read")

    assert not _api(reader, f"folios/{marked.sea.folio.pk}")


def _api(partner: Partner, path: str) -> bool:
    answer = partner.get(path)
    assert answer.status_code == 200, (path, answer.content[:500])
    return says(answer)


def test_the_history_shows_addresses_to_readers_of_the_audit_log_only(house: House) -> None:
    stay, address = house.sea.expected, "192.0.2.77"
    manager = browser(house.olga)
    manager.post(
        f"/h/SEA/reservations/{stay.pk}/notes/",
        {"stay-notes": "Late arrival", "stay-seen_notes": "", "stay-version": stay.version},
        REMOTE_ADDR=address,
    )
    url = f"/h/SEA/reservations/{stay.pk}/"
    people = {right: house._person(f"without_{right}", all_codes() - {right}) for right in ("audit_view", "overbook")}

    pages = {right: browser(user).get(url).content.decode() for right, user in people.items()}

    assert address not in pages["audit_view"]
    assert address in pages["overbook"], "the control: the address was kept, and who may read the log sees it"
    assert all("Olga Brandt" in page and "Late arrival" in page for page in pages.values())
