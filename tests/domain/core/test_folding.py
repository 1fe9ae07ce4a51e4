"""Names are found by the letters somebody has on her keys."""

from __future__ import annotations

import pytest

from pms.core.folding import folded


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Martí", "marti"),
        ("MÜLLER", "muller"),
        ("Sørensen", "sorensen"),
        ("Łukasz", "lukasz"),
        ("Weiß", "weiss"),
        ("Æther Œuvre", "aether oeuvre"),
        ("İbrahim Yıldız", "ibrahim yildiz"),
        ("Nguyễn Thị", "nguyen thi"),
        ("e\u0301", "é"),  # typed as one sign or as two
        ("김민수", "김민수"),
        ("ガルシア", "ガルシア"),
        ("Ｓｍｉｔｈ", "smith"),  # full width
    ],
)
def test_a_name_and_what_is_typed_for_it_fold_alike(name: str, typed: str) -> None:
    assert folded(name) == folded(typed)


def test_other_letters_stay_apart() -> None:
    assert folded("Mart") != folded("Marti")
    assert folded("が") != folded("か")
    assert folded("कि") != folded("कु")
