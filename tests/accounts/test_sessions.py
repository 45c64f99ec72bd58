"""Sessions: they grow by proofs under new tokens, run out, and end at once when they must."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from portal.accounts import queries
from portal.accounts.models import Device, Membership, Person, SignIn, Stage
from portal.accounts.operations import second_factor, sessions
from portal.accounts.operations.sessions import Started, Visitor
from portal.core import clock, db, journal
from portal.core.actor import SYSTEM, Actor, Role
from portal.core.errors import NotAllowed, NotThere, TooLate
from portal.core.reach import Reach, Sight
from tests.people import Cast

MORNING = datetime(2026, 10, 13, 22, tzinfo=UTC)  # 06:00 of the 14th in Shanghai
PHONE = Visitor("Phone", "192.0.2.7")


@contextmanager
def writing() -> Iterator[None]:
    with db.acting(SYSTEM(None)):
        yield


@pytest.fixture(autouse=True)
def by_day() -> Iterator[None]:
    with clock.at(MORNING):
        yield


def begin(who: Actor, visitor: Visitor = PHONE, *, wants_memory: bool = False, full: bool = True) -> Started:
    """Sign in; with ``full`` the second step is made too where it is due."""
    with writing():
        person = queries.get_person(who.person_id)
        started = sessions.begin(person, visitor, wants_memory=wants_memory)
        if full and started.stage is not Stage.FULL:
            started = sessions.advance(started.sign_in, visitor)
    return started


def without_second_factor(*people: Actor) -> None:
    with writing():
        for one in people:
            queries.get_person(one.person_id).totp_confirmed_at = None


def whose(token: str) -> Actor | None:
    with db.reading():
        return queries.actor_of_token(token)


def test_a_session_knows_its_actor(cast: Cast) -> None:
    actor = whose(begin(cast.mai).token)
    assert actor is not None
    assert (actor.person_id, actor.role, actor.reach) == (cast.mai.person_id, Role.PATROLLER, cast.mai.reach)
    assert (actor.company_id, actor.place_name) == (cast.east.company_id, "东样公司")


def test_who_is_it_costs_one_statement(cast: Cast, statements: list[str]) -> None:
    token = begin(cast.xiao).token
    with db.reading():
        before = len(statements)
        assert queries.actor_of_token(token) is not None
        assert len(statements) - before == 1


def test_only_the_hash_of_a_token_is_kept(cast: Cast) -> None:
    started = begin(cast.mai)
    with db.reading() as session:
        rows = session.scalars(sa.select(SignIn)).all()
        assert rows and all(started.token not in repr(vars(row)) for row in rows)
    assert len(started.token) >= 43  # 256 bits


def test_a_half_done_session_opens_nothing(cast: Cast) -> None:
    half = begin(cast.qu, full=False)
    assert half.stage is Stage.PASSWORD
    assert whose(half.token) is None
    with clock.at(MORNING + sessions.HALF_DONE), db.reading():
        assert queries.standing_of(half.token, Stage.PASSWORD) is None


@pytest.mark.parametrize("name", ["kuang", "qu", "zhen", "xiao", "shi_ban", "guan", "shen"])
def test_officers_and_administrators_enrol_before_anything_else(cast: Cast, name: str) -> None:
    who = getattr(cast, name)
    without_second_factor(who)
    assert begin(who, full=False).stage is Stage.ENROL


@pytest.mark.parametrize("name", ["mai", "fu", "gu"])
def test_the_floor_and_the_grid_need_no_second_factor(cast: Cast, name: str) -> None:
    who = getattr(cast, name)
    without_second_factor(who)
    assert begin(who, full=False).stage is Stage.FULL


def test_whoever_has_a_second_factor_is_asked_for_it(cast: Cast) -> None:
    assert begin(cast.mai, full=False).stage is Stage.PASSWORD


def test_every_step_changes_the_token_and_the_old_one_is_dead(cast: Cast) -> None:
    half = begin(cast.mai, full=False)
    with writing():
        full = sessions.advance(half.sign_in, PHONE)
    with writing():
        again = sessions.renew(full.sign_in, PHONE)
    assert len({half.token, full.token, again.token}) == 3
    assert [whose(one.token) is not None for one in (half, full, again)] == [False, False, True]


def test_signing_in_ends_what_the_browser_held_before(cast: Cast) -> None:
    first = begin(cast.mai)
    begin(cast.shi, Visitor("Phone", "192.0.2.7", session_token=first.token))
    assert whose(first.token) is None


@pytest.mark.parametrize(
    ("name", "idle"), [("kuang", True), ("qu", True), ("zhen", True), ("gu", True), ("mai", False)]
)
def test_half_an_hour_of_nothing_ends_an_officers_session(cast: Cast, name: str, idle: bool) -> None:
    token = begin(getattr(cast, name)).token
    with clock.at(MORNING + timedelta(minutes=30)):
        assert whose(token) is not None
    with clock.at(MORNING + timedelta(minutes=31)):
        assert (whose(token) is None) is idle


def test_use_keeps_a_session_awake_but_not_beyond_the_day(cast: Cast) -> None:
    started = begin(cast.qu)
    for step in range(1, 36):
        with clock.at(MORNING + timedelta(minutes=20 * step)), db.reading():
            found = queries.standing_of(started.token)
            assert found is not None, step
        with clock.at(MORNING + timedelta(minutes=20 * step)):
            sessions.seen(found.sign_in)
    with clock.at(MORNING + timedelta(hours=12)):
        assert whose(started.token) is None


def test_last_seen_is_written_at_most_once_a_minute(cast: Cast, statements: list[str]) -> None:
    started = begin(cast.mai)
    before = len(statements)
    with clock.at(MORNING + timedelta(seconds=59)):
        sessions.seen(started.sign_in)
    assert len(statements) == before
    with clock.at(MORNING + timedelta(seconds=60)):
        sessions.seen(started.sign_in)
    assert len(statements) == before + 1


def test_a_slow_request_does_not_bring_an_ended_session_back(cast: Cast) -> None:
    started = begin(cast.mai)
    with writing():
        sessions.leave(started.sign_in)
    with clock.at(MORNING + timedelta(minutes=5)):
        sessions.seen(started.sign_in)
        assert whose(started.token) is None


def test_a_remembered_telephone_keeps_its_person_for_a_fortnight(cast: Cast) -> None:
    remembered, plain = begin(cast.mai, wants_memory=True), begin(cast.shi)
    with clock.at(MORNING + timedelta(hours=13)):
        assert whose(remembered.token) is not None and whose(plain.token) is None
    with clock.at(MORNING + timedelta(days=14)):
        assert whose(remembered.token) is None


@pytest.mark.parametrize("name", ["kuang", "qu", "gu", "zhen", "xiao", "shi_ban", "guan"])
def test_no_device_is_remembered_for_officers_and_administrators(cast: Cast, name: str) -> None:
    started = begin(getattr(cast, name), wants_memory=True)
    with db.reading() as session:
        assert session.get_one(Device, started.sign_in.device_id).remembered_until is None
    with clock.at(MORNING + timedelta(hours=12)):
        assert whose(started.token) is None


def test_a_patroller_who_also_manages_is_not_remembered(cast: Cast) -> None:
    give(cast, cast.mai, Role.MARKET_MANAGER, cast.east.company_id)
    started = begin(cast.mai, wants_memory=True)
    assert started.sign_in.expires_at == MORNING + timedelta(hours=12)


def test_the_device_cookie_changes_at_every_sign_in_and_the_old_one_is_unknown(cast: Cast) -> None:
    first = begin(cast.mai, wants_memory=True)
    second = begin(cast.mai, Visitor("Phone", "192.0.2.7", device_token=first.device_token))
    with db.reading():
        assert queries.find_device(first.device_token) is None
        device = queries.find_device(second.device_token)
        assert device is not None and device.id == first.sign_in.device_id
        assert device.is_remembered(clock.now())


def test_signing_out_forgets_the_device(cast: Cast) -> None:
    started = begin(cast.mai, wants_memory=True)
    with writing():
        sessions.leave(started.sign_in)
    assert whose(started.token) is None
    with db.reading():
        device = queries.find_device(started.device_token)
        assert device is not None and not device.is_remembered(clock.now())


def give(cast: Cast, who: Actor, role: Role, organisation_id: int) -> int:
    with writing():
        one = Membership(
            person_id=who.person_id, organisation_id=organisation_id, role=role, from_on=date(2026, 1, 1)
        )
        db.session.add(one)
        db.session.flush()
        return one.id


def switch(started: Started, membership_id: int, who: Actor) -> Started:
    with writing():
        membership = queries.get_own_membership(membership_id, who.person_id)
        return sessions.switch(db.session.get_one(SignIn, started.sign_in.id), membership, PHONE)


def test_switching_takes_a_new_token_and_changes_the_reach(cast: Cast) -> None:
    there = give(cast, cast.mai, Role.PATROLLER, cast.west.company_id)
    before = begin(cast.mai)
    after = switch(before, there, cast.mai)
    actor = whose(after.token)
    assert whose(before.token) is None and actor is not None
    assert actor.reach == Reach(Sight.COMPANY, str(cast.west.company_id))


def test_a_session_that_was_ended_meanwhile_goes_on_in_no_other_part(cast: Cast) -> None:
    there = give(cast, cast.mai, Role.PATROLLER, cast.west.company_id)
    started = begin(cast.mai)
    with writing():
        sessions.end_all(cast.mai.person_id)
    with pytest.raises(TooLate):
        switch(started, there, cast.mai)


def test_the_next_sign_in_begins_where_the_last_one_ended(cast: Cast) -> None:
    there = give(cast, cast.mai, Role.PATROLLER, cast.west.company_id)
    switch(begin(cast.mai), there, cast.mai)
    actor = whose(begin(cast.mai).token)
    assert actor is not None and actor.membership_id == there


def test_switching_up_asks_for_the_second_factor(cast: Cast) -> None:
    without_second_factor(cast.mai)
    started = begin(cast.mai)
    up = give(cast, cast.mai, Role.MARKET_MANAGER, cast.east.company_id)
    after = switch(started, up, cast.mai)
    assert after.stage is Stage.ENROL and whose(after.token) is None


def test_switching_up_from_a_telephone_remembered_for_days_takes_the_password_again(cast: Cast) -> None:
    started = begin(cast.mai, wants_memory=True)
    up = give(cast, cast.mai, Role.MARKET_MANAGER, cast.east.company_id)
    with clock.at(MORNING + timedelta(days=3)), pytest.raises(NotAllowed):
        switch(started, up, cast.mai)


def test_a_membership_of_somebody_else_is_not_there(cast: Cast) -> None:
    with pytest.raises(NotThere):
        switch(begin(cast.mai), cast.shi.membership_id, cast.mai)


@pytest.mark.parametrize(
    "change",
    [
        {"ended_at": MORNING},
        {"to_on": date(2026, 10, 13)},
        {"from_on": date(2026, 10, 15)},
    ],
)
def test_a_membership_that_does_not_hold_today_opens_nothing(cast: Cast, change: dict[str, object]) -> None:
    started = begin(cast.mai)
    with writing():
        membership = db.session.get_one(Membership, cast.mai.membership_id)
        for name, value in change.items():
            setattr(membership, name, value)
    assert whose(started.token) is None
    with pytest.raises(NotAllowed):
        begin(cast.mai)


def test_a_disabled_person_is_out_at_once(cast: Cast) -> None:
    started = begin(cast.mai)
    with writing():
        db.session.get_one(Person, cast.mai.person_id).disabled_at = MORNING
    assert whose(started.token) is None
    with pytest.raises(NotAllowed):
        begin(cast.mai)


def test_ending_the_others_leaves_this_one(cast: Cast) -> None:
    here, there = begin(cast.mai, wants_memory=True), begin(cast.mai, wants_memory=True)
    stranger = begin(cast.shi)
    with writing():
        sessions.end_others(cast.mai.person_id, here.sign_in.id)
    assert [whose(one.token) is not None for one in (here, there, stranger)] == [True, False, True]
    with db.reading() as session:
        assert session.get_one(Device, there.sign_in.device_id).remembered_until is None
        assert session.get_one(Device, here.sign_in.device_id).remembered_until is not None


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "' OR 1=1 --", "\x00"])
def test_a_made_up_token_is_nobody(cast: Cast, token: str) -> None:
    assert whose(token) is None


def test_a_sign_in_stands_in_the_journal(cast: Cast) -> None:
    begin(cast.mai)
    with db.reading() as session:
        line = journal.of(session.get_one(Person, cast.mai.person_id))[0]
    assert (line.verb, line.actor_name) == ("sign_in", "麦小禾")


def test_old_sessions_are_swept_and_live_ones_kept(cast: Cast) -> None:
    old = begin(cast.mai)
    with clock.at(MORNING + timedelta(days=100)):
        new = begin(cast.shi)
        with writing():
            sessions.sweep()
        with db.reading() as session:
            assert session.get(SignIn, old.sign_in.id) is None
            assert session.get(SignIn, new.sign_in.id) is not None


def test_a_prepared_secret_is_new_each_time(cast: Cast) -> None:
    with writing():
        person = queries.get_person(cast.mai.person_id)
        second_factor.prepare(person)
        first = second_factor.pending_secret(person)
        second_factor.prepare(person)
        assert second_factor.pending_secret(person) != first


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 13) Chrome/110 Mobile Safari/537.36", "Chrome · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17) MicroMessenger/8.0", "微信 · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Safari/537.36 Edg/120", "Edge · Windows"),
        ("", "没有说是什么浏览器"),
    ],
)
def test_a_session_is_named_by_a_browser_its_owner_knows(cast: Cast, agent: str, words: str) -> None:
    assert SignIn(agent=agent).browser == words
