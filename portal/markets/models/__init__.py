"""What we remember about markets."""

from portal.markets.models.corrections import CorrectedField, Correction
from portal.markets.models.equipment import CheckPoint, Equipment, EquipmentKind
from portal.markets.models.papers import (
    LONG_PAST,
    PAST,
    Holder,
    Paper,
    PaperKind,
    PaperStanding,
    PaperWarning,
    Trade,
    WarnUnit,
)
from portal.markets.models.places import (
    Market,
    MarketKind,
    MarketMove,
    MarketSerial,
    OperatorChange,
    Stall,
    Zone,
    natural_key,
)
from portal.markets.models.posts import Post, PostKind
from portal.markets.models.search import Found, SearchWord
from portal.markets.models.signs import Sign, SignKind
from portal.markets.models.staff import Worker
from portal.markets.models.vendors import Occupancy, Vendor, VendorKind

__all__ = [
    "LONG_PAST",
    "PAST",
    "CheckPoint",
    "CorrectedField",
    "Correction",
    "Equipment",
    "EquipmentKind",
    "Found",
    "Holder",
    "Market",
    "MarketKind",
    "MarketMove",
    "MarketSerial",
    "Occupancy",
    "OperatorChange",
    "Paper",
    "PaperKind",
    "PaperStanding",
    "PaperWarning",
    "Post",
    "PostKind",
    "SearchWord",
    "Sign",
    "SignKind",
    "Stall",
    "Trade",
    "Vendor",
    "VendorKind",
    "WarnUnit",
    "Worker",
    "Zone",
    "natural_key",
]
