"""The list of pages that are photographed: nothing of the URL conf is forgotten."""

from __future__ import annotations

from django.urls import get_resolver

from bench.pages_drawn import missed, routes_of


def test_every_route_has_a_picture_or_a_reason():
    assert missed(set(routes_of(get_resolver()))) == set()


def test_a_new_page_and_a_name_that_went_are_told():
    routes = set(routes_of(get_resolver()))

    assert missed(routes | {"reports:list_reports"}) == {"reports:list_reports"}
    assert missed(routes - {"folios:open_folio"}) == {"folios:open_folio"}
