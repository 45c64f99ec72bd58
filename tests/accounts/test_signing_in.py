"""Name and password: one answer for everything that is wrong, and the slow check before the write."""

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from portal.accounts import queries
from portal.accounts.models import FailedSignIn, Membership, Person
from portal.accounts.operations import passwords, signing_in, throttle
from portal.accounts.operations.sessions import Visitor
from portal.accounts.operations.throttle import TooOften
from portal.core import clock, db
from portal.core.actor import SYSTEM
from portal.core.errors import Mistake
from tests.people import PASSWORD, Cast

NOON = datetime(2026, 10, 13, 4, tzinfo=UTC)
PHONE, ELSEWHERE = Visitor("Phone", "192.0.2.7"), Visitor("Other", "198.51.100.9")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def set_up(cast: Cast, name: str, **facts: object) -> None:
    with db.acting(SYSTEM(None)) as session:
        person = session.get_one(Person, getattr(cast, name).person_id)
        for key, value in facts.items():
            setattr(person, key, value)


def words(login: str, password: str, visitor: Visitor = PHONE) -> str:
    with pytest.raises(Mistake) as caught:
        signing_in.check(login, password, visitor)
    return str(caught.value.words)


def test_the_right_password_is_an_attempt(cast: Cast) -> None:
    assert signing_in.check("mai", PASSWORD, PHONE).person_id == cast.mai.person_id


@pytest.mark.parametrize("typed", ["MAI", " mai ", "13800138000", "138 0013 8000"])
def test_the_name_is_taken_however_it_is_typed(cast: Cast, typed: str) -> None:
    set_up(cast, "mai", phone="13800138000")
    assert signing_in.check(typed, PASSWORD, PHONE).person_id == cast.mai.person_id


def test_whatever_is_wrong_is_told_in_the_same_words(cast: Cast) -> None:
    set_up(cast, "shi", disabled_at=clock.now())
    set_up(cast, "fu", password_hash=None)
    with db.acting(SYSTEM(None)) as session:
        session.get_one(Membership, cast.gu.membership_id).ended_at = clock.now()
    told = {
        words("nobody-of-ours", PASSWORD),
        words("mai", "wrong password"),
        words("shi", PASSWORD),
        words("fu", PASSWORD),
        words("gu", PASSWORD),
    }
    assert len(told) == 1


def test_an_unknown_name_takes_as_long_as_a_known_one(cast: Cast) -> None:
    set_up(cast, "mai", password_hash=passwords.hashed(PASSWORD))
    set_up(cast, "shi", password_hash=passwords.hashed(PASSWORD), disabled_at=clock.now())

    def spent(login: str) -> float:
        started = time.process_time()
        words(login, "wrong password", Visitor("x", f"192.0.2.{len(taken)}"))
        return time.process_time() - started

    passwords.nobodys_hash()
    taken: list[tuple[float, float, float]] = []
    for _ in range(7):
        taken.append((spent("nobody-of-ours"), spent("mai"), spent("shi")))
    unknown, known, shut_out = (statistics.median(column) for column in zip(*taken, strict=True))
    assert abs(unknown - known) < 0.35 * known
    assert abs(unknown - shut_out) < 0.35 * known


def test_an_unknown_name_is_slowed_like_a_known_one(cast: Cast) -> None:
    for login in ("mai", "nobody-of-ours"):
        for _ in range(throttle.FREE):
            words(login, "wrong password")
        with pytest.raises(TooOften):
            signing_in.check(login, PASSWORD, PHONE)


def test_a_slowed_guess_is_not_even_looked_at(cast: Cast) -> None:
    for _ in range(throttle.FREE):
        words("mai", "wrong password")
    with pytest.raises(TooOften):
        signing_in.check("mai", PASSWORD, PHONE)
    with db.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(FailedSignIn)) == throttle.FREE


def test_the_owner_enters_while_a_stranger_is_locked_out(cast: Cast) -> None:
    for number in range(throttle.MOST):
        with clock.at(NOON.replace(minute=number)):
            try:
                words("mai", "wrong password", ELSEWHERE)
            except TooOften:
                continue
    with pytest.raises(TooOften):
        for _ in range(throttle.MOST):
            words("mai", "wrong password", ELSEWHERE)
    assert signing_in.check("mai", PASSWORD, PHONE).person_id == cast.mai.person_id


def test_the_owners_device_enters_from_the_strangers_own_address(cast: Cast) -> None:
    attempt = signing_in.check("fu", PASSWORD, PHONE)
    set_up(cast, "fu", totp_confirmed_at=None)
    with db.acting(SYSTEM(None)):
        device_token = signing_in.enter(attempt, PHONE).device_token
    for _ in range(throttle.FREE):
        words("fu", "wrong password", PHONE)
    with pytest.raises(TooOften):
        signing_in.check("fu", PASSWORD, PHONE)
    known = Visitor("Phone", PHONE.address, device_token=device_token)
    assert signing_in.check("fu", PASSWORD, known).person_id == cast.fu.person_id


def test_a_password_alone_does_not_reset_the_count_of_guessed_codes(cast: Cast) -> None:
    for _ in range(2):
        words("qu", "wrong password")
    attempt = signing_in.check("qu", PASSWORD, PHONE)
    with db.acting(SYSTEM(None)):
        signing_in.enter(attempt, PHONE)
    words("qu", "wrong password")
    with pytest.raises(TooOften):
        signing_in.check("qu", PASSWORD, PHONE)


def test_a_password_changed_in_between_no_longer_enters(cast: Cast) -> None:
    attempt = signing_in.check("mai", PASSWORD, PHONE)
    set_up(cast, "mai", password_hash="another")
    with pytest.raises(Mistake), db.acting(SYSTEM(None)):
        signing_in.enter(attempt, PHONE)


def test_somebody_shut_out_in_between_no_longer_enters(cast: Cast) -> None:
    attempt = signing_in.check("mai", PASSWORD, PHONE)
    set_up(cast, "mai", disabled_at=clock.now())
    with pytest.raises(Mistake), db.acting(SYSTEM(None)):
        signing_in.enter(attempt, PHONE)


def test_the_check_refuses_to_run_inside_a_write(cast: Cast) -> None:
    with db.acting(SYSTEM(None)):
        queries.get_person(cast.mai.person_id).name = "麦小禾"
        with pytest.raises(RuntimeError, match="slow work"):
            passwords.is_right(None, "x")
