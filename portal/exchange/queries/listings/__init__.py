"""Everything the portal lists, as it goes out: one table."""

from collections.abc import Sequence

from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.core.policy import may
from portal.exchange.queries.listings.base import Chosen, Column, Filter, Listing, Value
from portal.exchange.queries.listings.checks import CHECKS, FINDINGS, RECORDS, REVIEWS
from portal.exchange.queries.listings.holders import CORRECTIONS, EQUIPMENT, PAPERS, VENDORS, WORKERS
from portal.exchange.queries.listings.people import IMPORTS, JOURNAL, ORGANISATIONS, PEOPLE, POSTS, READS
from portal.exchange.queries.listings.places import MARKETS, POINTS, SIGNS, STALLS, ZONES

LISTINGS: Sequence[Listing] = (
    MARKETS,
    ZONES,
    STALLS,
    VENDORS,
    WORKERS,
    CORRECTIONS,
    PAPERS,
    EQUIPMENT,
    POINTS,
    SIGNS,
    CHECKS,
    FINDINGS,
    RECORDS,
    REVIEWS,
    POSTS,
    PEOPLE,
    ORGANISATIONS,
    IMPORTS,
    JOURNAL,
    READS,
)
_by_code = {one.code.value: one for one in LISTINGS}


def get_listing(code: str) -> Listing:
    """The list of this code; raises NotThere."""
    if code not in _by_code:
        raise NotThere
    return _by_code[code]


def open_to(actor: Actor) -> list[Listing]:
    """The lists this actor may have."""
    return [one for one in LISTINGS if may(actor, one.needs)]


__all__ = ["LISTINGS", "Chosen", "Column", "Filter", "Listing", "Value", "get_listing", "open_to"]
