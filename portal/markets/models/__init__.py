"""What we remember about markets."""

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
    Stall,
    Zone,
    natural_key,
)
from portal.markets.models.posts import Post, PostKind
from portal.markets.models.vendors import Occupancy, Vendor, VendorKind

__all__ = [
    "LONG_PAST",
    "PAST",
    "Holder",
    "Market",
    "MarketKind",
    "MarketMove",
    "MarketSerial",
    "Occupancy",
    "Paper",
    "PaperKind",
    "PaperStanding",
    "PaperWarning",
    "Post",
    "PostKind",
    "Stall",
    "Trade",
    "Vendor",
    "VendorKind",
    "WarnUnit",
    "Zone",
    "natural_key",
]
