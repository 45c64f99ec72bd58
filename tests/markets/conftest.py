"""What the tests of markets stand on: the reference data, and a vendor or two."""

import csv
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from portal.core import clock, db
from portal.core.actor import SYSTEM, Actor, Role
from portal.core.reach import Reach, Sight
from portal.core.settings import Settings
from portal.evidence import storage
from portal.evidence.staging import stage
from portal.markets import operations
from portal.markets.models import MarketKind, PaperKind, Stall, Vendor, VendorKind
from portal.markets.operations import MarketFacts, PaperFacts, VendorFacts
from tests.evidence import pictures
from tests.people import Cast

DATA = Path(__file__).parents[2] / "portal" / "data"
MONDAY = date(2026, 10, 12)
USCC = "92441900MA4X00001G"
OTHER_USCC = "92441900MA00000020"
OWN_ID = "360426199101010071"


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a file in portal/data."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def monday() -> Iterator[None]:
    """It is Monday morning, 12 October 2026."""
    with clock.at(datetime.combine(MONDAY, time(9))):
        yield


@pytest.fixture
def reference(cast: Cast) -> None:
    """The kinds of paper and the trades are loaded."""
    with db.acting(SYSTEM(Reach(Sight.CITY))) as session:
        who = SYSTEM(session.reach)
        operations.load_papers(rows("papers"), who)
        operations.load_trades(rows("trades"), who)


def market_facts(**changes: Any) -> MarketFacts:
    """A wet market as somebody might write it down."""
    facts: dict[str, Any] = {
        "name": "新样肉菜市场",
        "kind": MarketKind.WET,
        "opener_name": "新样股份经济合作社",
        "address": "新样路 8 号",
        "opens_at": time(5, 30),
        "closes_at": time(19),
    }
    return MarketFacts(**{**facts, **changes})


def vendor_facts(**changes: Any) -> VendorFacts:
    """A stallholder as somebody might write him down."""
    facts: dict[str, Any] = {
        "kind": VendorKind.INDIVIDUAL,
        "name": "样记烧腊",
        "keeper_name": "梁样烧",
        "phone": "138 0013 8000",
        "uscc": USCC,
        "trade_codes": [],
        "started_on": date(2025, 3, 1),
    }
    return VendorFacts(**{**facts, **changes})


def paper_facts(**changes: Any) -> PaperFacts:
    """A paper that runs to the end of next year, its original seen."""
    facts: dict[str, Any] = {
        "issued_on": date(2025, 1, 1),
        "expires_on": date(2027, 12, 31),
        "is_original_seen": True,
    }
    return PaperFacts(**{**facts, **changes})


@pytest.fixture
def new_vendor(cast: Cast, reference: None) -> Callable[..., int]:
    """Registers a vendor of a side's market and returns his id."""

    def register(side: str = "east", actor: Actor | None = None, **changes: Any) -> int:
        who = actor or (cast.kuang if side == "east" else cast.west_kuang)
        with db.acting(who):
            return operations.register_vendor(
                cast.market(getattr(cast, side)), vendor_facts(**changes), who
            ).id

    return register


def stall_of(cast: Cast, number: int = 0, side: str = "east") -> Stall:
    """A stall of a side, in the session that is open."""
    return db.session.get_one(Stall, getattr(cast, side).stall_ids[number])


def vendor_of(vendor_id: int) -> Vendor:
    return db.session.get_one(Vendor, vendor_id)


def vendor_actor(cast: Cast, vendor_id: int) -> Actor:
    """The vendor himself, with an account of his own."""
    reach = Reach(Sight.VENDOR, f"{cast.east.company_id}:{vendor_id}")
    return replace(cast.mai, role=Role.VENDOR, reach=reach, vendor_id=vendor_id)


def kind_of(code: str) -> PaperKind:
    return db.session.get_one(PaperKind, code)


def on(day: date) -> AbstractContextManager[None]:
    """Let it be nine in the morning of a day."""
    return clock.at(datetime.combine(day, time(9)))


def record(cast: Cast, vendor_id: int, kind: str = "food_permit", **changes: Any) -> int:
    """Enter a paper of a vendor of East; returns its id."""
    with db.acting(cast.kuang):
        vendor = vendor_of(vendor_id)
        return operations.record_paper(vendor, kind_of(kind), paper_facts(**changes), cast.kuang).id


@pytest.fixture
def photo(settings: Settings) -> Any:
    """A photo of a paper, staged."""
    storage.use(settings)
    return stage(pictures.sent(pictures.photo()))
