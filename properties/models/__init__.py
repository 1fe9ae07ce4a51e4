"""Hotels, the people who work in them, what is sold and the actual rooms."""

from .hotels import Organization, Property
from .invitations import Invitation
from .pictures import RoomTypePhoto
from .places import Building, Feature, Floor, Place, Section
from .rooms import Room, RoomConnection, RoomType, RoomTypeSpan
from .staff import Membership, Role
from .taxes import CityTax, TaxRate

__all__ = [
    "Building",
    "CityTax",
    "Feature",
    "Floor",
    "Invitation",
    "Membership",
    "Organization",
    "Place",
    "Property",
    "Role",
    "Room",
    "RoomConnection",
    "RoomType",
    "RoomTypePhoto",
    "RoomTypeSpan",
    "Section",
    "TaxRate",
]
