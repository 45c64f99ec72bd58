"""Errands are asked for with their cause, run once, retried, parked, and survive a killed worker."""

from datetime import UTC, datetime, time, timedelta

import pytest
import sqlalchemy as sa

from portal.core import clock, db, errands
from portal.core.errands import Errand, State
from portal.core.reach import Reach, Sight
from portal.markets.models import Market
from tests.conftest import Count
from tests.people import Cast

NOON = datetime(2026, 10, 9, 4, 0, tzinfo=UTC)
ran: list[dict] = []


@errands.handler("tests.note")
def note(data: dict) -> None:
    """Notes that it ran, and how many markets it saw."""
    ran.append(data | {"markets": len(db.session.scalars(sa.select(Market)).all())})


@errands.handler("tests.fail")
def fail(data: dict) -> None:
    """Poison."""
    raise ValueError("poison")


@errands.schedule("tests.daily", at=time(3, 0))
def daily(data: dict) -> None:
    """Once a day."""
    ran.append({"daily": True})


@pytest.fixture(autouse=True)
def nothing_ran() -> None:
    ran.clear()


def ask(name: str, key: str, reach: Reach, **data: object) -> None:
    with db.opened(None, writes=True) as session:
        errands.later(name, key, reach=reach, **data)
        session.commit()


def errand(key: str) -> Errand:
    with db.reading() as session:
        return session.scalars(sa.select(Errand).where(Errand.key == key)).one()


def test_an_errand_runs_once_and_in_its_own_reach(cast: Cast) -> None:
    ask("tests.note", "1", Reach(Sight.COMPANY, str(cast.east.company_id)), case=7)
    assert errands.drain() == 1
    assert errands.drain() == 0
    assert ran == [{"case": 7, "markets": 1}]
    assert errand("1").status is State.DONE


def test_many_are_asked_for_in_one_statement_and_none_twice(cast: Cast, statements: Count) -> None:
    east, west = (Reach(Sight.COMPANY, str(side.company_id)) for side in (cast.east, cast.west))
    ask("tests.note", "a", east, case=1)
    statements.statements.clear()
    with db.opened(None, writes=True) as session:
        errands.later_each("tests.note", {"a": (east, {"case": 2}), "b": (west, {"case": 3})})
        errands.later_each("tests.note", {})
        session.commit()
    assert len(statements) == 1
    assert errands.drain() == 2
    assert sorted(one["case"] for one in ran) == [1, 3]


def test_asking_twice_is_asking_once(cast: Cast) -> None:
    for _ in range(2):
        ask("tests.note", "same", Reach(Sight.CITY))
    assert errands.drain() == 1


def test_what_is_asked_for_again_runs_once_more_and_many_askings_are_one_run(cast: Cast) -> None:
    for _ in range(3):
        ask("tests.note", "again", Reach(Sight.CITY), again=True)
    assert errands.drain() == 1
    ask("tests.note", "again", Reach(Sight.CITY), again=True)
    assert errands.drain() == 1
    assert len(ran) == 2


@errands.handler("tests.asks_again")
def asks_again(data: dict) -> None:
    """Is asked for by somebody else while it runs."""
    ran.append({})
    if len(ran) == 1:
        errands.later("tests.asks_again", "busy", reach=Reach(Sight.CITY), again=True)


def test_what_is_asked_for_while_it_runs_is_not_done_with_that_run(cast: Cast) -> None:
    ask("tests.asks_again", "busy", Reach(Sight.CITY))
    assert errands.drain() == 1
    assert errands.drain() == 1
    assert errands.drain() == 0
    assert len(ran) == 2


def test_an_errand_is_forgotten_with_its_cause(cast: Cast) -> None:
    with db.opened(None, writes=True) as session:
        errands.later("tests.note", "ghost", reach=Reach(Sight.CITY))
        session.rollback()
    assert errands.drain() == 0


def test_nobody_asks_for_what_nobody_runs(cast: Cast) -> None:
    with db.opened(None, writes=True), pytest.raises(LookupError):
        errands.later("tests.unknown", "1", reach=None)


def test_a_poisonous_errand_is_retried_and_then_parked_while_others_run(cast: Cast) -> None:
    with clock.at(NOON):
        ask("tests.fail", "poison", Reach(Sight.CITY))
        ask("tests.note", "good", Reach(Sight.CITY))
    moment = NOON
    for _ in range(len(errands.WAITS) + 1):
        with clock.at(moment):
            errands.drain()
        moment += timedelta(days=1)
    assert len(ran) == 1
    poisonous = errand("poison")
    assert (poisonous.status, poisonous.attempts) == (State.PARKED, len(errands.WAITS) + 1)
    assert "poison" in poisonous.error


@errands.handler("tests.asked_again_and_fails")
def asked_again_and_fails(data: dict) -> None:
    """Somebody asks again while it runs, and then it fails."""
    with db.opened(None, writes=True) as session:
        errands.later("tests.asked_again_and_fails", "unlucky", reach=Reach(Sight.CITY), again=True)
        session.commit()
    raise ValueError("fails")


def test_what_is_asked_for_again_while_it_fails_waits_as_after_a_first_failure(cast: Cast) -> None:
    with clock.at(NOON):
        ask("tests.asked_again_and_fails", "unlucky", Reach(Sight.CITY))
        errands.drain()
    assert errand("unlucky").due_at - NOON == timedelta(seconds=errands.WAITS[0])


def test_a_killed_workers_errand_runs_again_after_its_lease(cast: Cast) -> None:
    with clock.at(NOON):
        ask("tests.note", "killed", Reach(Sight.CITY))
        assert errands._lease(10)  # taken up, and the worker dies here
        assert errands.drain() == 0
    with clock.at(NOON + errands.LEASE + timedelta(seconds=1)):
        assert errands.drain() == 1
    assert len(ran) == 1


def test_an_errand_that_kills_its_worker_is_parked_and_costs_its_neighbours_nothing(cast: Cast) -> None:
    with clock.at(NOON):
        for key in ("killer", "neighbour"):
            ask("tests.note", key, Reach(Sight.CITY))
    moment = NOON
    for _ in range(len(errands.WAITS) + 1):  # the worker dies of the first of those it took up
        with clock.at(moment):
            taken = errands._lease(10)
            assert next(number for number, _ in taken) == errand("killer").id
        moment += errands.LEASE + timedelta(seconds=1)
    with clock.at(moment):
        while errands.drain():
            pass
        errands.drain()
    assert errand("killer").status is State.PARKED
    assert "the worker ended" in errand("killer").error
    assert errand("neighbour").status is State.DONE
    assert len(ran) == 1


def test_what_another_worker_took_meanwhile_is_not_begun(cast: Cast) -> None:
    with clock.at(NOON):
        for key in ("slow", "next"):
            ask("tests.note", key, Reach(Sight.CITY))
        mine = errands._lease(10)
    with clock.at(NOON + errands.LEASE + timedelta(seconds=1)):
        assert errands.drain() + errands.drain() == 2
        for number, until in mine:
            errands._run(number, until)
    assert len(ran) == 2


def test_an_errand_that_waited_behind_others_begins_with_a_lease_of_full_length(cast: Cast) -> None:
    with clock.at(NOON):
        ask("tests.looks_at_its_lease", "late", Reach(Sight.CITY))
        [(number, until)] = errands._lease(1)
    assert until - NOON == timedelta(hours=1)
    with clock.at(NOON + timedelta(minutes=30)):
        errands._run(number, until)
    assert ran == [{"left": timedelta(hours=1)}]
    assert (errand("late").status, errand("late").leased_until) == (State.DONE, None)


@errands.handler("tests.looks_at_its_lease", lease=timedelta(hours=1))
def looks_at_its_lease(data: dict) -> None:
    """Notes how long it is left alone."""
    until = errand("late").leased_until
    assert until is not None
    ran.append({"left": until - clock.now()})


def test_a_schedule_fires_once_a_slot_however_often_it_is_looked_at(cast: Cast) -> None:
    with clock.at(NOON):
        for _ in range(3):
            errands.fire_schedules()
        with db.reading() as session:
            keys = session.scalars(sa.select(Errand.key).where(Errand.name == "tests.daily")).all()
    assert keys == ["2026-10-09"]


def test_the_lag_counts_what_is_due_and_not_done(cast: Cast) -> None:
    with clock.at(NOON):
        ask("tests.note", "late", Reach(Sight.CITY))
    with clock.at(NOON + timedelta(minutes=2)), db.reading():
        assert errands.lag() == {"waiting": 1, "parked": 0, "lag_seconds": 120}
