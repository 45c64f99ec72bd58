"""What fires by the clock only asks: one errand a market, each in its own company's reach."""

from datetime import timedelta

import sqlalchemy as sa

from portal.core import clock, db, errands
from portal.core.errands import Errand
from portal.selfcheck.models import ControlRecord, Occurrence
from portal.selfcheck.workflow import CheckState
from tests.conftest import Count
from tests.people import Cast
from tests.selfcheck.day import DUE, make_check


def fire(schedule: str) -> None:
    """Let one schedule fire now, and what it asks for be done."""
    with db.opened(None, writes=True) as own:
        errands.later(schedule, clock.now().isoformat(), reach=errands.CITY)
        own.commit()
    errands.drain()


def reaches(name: str) -> list[str]:
    with db.reading() as look:
        return sorted(look.scalars(sa.select(Errand.reach_key).where(Errand.name == name)))


def test_missed_checks_are_recorded_a_market_at_a_time(cast: Cast, statements: Count) -> None:
    mine = make_check(cast)
    with clock.at(DUE + timedelta(days=3)):
        statements.statements.clear()
        fire("selfcheck.mark_missed")
        assert not any(one.startswith("UPDATE occurrence") for one in statements.statements)
        assert reaches("selfcheck.mark_missed_in") == [str(cast.east.company_id)]
        errands.drain()
    with db.acting(cast.kuang):
        assert db.session.get_one(Occurrence, mine).state is CheckState.MISSED


def test_every_night_asks_for_yesterday_and_today_of_every_market_and_next_night_again(cast: Cast) -> None:
    make_check(cast)
    both = sorted([str(cast.east.company_id), str(cast.west.company_id)] * 2)
    with clock.at(DUE):
        fire("selfcheck.form_every")
        assert reaches("selfcheck.form_records") == both
        errands.drain()
    with clock.at(DUE + timedelta(days=1)):
        fire("selfcheck.form_every")
        assert len(reaches("selfcheck.form_records")) == 2 * len(both)
        errands.drain()
    with db.acting(cast.kuang):
        days = db.session.scalars(sa.select(ControlRecord.period_on).distinct()).all()
    assert clock.local(DUE).date() in days
