"""Card numbers and secrets never reach a log line or an audit entry."""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from decimal import Decimal
from typing import Any

import pytest
import structlog
from hypothesis import assume, given
from hypothesis import strategies as some

from pms.core.redaction import HIDDEN, luhn, mask_cards, redact, redact_event

CARDS = {
    "13 digits": ("4222222222222", "*********2222"),
    "amex": ("378282246310005", "***********0005"),
    "visa": ("4111111111111111", "************1111"),
    "19 digits": ("6304000000000000000", "***************0000"),
}


def with_check_digit(digits: str) -> str:
    return next(f"{digits}{last}" for last in range(10) if luhn(f"{digits}{last}"))


@pytest.mark.parametrize(("card", "masked"), CARDS.values(), ids=CARDS.keys())
def test_a_card_number_keeps_its_last_four_digits_only(card: str, masked: str) -> None:
    assert mask_cards(card) == masked
    assert mask_cards(f"Karte:{card}!") == f"Karte:{masked}!"
    assert mask_cards(f"CC{card}exp") == f"CC{masked}exp"


@pytest.mark.parametrize(
    "text",
    [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111.1111.1111.1111",
        "4111  1111  1111  1111",
        "4111\u00a01111\u00a01111\u00a01111",
        "4111–1111–1111–1111",
        "4111_1111_1111_1111",
    ],
)
def test_groups_of_digits_are_one_number(text: str) -> None:
    assert mask_cards(f"pay with {text}, please") == "pay with ************1111, please"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("4111 1111 1111 1111 123", "************1111 123"),
        ("4111 1111 1111 1111 12/28", "************1111 12/28"),
        ("4111111111111111 12 28", "************1111 12 28"),
        ("Room 12 4111 1111 1111 1111", "Room 12 ************1111"),
        ("2 4111111111111111 1", "2 ************1111 1"),
        ("4111111111111111 5555555555554444", "************1111 ************4444"),
        ("4111111111111111-5555-5555-5555-4444", "************1111-************4444"),
    ],
)
def test_figures_beside_a_card_do_not_hide_it(text: str, masked: str) -> None:
    assert mask_cards(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "+49 171 1234567",
        "0049 30 901820 4711",
        "4111111111111112",
        "2026-11-22 2026-11-24",
        "22.11.2026 24.11.2026",
        "[2026-11-04,2026-11-08)",
        "2026-11-22T11:20:43.123456+00:00",
        "4111 1111 1111",
        "41111111111111111111111",
        "01a2b3c4-4111-7111-8111-111111112345",
        "e4111111111111111aaaaaaaaaaaaaaaaaaa",
        "",
    ],
)
def test_what_is_no_card_stays_as_it_is(text: str) -> None:
    assert mask_cards(text) == text


@given(
    prefix=some.sampled_from(["4", "51", "2221", "34", "37", "36", "6011", "62"]),
    length=some.integers(13, 19),
    data=some.data(),
)
def test_every_valid_number_is_masked_in_any_grouping(prefix: str, length: int, data: some.DataObject) -> None:
    rest = data.draw(some.text("0123456789", min_size=length - len(prefix) - 1, max_size=length - len(prefix) - 1))
    card = with_check_digit(prefix + rest)
    separator = data.draw(some.sampled_from(["", " ", "-", ".", " - "[:2]]))
    before, after = data.draw(some.sampled_from([("", ""), ("card ", " thanks"), ("(", ")"), ("no.: ", ", 12/28")]))
    text = separator.join(card[place : place + 4] for place in range(0, length, 4))

    masked = mask_cards(f"{before}{text}{after}")

    assert masked == f"{before}{'*' * (length - 4)}{card[-4:]}{after}"


@given(some.text("0123456789 -.", max_size=60))
def test_no_valid_group_of_digits_survives(text: str) -> None:
    left = mask_cards(text)

    for word in left.split():
        assume("." not in word)
        assert not (word.isdigit() and 13 <= len(word) <= 19 and word[0] in "3456" and luhn(word))


def test_nested_structures_are_searched_and_copied() -> None:
    body = {
        "remarks": ["late", "card 4111 1111 1111 1111"],
        "guest": {"name": "Ann", "cardNumber": "4111111111111111", "seriesCode": "123"},
        "pair": ("4111111111111111", 7),
        "4111111111111111": True,
    }

    clean = redact(body)

    assert clean == {
        "remarks": ["late", "card ************1111"],
        "guest": {"name": "Ann", "cardNumber": HIDDEN, "seriesCode": HIDDEN},
        "pair": ["************1111", 7],
        "************1111": True,
    }
    assert body["remarks"][1] == "card 4111 1111 1111 1111"


@pytest.mark.parametrize(
    "key",
    ["password", "client_secret", "access_token", "Authorization", "Set-Cookie", "cvc", "CVV2", "api-key", "apiKey"],
)
def test_secrets_are_hidden_by_their_name(key: str) -> None:
    assert redact({key: "hunter2", "note": "ok"}) == {key: HIDDEN, "note": "ok"}


@pytest.mark.parametrize(
    "value", [7, 1.5, None, True, Decimal("119.00"), uuid.UUID(int=5), dt.date(2026, 11, 22)], ids=repr
)
def test_other_values_keep_their_type(value: Any) -> None:
    assert redact(value) is value


@pytest.mark.parametrize(
    "value", [4111111111111111, Decimal("4111111111111111"), b"4111111111111111", ValueError("4111 1111 1111 1111")]
)
def test_a_card_in_any_other_kind_of_value_is_masked(value: Any) -> None:
    assert "************1111" in redact(value)
    assert "4111111" not in redact(value).replace(" ", "")


def test_a_log_line_is_clean_before_it_is_written() -> None:
    line = redact_event(None, "info", {"event": "paid by 4111111111111111", "token": "abc", "card": 4111111111111111})

    assert line == {"event": "paid by ************1111", "token": HIDDEN, "card": "************1111"}


@pytest.mark.parametrize(
    ("line", "clean"),
    [
        ("Gone: /setup/abc-DEF_123/", "Gone: /setup/[hidden]/"),
        ('"GET /setup/abc?x=1 HTTP/1.1" 200', '"GET /setup/[hidden]?x=1 HTTP/1.1" 200'),
        (
            "http://127.0.0.1:8000/account/password/reset/key/1-cd9f/",
            "http://127.0.0.1:8000/account/password/reset/key/[hidden]/",
        ),
        ("Not Found: /account/confirm-email/Mw:1vN/", "Not Found: /account/confirm-email/[hidden]/"),
        ("Not Found: /invitation/abc:DEF/", "Not Found: /invitation/[hidden]/"),
        ("Gone: /account/not-me/eyJ1c2Vy:1vN:x-y/", "Gone: /account/not-me/[hidden]/"),
        ("Bad Request: /h/SEA/staff/roles/undo/abc:1:x/", "Bad Request: /h/SEA/staff/roles/undo/[hidden]/"),
        ("/h/SEA/stays/1/check-in/undo/", "/h/SEA/stays/1/check-in/undo/"),
        (
            '"GET /account/openid/sso/back/?code=4/0Ab_c&state=xyz&iss=https://a.example HTTP/1.1" 403',
            '"GET /account/openid/sso/back/?code=[hidden]&state=[hidden]&iss=https://a.example HTTP/1.1" 403',
        ),
        ("/x?access_token=abc#y", "/x?access_token=[hidden]#y"),
        ("/h/SEA/rooms/?condition=dirty&page=2", "/h/SEA/rooms/?condition=dirty&page=2"),
        ("/h/SEA/settings/ and a setup", "/h/SEA/settings/ and a setup"),
    ],
)
def test_links_that_let_somebody_in_do_not_reach_a_log(line: str, clean: str) -> None:
    assert redact_event(None, "info", {"event": line, "path": line}) == {"event": clean, "path": clean}


def test_exceptions_in_log_lines_are_clean() -> None:
    from django.conf import settings

    processors = settings.LOGGING["formatters"]["structured"]["foreign_pre_chain"]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=processors,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
    )
    try:
        raise ValueError("refused 4111-1111-1111-1111")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, __file__, 1, "card %s", ("4111111111111111",), (ValueError, error, error.__traceback__)
        )

    written = formatter.format(record)

    assert "4111" not in written
    assert written.count("************1111") == 3
