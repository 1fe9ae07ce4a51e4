"""Every described operation × who calls: nobody, a stranger, a program without the scope. New ones are found here."""

from __future__ import annotations

import re
from typing import Any

import pytest

from pms.api import scopes
from pms.api.schema import SCHEME, described
from properties.models import Property
from tests.api.partner import Partner, make_partner, problem

SOME_ID = "01a2032c-4246-763c-a6c2-f4b84bfad119"
OPERATIONS = [
    (method.upper(), path, entry["security"][0][SCHEME][0])
    for path, found in described()["paths"].items()
    for method, entry in found.items()
]


def send(partner: Partner, method: str, path: str, code: str = "SEA") -> Any:
    """Call the operation with nothing in it: whoever may not call it must not learn what would be wrong with that."""
    url = re.sub(r"{\w+}", SOME_ID, path.replace("{property_code}", code).replace("{side}", "480"))
    return partner.send(method, url, None if method == "GET" else {})


@pytest.mark.parametrize(("method", "path", "scope"), OPERATIONS)
def test_who_is_kept_out_and_how(hotel: Property, other_hotel: Property, method: str, path: str, scope: str) -> None:
    others = make_partner([hotel], scope=" ".join(set(scopes.registered()) - {scope}))
    assert problem(send(others, method, path), 403, "insufficient_scope")["scope"] == scope
    if "{property_code}" in path:
        problem(send(others, method, path, code=other_hotel.code), 404, "not_found")
        problem(send(make_partner([other_hotel]), method, path), 404, "not_found")
    others.token = "nonsense"
    problem(send(others, method, path), 401, "invalid_token")


def test_control_the_matrix_is_not_empty() -> None:
    assert len(OPERATIONS) >= 8
