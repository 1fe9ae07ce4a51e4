"""Countries: chosen by name in the reader's language, kept by two letters."""

from __future__ import annotations

import pytest
from django import forms
from django.utils import translation

from pms.core.countries import CountryField, country_name


class PlaceForm(forms.Form):
    country = CountryField(required=False)


@pytest.mark.parametrize(("language", "name"), [("en", "Austria"), ("de", "Österreich"), ("es", "Austria")])
def test_the_reader_sees_names_in_her_language(language: str, name: str) -> None:
    with translation.override(language):
        assert country_name("AT") == name
        assert f'<option value="AT" selected>{name}</option>' in str(PlaceForm(initial={"country": "AT"})["country"])


def test_names_are_in_the_order_of_the_language_and_not_of_its_letters() -> None:
    with translation.override("de"):
        names = [name for _code, name in CountryField().choices]

    assert names.index("Neuseeland") < names.index("Österreich") < names.index("Pakistan")


def test_letters_that_are_in_use_stay_though_no_country_has_them() -> None:
    """A channel sent them; whoever corrects the telephone does not lose them."""
    assert '<option value="XY" selected>XY</option>' in str(PlaceForm(initial={"country": "XY"})["country"])
    assert country_name("XY") == "XY"
    assert "XY" not in str(PlaceForm()["country"]), "the control: it is not offered to others"


@pytest.mark.parametrize(("typed", "kept"), [("de", "DE"), (" ch ", "CH"), ("", "")])
def test_two_letters_are_kept_in_capitals(typed: str, kept: str) -> None:
    form = PlaceForm({"country": typed})

    assert form.is_valid()
    assert form.cleaned_data["country"] == kept


@pytest.mark.parametrize("typed", ["Schweiz", "D1", "D", "ßß"])
def test_anything_else_is_asked_back(typed: str) -> None:
    assert PlaceForm({"country": typed}).errors == {"country": ["Choose the country from the list."]}
