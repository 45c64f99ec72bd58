"""What lists are narrowed by: the same words that stand in the addresses of the portal's pages."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts.policy import May as OfAccounts
from portal.core import db, identity
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.core.labels import Labelled
from portal.core.policy import may
from portal.exchange.queries.listings.base import Chosen, Filter, Query, Wanted
from portal.markets import queries as markets
from portal.markets.models import Zone
from portal.territory import queries as territory

LONGEST = 80
YEARS = range(1990, 2200)


def _market(actor: Actor, typed: str) -> Chosen | None:
    if not typed:
        return None
    number = db.as_id(typed)
    if number is None:
        raise NotThere
    market = markets.get_market(actor, number)
    return Chosen(str(market.id), market.name, market.id)


def _zone(_actor: Actor, typed: str) -> Chosen | None:
    number = db.as_id(typed)
    if number is None:
        return None
    zone = db.session.scalars(sa.select(Zone).where(Zone.id == number)).first()
    return Chosen(typed, f"{zone.code} {zone.name}", zone) if zone is not None else None


def _organisation(actor: Actor, typed: str) -> Chosen | None:
    number = db.as_id(typed or str(actor.organisation_id))
    if number is None:
        raise NotThere
    found = territory.get_organisation(number)
    if not may(actor, OfAccounts.SEE_PEOPLE, found):
        raise NotThere
    return Chosen(str(found.id), found.name, found.id)


def _area(_actor: Actor, typed: str) -> Chosen | None:
    area = territory.find_area(typed) if typed.isascii() and typed.isdecimal() and len(typed) <= 12 else None
    return Chosen(area.code, area.name, area.code) if area is not None else None


def _text(_actor: Actor, typed: str) -> Chosen | None:
    tidy = identity.masked(typed.strip())[:LONGEST]  # what is asked for is kept and told
    return Chosen(tidy, tidy, tidy) if tidy else None


def _day(_actor: Actor, typed: str) -> Chosen | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return Chosen(day.isoformat(), day.isoformat(), day) if day.year in YEARS else None


def _month(_actor: Actor, typed: str) -> Chosen | None:
    found = _day(_actor, f"{typed}-01")
    return Chosen(typed, typed, found.value) if found is not None else None


def word(name: str, label: Any, words: type[Labelled]) -> Filter:
    """A member of an enumeration."""
    known = {one.value: one for one in words}

    def read(_actor: Actor, typed: str) -> Chosen | None:
        one = known.get(typed)
        return Chosen(one.value, one.label, one) if one is not None else None

    return Filter(name, label, read)


def one_of(name: str, label: Any, words: dict[str, Any]) -> Filter:
    """One of a page's own choices, by what stands in the address."""

    def read(_actor: Actor, typed: str) -> Chosen | None:
        return Chosen(typed, words[typed], typed) if typed in words else None

    return Filter(name, label, read)


MARKET = Filter("market", _l("市场"), _market)
ZONE = Filter("zone", _l("分区"), _zone)
ORGANISATION = Filter("organisation", _l("单位"), _organisation)
AREA = Filter("area", _l("区划"), _area)
SEARCH = Filter("q", _l("找的词"), _text)
NAME = Filter("name", _l("谁"), _text)
FIRST = Filter("first", _l("从哪天"), _day)
LAST = Filter("last", _l("到哪天"), _day)
MONTH = Filter("month", _l("月份"), _month)


def in_markets(query: Query, market_id: Any, actor: Actor, wanted: Wanted) -> Query:
    """What stands in the markets the actor works in, or in the one that was chosen; by the column of their ids."""
    query = query.where(markets.in_sight(actor, market_id))
    return query.where(market_id == wanted["market"]) if "market" in wanted else query
