"""The base plan and its prices, as the people who set them see them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from pms.accounts.access import fetch
from pms.core.errors import NotThere
from pms.live.fragments import Audience
from properties.models import Property, RoomType
from reservations.models import DailyRate, RatePlan
from reservations.selectors.offers import rate_plans_sold, room_types_sold

NIGHTS = 14


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A room type and its price of each shown night, None where it has none."""

    kind: RoomType
    prices: Sequence[Decimal | None]


@dataclass(frozen=True, slots=True)
class PriceGrid:
    """The base plan's prices; `missing` counts the nights of the shown ones that cannot be sold for want of one."""

    nights: Sequence[dt.date]
    rows: Sequence[PriceRow]

    @property
    def missing(self) -> int:
        """Return how many cells have no price."""
        return sum(price is None for row in self.rows for price in row.prices)


@dataclass(frozen=True, slots=True)
class PricesTold:
    """That prices changed. No page shows this piece, so each page of prices asks for the nights it shows."""

    pk: uuid.UUID


def base_rate_plan(hotel: Property) -> RatePlan | None:
    """Return the plan whose prices are set by hand; the others follow it."""
    return rate_plans_sold(hotel).filter(derived_from=None).first()


def rate_plan_for(user: Any, right: str, hotel: Property, pk: uuid.UUID) -> RatePlan:
    """Return the rate plan if `user` holds `right` at its hotel. Raises `NotThere` or `NotAllowed`."""
    found: RatePlan = fetch(RatePlan.objects.filter(property_id=hotel.pk), user, right, pk=pk)
    return found


def rate_plan_for_update(pk: uuid.UUID) -> RatePlan:
    """Lock the rate plan and return it as it is now. Raises `NotThere`."""
    rows = RatePlan.objects.select_for_update(no_key=True, of=("self",)).select_related("property")
    found: RatePlan | None = rows.filter(pk=pk).first()
    if found is None:
        raise NotThere(_("That rate plan"))
    return found


def rate_plan_code_taken(property_id: uuid.UUID, code: str, *, but: uuid.UUID) -> bool:
    """Tell whether another plan of the hotel has the code."""
    return RatePlan.objects.filter(property_id=property_id, code=code).exclude(pk=but).exists()


def price_grid(hotel: Property, plan: RatePlan | None, first: dt.date) -> PriceGrid:
    """Return the prices of all room types on sale for two weeks, in two queries."""
    nights = [first + dt.timedelta(days=place) for place in range(NIGHTS)]
    rates = DailyRate.objects.filter(property_id=hotel.pk, rate_plan=plan, night__range=(nights[0], nights[-1]))
    prices = {(rate.room_type_id, rate.night): rate.price for rate in rates} if plan else {}
    return PriceGrid(
        nights, [PriceRow(kind, [prices.get((kind.pk, night)) for night in nights]) for kind in room_types_sold(hotel)]
    )


def prices_told(pks: Sequence[uuid.UUID], audience: Audience) -> Mapping[uuid.UUID, PricesTold]:
    """Return the mark of the audience's hotel."""
    if audience.property_id not in pks:
        return {}
    return {audience.property_id: PricesTold(audience.property_id)}
