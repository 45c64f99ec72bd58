"""Deeds no page leads to: what the command line loads and what the clock records, each by the right it takes."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from portal.core import clock, db
from portal.core.actor import SYSTEM, Role
from portal.core.reach import Reach, Sight
from portal.exchange.models import ExportFormat
from portal.exchange.operations import exports
from portal.exchange.policy import May as OfExchange
from portal.exchange.queries import listings
from portal.markets import operations as markets
from portal.markets.operations.retention import erase_due
from portal.markets.policy import May as OfMarkets
from portal.selfcheck.operations import lists, occurrences
from portal.selfcheck.policy import May as OfSelfcheck
from portal.territory import operations as territory
from portal.territory.policy import May as OfTerritory
from tests.markets.conftest import rows
from tests.site.access_imports import bring_one, judge_one, sent_workbook
from tests.site.access_world import World


def _by_city(load: Callable[..., Any], *facts: Any) -> Callable[[World], None]:
    """An officer of the city loads something."""

    def deed(world: World) -> None:
        who = world.roles[Role.CITY_OFFICER.value]
        with db.acting(who):
            load(*facts, who)

    return deed


def _miss(world: World) -> None:
    """The clock records what was missed."""
    with db.acting(SYSTEM(Reach(Sight.CITY))):
        assert occurrences.mark_missed(clock.now()) > 0


def _erase(world: World) -> None:
    """The clock erases what was kept its time."""
    with db.acting(SYSTEM(Reach(Sight.CITY))) as session:
        erase_due(world.people["east"].market(), SYSTEM(session.reach))


def _make_export(world: World) -> None:
    """The worker makes a list somebody asked for."""
    who = world.roles[Role.CITY_OFFICER.value]
    with db.acting(who):
        export = exports.ask(listings.get_listing("organisations"), {}, ExportFormat.CSV, who)
    with db.acting(SYSTEM(None)):
        exports.make(export.id, SYSTEM(None))


def _judge_import(world: World) -> None:
    """The worker judges a workbook."""
    cast = world.people["east"]
    judge_one(cast, bring_one(cast, sent_workbook()[0].getvalue()))


DEEDS: dict[StrEnum, Callable[[World], None]] = {
    OfMarkets.ERASE: _erase,
    OfMarkets.LOAD: _by_city(markets.load_trades, rows("trades")),
    OfTerritory.LOAD_AREAS: _by_city(territory.load_functions, rows("functions")),
    OfSelfcheck.LOAD_LISTS: _by_city(lists.load_categories, rows("categories")),
    OfSelfcheck.RECORD: _miss,
    OfExchange.RUN_EXPORT: _make_export,
    OfExchange.RUN_IMPORT: _judge_import,
}
