"""A day in the trial hotel that is worth looking at: guests, rooms, bills and channels in all their states."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.concurrency.open_hotel import OpenHotel
from tests.runtime.helpers import eventually

CONDITIONS = {
    "101": "dirty",
    "106": "touch_up",
    "110": "dirty",
    "115": "touch_up",
    "310": "inspected",
    "504": "inspected",
}
CHARGES = (("minibar", "9.50"), ("parking", "15.00"), ("minibar", "28.50"), ("breakfast_food", "12.60"))
WAITING = "select id from channel_manager_inboxmessage where state = 'attention'"


@dataclass
class Day:
    """What was made: the addresses' parts by name, and the password of everybody."""

    password: str
    places: dict[str, str] = field(default_factory=dict)

    def close(self, house: OpenHotel) -> None:
        """Let everybody leave who is due, and close the day."""
        today = _today(house).isoformat()
        for stay in house.get("reservations", status="in_house", limit=100)["results"]:
            if stay["departure"] <= today:
                _settle(house, stay)
                _post(house, f"reservations/{stay['id']}/check-out")
        audit = _post(house, "night-audits")
        eventually(lambda: house.get(f"night-audits/{audit['id']}")["status"] == "succeeded", 60)


def live_a_day(house: OpenHotel) -> Day:
    """Fill the empty installation with the busy trial hotel and bring it into an interesting state."""
    said = house.manage("seed", "--busy")
    house.manage("connect_sandbox")
    house.take_token("Concierge app")
    found = re.search(r"hugo@sea\.example\s+(\S+)", said)
    assert found, said
    day = Day(found.group(1))
    for number, condition in CONDITIONS.items():
        _post(house, f"rooms/{number}/condition", condition=condition)
    _guests_of_the_channel(house, day)
    _bills(house, day)
    _others(house, day)
    return day


def _guests_of_the_channel(house: OpenHotel, day: Day) -> None:
    """One booking that fits, one of a room that nobody has mapped, and one message that cannot be read."""
    today = _today(house)
    rooms = _site(house, "state")["hotels"]["900100"]["rooms"]
    double = next(number for number, name in rooms.items() if name == "Double")
    _site(house, "deliver_raw", queue="new", body="<OTA_HotelResNotifRQ><Broken")
    _book(house, "Ada Muster", double, today, 2, remarks="Vegan breakfast, please.", card="5555444433331111")
    eventually(lambda: _stay_of(house, "Muster"), 60)
    told = [{"id": number, "name": name} for number, name in rooms.items()]
    rates = [{"id": "900100001", "name": "Standard"}]
    _site(house, "hotel", hotel="900100", rooms=[*told, {"id": "90010004", "name": "Sea view loft"}], rates=rates)
    _book(house, "Jan de Boer", "90010004", today + dt.timedelta(days=1), 3)
    day.places["unmapped"] = eventually(lambda: _stay_of(house, "de Boer", "Boer"), 60)["id"]


def _bills(house: OpenHotel, day: Day) -> None:
    """A bill with charges, a correction and a part payment; one to invoice; one that is invoiced and paid."""
    here = house.get("reservations", status="in_house", limit=100)["results"]
    today = _today(house).isoformat()
    staying = [stay for stay in here if stay["departure"] > today]
    first, second, third = staying[:3]
    day.places |= {"stay": first["id"], "long_stay": max(staying, key=lambda stay: str(stay["departure"]))["id"]}
    folio = _charge(house, first, *CHARGES)
    posted = house.get(f"folios/{folio}")["postings"]
    _post(house, f"folios/{folio}/corrections", posting=posted[0]["id"], reason="Not consumed")
    _pay(house, folio, "20.00")
    day.places["folio"] = folio
    day.places["other_folio"] = _charge(house, second, ("parking", "15.00"), ("minibar", "9.50"))
    done = _charge(house, third, ("parking", "30.00"), ("minibar", "19.00"))
    _pay(house, done, "49.00")
    _post(house, f"folios/{done}/invoices", window=1)
    day.places["invoiced"] = done


def _others(house: OpenHotel, day: Day) -> None:
    coming = house.get("reservations", status="confirmed", limit=100)["results"]
    roomless = [stay for stay in coming if not stay["room"] and stay["arrival"] == _today(house).isoformat()]
    day.places["roomless"] = roomless[0]["id"]
    _post(house, f"reservations/{coming[-1]['id']}/cancel", reason="The guest is ill")
    day.places["gone"] = coming[-1]["id"]
    day.places["room"] = house.get("rooms/101")["id"]
    for name in ("roomtype", "floor", "section", "feature"):
        day.places[name] = str(house.sql(f"select id from properties_{name} order by id limit 1")[0][0])
    day.places["connection"] = str(house.sql("select id from channel_manager_channelconnection")[0][0])
    day.places["message"] = str(house.sql(WAITING)[0][0])
    member = "select m.id from properties_membership m join accounts_user u on u.id = m.user_id where u.email = '{}'"
    day.places["member"] = str(house.sql(member.format("maria@sea.example"))[0][0])
    day.places["reset"] = _reset_link(house)


def _reset_link(house: OpenHotel) -> str:
    """Ask for a new password as Rosa and return the link of the mail."""
    with httpx.Client(base_url=house.url) as browser:
        form = browser.get("/account/password/reset/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
        assert token
        asked = {"csrfmiddlewaretoken": token.group(1), "email": "rosa@sea.example"}
        browser.post("/account/password/reset/", data=asked, headers={"Referer": house.url})

    def links() -> list[str]:  # the postman writes several mails, each when its turn comes
        mails = (mail.read_text() for mail in (house.data / "mail").glob("**/*") if mail.is_file())
        return [link for mail in mails for link in re.findall(r"/account/password/reset/key/\S+", mail)]

    found: list[str] = eventually(links, 60)
    return found[0]


def _today(house: OpenHotel) -> dt.date:
    return dt.date.fromisoformat(httpx.get(house.api, headers=house.headers(), timeout=60).json()["business_date"])


def _post(house: OpenHotel, path: str, **body: Any) -> Any:
    headers = house.headers(**{"Idempotency-Key": str(uuid.uuid4())})
    answer = httpx.post(f"{house.api}/{path}", json=body, headers=headers, timeout=60)
    assert answer.status_code < 300, f"{path}: {answer.text}"
    return answer.json()


def _site(house: OpenHotel, what: str, **asked: Any) -> Any:
    answer = httpx.post(f"{house.sandbox}/control/{what}", json=asked, timeout=30)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _book(house: OpenHotel, guest: str, room: str, first: dt.date, nights: int, **more: str) -> None:
    stay = {"room": room, "arrival": first.isoformat(), "departure": (first + dt.timedelta(days=nights)).isoformat()}
    _site(house, "book", guest=guest, rooms=[stay], **more)


def _stay_of(house: OpenHotel, *surnames: str) -> Any:
    stays = house.get("reservations", status="confirmed", limit=100)["results"]
    return next((stay for stay in stays if stay["guest"]["last_name"] in surnames), None)


def _charge(house: OpenHotel, stay: dict[str, Any], *charges: tuple[str, str]) -> str:
    folio: str = house.get("folios", reservation=stay["id"])["results"][0]["id"]
    for code, amount in charges:
        _post(house, f"folios/{folio}/charges", transaction_code=code, amount={"amount": amount, "currency": "EUR"})
    return folio


def _pay(house: OpenHotel, folio: str, amount: str) -> None:
    _post(house, f"folios/{folio}/payments", method="cash", amount={"amount": amount, "currency": "EUR"})


def _settle(house: OpenHotel, stay: dict[str, Any]) -> None:
    if float(stay["balance"]["amount"]) > 0:
        _pay(house, house.get("folios", reservation=stay["id"])["results"][0]["id"], stay["balance"]["amount"])
