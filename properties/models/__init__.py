"""Hotels, the people who work in them, what is sold and the actual rooms."""

from .hotels import Organization, Property
from .rooms import Room, RoomType
from .staff import Membership
from .taxes import CityTax, TaxRate

__all__ = ["CityTax", "Membership", "Organization", "Property", "Room", "RoomType", "TaxRate"]
