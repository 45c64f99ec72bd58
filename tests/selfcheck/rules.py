"""What the tests of lists, plans and made checks stand on: the official lists loaded, a market with a plan."""

import csv
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db, errands
from portal.core.actor import SYSTEM, Actor
from portal.core.reach import Reach, Sight
from portal.markets.models import MarketKind, Zone
from portal.selfcheck import schedule
from portal.selfcheck.models import Grade, Occurrence, Sheet, Slot
from portal.selfcheck.operations import lists, occurrences, plans
from portal.selfcheck.workflow import CheckState
from portal.territory.models import Area
from tests.people import Cast, Side

DATA = Path(__file__).parents[2] / "portal" / "data"
CITY = Reach(Sight.CITY)
MONDAY = datetime(2026, 10, 12, 9)
"""A Monday morning; the opening check of the day is over."""


HOUSE_ITEM = {
    "title": "自动扶梯已停并围挡",
    "place": "一楼扶梯口",
    "slots": ["closing"],
    "phrases": ["没停梯", "没围挡"],
    "category": "SPE",
    "grade": Grade.MINOR,
    "basis": "夜间有人翻越扶梯",
}


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a file in portal/data."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(effective_on: date = date(2026, 1, 1), issuer_id: int = 1) -> None:
    """The five lists and the categories, as an installation loads them."""
    with db.acting(SYSTEM(CITY)) as session:
        who = SYSTEM(session.reach)
        lists.load_categories(rows("categories"), who)
        lists.load_lists(rows("selfcheck_items"), issuer_id, who, effective_on)


def load_and_plan(cast: Cast) -> None:
    """The lists, and the usual plan of East's market."""
    load()
    plan(cast)


def own(side: Side) -> Actor:
    """The portal itself, in the reach of a side's company."""
    return SYSTEM(Reach(Sight.COMPANY, str(side.company_id)))


def run_errands() -> None:
    """What the worker would do now, until nothing is due."""
    assert schedule.refresh
    while errands.drain():
        pass


def parked() -> list[str]:
    """The errors of errands that failed."""
    with db.reading() as look:
        return [one for one in look.scalars(sa.select(errands.Errand.error)) if one]


def plan(cast: Cast, moment: datetime = MONDAY) -> None:
    """East's manager takes the usual plan, and the worker makes the checks."""
    with clock.at(moment):
        with db.acting(cast.kuang):
            plans.default_plan(cast.market(), cast.kuang)
        run_errands()


def make(cast: Cast, moment: datetime, side: Side | None = None) -> int:
    """A night's making at this moment."""
    side = side or cast.east
    with clock.at(moment), db.acting(own(side)):
        return occurrences.make_ahead(cast.market(side))


def checks(cast: Cast, **wanted: Any) -> list[Occurrence]:
    """East's checks in the order of their windows, those that bear these facts."""
    with db.opened(own(cast.east).reach, writes=False) as session:
        found = session.scalars(sa.select(Occurrence).order_by(Occurrence.opens_at, Occurrence.id))
        return [one for one in found if all(getattr(one, name) == value for name, value in wanted.items())]


def open_checks(cast: Cast, **wanted: Any) -> list[Occurrence]:
    """Those still to be walked."""
    return checks(cast, state=CheckState.DUE, **wanted)


def sheet_of(cast: Cast, check: Occurrence) -> Sheet:
    """The sheet of a check."""
    with db.opened(own(cast.east).reach, writes=False) as session:
        return session.get_one(Sheet, check.sheet_id)


def codes(sheet: Sheet) -> list[str]:
    """The codes of the items on a sheet."""
    return [item["code"] for item in sheet.items]


def trade_as(cast: Cast, kind: MarketKind, opens: time = time(6), closes: time = time(19)) -> None:
    """East's market deals in something else, at other hours."""
    with db.acting(own(cast.east)):
        market = cast.market()
        market.kind, market.opens_at, market.closes_at = kind, opens, closes


def lay_out(cast: Cast, kinds: list[MarketKind | None]) -> list[int]:
    """East's market gets these zones instead of its own; their ids in walking order."""
    with db.acting(own(cast.east)) as session:
        market = cast.market()
        zones = list(
            session.scalars(sa.select(Zone).where(Zone.market_id == market.id).order_by(Zone.position))
        )
        for number, kind in enumerate(kinds):
            if number < len(zones):
                zones[number].kind = kind
                continue
            zone = Zone(market_id=market.id, code=f"Z{number}", name=f"{number} 区", kind=kind,
                        position=number + 1).stands_in(market)  # fmt: skip
            session.add(zone)
            zones.append(zone)
        session.flush()
        return [zone.id for zone in zones[: len(kinds)]]


def town(cast: Cast) -> Area:
    """East's town, in the session that is open."""
    return db.session.get_one(Area, cast.east.town_code)


def of_slot(found: list[Occurrence], slot: Slot) -> list[Occurrence]:
    """Those of one slot."""
    return [one for one in found if one.slot is slot]


def each_day(first: date, days: int) -> Iterator[date]:
    """So many days from ``first`` on."""
    return (date.fromordinal(first.toordinal() + n) for n in range(days))
