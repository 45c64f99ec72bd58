"""Guessing is slowed by account and source, and nobody locks another out."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from portal.accounts import queries
from portal.accounts.models import Device, FailedSignIn, FailureKind
from portal.accounts.operations import throttle
from portal.accounts.operations.throttle import TooOften, Tries
from portal.core import clock, db
from tests.people import Cast

NOON = datetime(2026, 10, 13, 12, tzinfo=UTC)
OWNER, STRANGER = "192.0.2.7", "198.51.100.9"


def after(*minutes: float) -> list[datetime]:
    return [NOON - timedelta(minutes=one) for one in minutes]


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        ([], 0),
        (after(0, 0), 0),
        (after(0, 0, 0), 5),
        (after(0, 0, 0, 0), 10),
        (after(0, 0, 0, 0, 0), 20),
        (after(1, 1, 1, 1), 0),
        (after(*[0.0] * 9), 320),
        (after(*[0.0] * 10), 900),
        (after(*[5.0] * 10), 600),
        (after(*[0.0] * 9, 14.0), 60),
    ],
)
def test_each_failure_doubles_the_waiting(failures: list[datetime], seconds: int) -> None:
    assert throttle.pause(failures, NOON) == timedelta(seconds=seconds)


def counter(cast: Cast, address: str, device: Device | None = None, name: str = "mai") -> Tries:
    with db.reading():
        return throttle.tries(queries.get_person(getattr(cast, name).person_id), address, device)


def fail(one: Tries, times: int, kind: FailureKind = FailureKind.PASSWORD) -> None:
    for _ in range(times):
        throttle.record(one, kind)


def is_open(one: Tries) -> bool:
    with db.reading():
        try:
            throttle.admit(one)
        except TooOften:
            return False
        return True


def test_ten_failures_close_the_source_for_a_quarter_of_an_hour(cast: Cast) -> None:
    one = counter(cast, STRANGER)
    with clock.at(NOON):
        fail(one, 10)
        assert not is_open(one)
    with clock.at(NOON + timedelta(minutes=14)):
        assert not is_open(one)
    with clock.at(NOON + timedelta(minutes=15, seconds=1)):
        assert is_open(one)


def test_a_strangers_failures_do_not_lock_out_the_owner_elsewhere(cast: Cast) -> None:
    fail(counter(cast, STRANGER), 10)
    assert is_open(counter(cast, OWNER))


def test_a_stranger_at_the_owners_address_does_not_lock_out_the_owners_device(cast: Cast) -> None:
    with db.acting(cast.mai) as session:
        device = Device(
            person_id=cast.mai.person_id, token_hash="d" * 64, expires_at=clock.now() + timedelta(days=1)
        )
        session.add(device)
    fail(counter(cast, OWNER), throttle.MOST_OF_ADDRESS)
    assert not is_open(counter(cast, OWNER))
    assert is_open(counter(cast, OWNER, device))


def test_somebody_elses_device_is_no_better_than_an_address(cast: Cast) -> None:
    with db.acting(cast.mai) as session:
        device = Device(
            person_id=cast.shi.person_id, token_hash="d" * 64, expires_at=clock.now() + timedelta(days=1)
        )
        session.add(device)
    assert not counter(cast, OWNER, device).is_of_known_device


def test_a_revoked_device_is_no_better_than_an_address(cast: Cast) -> None:
    device = Device(id=1, person_id=cast.mai.person_id, expires_at=clock.now() + timedelta(days=1))
    device.revoked_at = clock.now()
    assert not counter(cast, OWNER, device).is_of_known_device


def test_one_account_at_one_address_does_not_slow_another(cast: Cast) -> None:
    fail(counter(cast, STRANGER), 10)
    assert is_open(counter(cast, STRANGER, name="shi"))


def test_an_address_that_tries_sixty_times_is_closed_for_every_account(cast: Cast) -> None:
    for number in range(throttle.MOST_OF_ADDRESS):
        fail(throttle.tries(f"name{number}", STRANGER), 1)
    assert not is_open(counter(cast, STRANGER))
    assert is_open(counter(cast, OWNER))


def test_success_forgets_the_slips_of_this_account_at_this_source_alone(cast: Cast) -> None:
    mine, others, elsewhere = counter(cast, OWNER), counter(cast, OWNER, name="shi"), counter(cast, STRANGER)
    for one in (mine, others, elsewhere):
        fail(one, 4)
    with db.acting(cast.mai):
        throttle.forget(mine)
    assert [is_open(one) for one in (mine, others, elsewhere)] == [True, False, False]


def test_an_ipv6_house_is_one_address() -> None:
    assert throttle.network("2001:db8:1:2::1") == throttle.network("2001:db8:1:2:ffff::9")
    assert throttle.network("2001:db8:1:2::1") != throttle.network("2001:db8:1:3::1")
    assert throttle.network("::ffff:192.0.2.7") == throttle.network("192.0.2.7")


def test_a_name_typed_in_vain_is_kept_as_a_hash_alone(cast: Cast) -> None:
    fail(throttle.tries("typed-into-the-wrong-field", STRANGER), 1)
    with db.reading() as session:
        row = session.scalars(sa.select(FailedSignIn)).one()
    assert "typed" not in repr(vars(row))


def test_old_failures_are_swept(cast: Cast) -> None:
    with clock.at(NOON):
        fail(counter(cast, OWNER), 2)
    with clock.at(NOON + timedelta(days=8)), db.acting(cast.mai):
        assert throttle.sweep() == 2


@pytest.mark.parametrize(
    ("remaining", "word"), [(timedelta(seconds=5), "5 秒"), (timedelta(minutes=14), "15 分钟")]
)
def test_the_refusal_says_how_long(remaining: timedelta, word: str) -> None:
    assert word in str(TooOften(remaining))
