"""What can be done with markets, zones, stalls, vendors, papers and posts."""

from portal.markets.operations import leaving
from portal.markets.operations.equipment import (
    EquipmentFacts,
    add_equipment,
    date_equipment,
    edit_equipment,
    end_equipment,
    resume_equipment,
)
from portal.markets.operations.facts import MarketFacts, PaperFacts, StallFacts, VendorFacts, ZoneFacts
from portal.markets.operations.facts import code as tidy_code
from portal.markets.operations.moving import restamp
from portal.markets.operations.operators import change_operator
from portal.markets.operations.papers import (
    add_photos,
    confirm_paper,
    correct_paper,
    record_paper,
    renew_paper,
)
from portal.markets.operations.places import (
    add_zone,
    close_market,
    edit_market,
    edit_zone,
    move_zone,
    register_market,
)
from portal.markets.operations.points import PointFacts, add_point, edit_point, end_point, move_point
from portal.markets.operations.posts import appoint, end_post
from portal.markets.operations.reference import load_papers, load_trades
from portal.markets.operations.search import reindex
from portal.markets.operations.stalls import (
    add_listed_stalls,
    add_stall,
    add_stalls,
    close_stall,
    edit_listed_stalls,
    edit_stall,
    renovate_stall,
    resume_stall,
    seal_stall,
    suspend_stall,
)
from portal.markets.operations.vendors import (
    edit_vendor,
    end_vendor,
    move_in,
    move_out,
    register_vendor,
    resume_vendor,
)
from portal.markets.operations.warnings import remind_of_papers

__all__ = [
    "EquipmentFacts",
    "MarketFacts",
    "PaperFacts",
    "PointFacts",
    "StallFacts",
    "VendorFacts",
    "ZoneFacts",
    "add_equipment",
    "add_listed_stalls",
    "add_photos",
    "add_point",
    "add_stall",
    "add_stalls",
    "add_zone",
    "appoint",
    "change_operator",
    "close_market",
    "close_stall",
    "confirm_paper",
    "correct_paper",
    "date_equipment",
    "edit_equipment",
    "edit_listed_stalls",
    "edit_market",
    "edit_point",
    "edit_stall",
    "edit_vendor",
    "edit_zone",
    "end_equipment",
    "end_point",
    "end_post",
    "end_vendor",
    "leaving",
    "load_papers",
    "load_trades",
    "move_in",
    "move_out",
    "move_point",
    "move_zone",
    "record_paper",
    "register_market",
    "register_vendor",
    "reindex",
    "remind_of_papers",
    "renew_paper",
    "renovate_stall",
    "restamp",
    "resume_equipment",
    "resume_stall",
    "resume_vendor",
    "seal_stall",
    "suspend_stall",
    "tidy_code",
]
