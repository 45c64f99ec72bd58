"""The story in the order it happened; told again it goes on where it was left."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa

from portal.core import clock, db, errands
from portal.core.settings import Settings
from portal.demo import books, cast, days, foundation
from portal.demo.cast import Place
from portal.demo.foundation import Company
from portal.markets.models import Market, Vendor
from portal.selfcheck.operations import occurrences, plans
from portal.selfcheck.queries import plans as arranged
from portal.territory.models import Area

DAYS = 14
BEFORE = timedelta(days=30)
TYPHOON_AGO = 6
"""So many days ago 长安镇 closed its markets for a day."""
STORM = "发布台风、暴雨、雷雨大风预警时"
Say = Callable[[str], None]


class NotHere(RuntimeError):
    """A production installation is told no stories."""


def tell(settings: Settings, number: int = DAYS, say: Say = lambda words: None) -> None:
    """Tell ``number`` days that end today.  Idempotent: a day that was told is not told again."""
    if settings.is_production:
        raise NotHere("the demo is not told in production")
    now, today = clock.now(), clock.today()
    first = today - timedelta(days=number - 1)
    company = _first_chapter(first, say)
    _close_for_the_typhoon(company, today, number)
    for day in (first + timedelta(days=n) for n in range(number)):
        for place in cast.PLACES:
            days.tell(company, place, day, now)
        with clock.at(min(now, clock.at_local(day, time(23, 59)))):
            _run_errands()
    _look_ahead(company)
    _run_errands()
    say("The demo is told.")


def _first_chapter(first: date, say: Say) -> Company:
    if foundation.is_told():
        return foundation.find()
    with clock.at(datetime.combine(first - BEFORE, time(9))):
        company = foundation.tell(first - BEFORE)
    with clock.at(datetime.combine(first, time(9))):
        for place in cast.PLACES:
            _keep_books(company, place)
    say(f"{len(company.bodies)} organisations, {len(company.actors)} people, {len(cast.PLACES)} markets.")
    return company


def _keep_books(company: Company, place: Place) -> None:
    """The market's manager enters what there is; its first vendor asks for something to be put right."""
    with company.acting(f"{place.company}_fuze") as actor:
        market = db.session.scalars(sa.select(Market).where(Market.name == place.name)).one()
        books.tell(place, market, actor)
    with company.acting(f"{place.company}_shanghu") as vendor:
        books.ask(db.session.scalars(sa.select(Vendor)).one(), vendor)


def _close_for_the_typhoon(company: Company, today: date, number: int) -> None:
    day = today - timedelta(days=TYPHOON_AGO)
    actor = company.actors["zhen_changan"]
    with clock.at(datetime.combine(day - timedelta(days=1), time(17))), db.acting(actor):
        area = db.session.get_one(Area, cast.CHANGAN)
        if number > TYPHOON_AGO and not arranged.closures_of(actor):
            plans.close_town(area, day, day, "台风蓝色预警，全镇市场停业一天", actor)


def _look_ahead(company: Company) -> None:
    """Two weeks are made; and whatever the hour, each market has a check to walk, for a storm is on its way."""
    for place in cast.PLACES:
        actor = company.actors[f"{place.company}_fuze"]
        with db.acting(actor):
            market = db.session.scalars(sa.select(Market).where(Market.name == place.name)).one()
            occurrences.make_ahead(market)
            if not days.has_open_event(market):
                occurrences.start_event(market, STORM, actor)


def _run_errands() -> None:
    while errands.drain():
        pass
