"""The second factor: a code is good once, a recovery code is good once, and a lost telephone is not the end."""

import contextvars
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa

from portal.accounts import queries
from portal.accounts.models import Person, RecoveryCode
from portal.accounts.operations import links, second_factor, sessions, throttle
from portal.accounts.operations.sessions import Visitor
from portal.accounts.operations.throttle import TooOften
from portal.core import clock, db, journal, secrets_box
from portal.core.actor import SYSTEM, Actor
from portal.core.errors import Mistake, NotAllowed
from tests.people import TOTP_SECRET, Cast

NOON = datetime(2026, 10, 13, 4, tzinfo=UTC)
PHONE = Visitor("Phone", "192.0.2.7")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def code(minutes: float = 0, secret: str = TOTP_SECRET) -> str:
    return pyotp.TOTP(secret).at(NOON + timedelta(minutes=minutes))


def prove(who: Actor, typed: str, visitor: Visitor = PHONE) -> None:
    with db.acting(SYSTEM(None)):
        second_factor.prove(queries.get_person(who.person_id), typed, visitor)


def enrol(who: Actor) -> tuple[str, list[str]]:
    """Bind a new telephone; gives its secret and the recovery codes."""
    with db.acting(SYSTEM(None)):
        person = queries.get_person(who.person_id)
        second_factor.prepare(person)
        secret = second_factor.pending_secret(person) or ""
        return secret, second_factor.enrol(person, code(secret=secret), PHONE)


@pytest.mark.parametrize("shape", ["{0}", " {0} ", "{1} {2}", "{1}-{2}", "\u3000{1}\u2003{2}"])
def test_a_code_is_taken_however_it_is_spaced(cast: Cast, shape: str) -> None:
    now = code()
    prove(cast.qu, shape.format(now, now[:3], now[3:]))


def test_full_width_digits_are_digits(cast: Cast) -> None:
    prove(cast.qu, code().translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)}))


@pytest.mark.parametrize("again", ["{}", " {}", "{} ", "\u3000{}", "{}\n"])
def test_a_used_code_is_refused_with_padding_too(cast: Cast, again: str) -> None:
    prove(cast.qu, code())
    with pytest.raises(Mistake):
        prove(cast.qu, again.format(code()))


@pytest.mark.parametrize(
    ("minutes", "is_taken"), [(0, True), (0.5, True), (-0.5, True), (1, False), (-1, False)]
)
def test_a_telephones_clock_may_be_half_a_minute_off(cast: Cast, minutes: float, is_taken: bool) -> None:
    try:
        prove(cast.qu, code(minutes))
    except Mistake:
        assert not is_taken
    else:
        assert is_taken


def test_after_a_later_code_an_earlier_one_is_dead(cast: Cast) -> None:
    prove(cast.qu, code(0.5))
    with pytest.raises(Mistake):
        prove(cast.qu, code())


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "０", "' OR '1'='1", "\x00" * 6, "٠٠٠٠٠٠"]
)
def test_what_is_no_code_is_wrong_and_nothing_worse(cast: Cast, typed: str) -> None:
    with pytest.raises(Mistake):
        prove(cast.qu, typed)


def test_of_two_at_once_only_one_enters(cast: Cast) -> None:
    def enters() -> bool:
        try:
            prove(cast.qu, code())
        except Mistake:
            return False
        return True

    contexts = [contextvars.copy_context() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda context: context.run(enters), contexts))
    assert sorted(outcomes) == [False, False, False, True]


def test_guessed_codes_are_counted_although_the_page_is_refused(cast: Cast) -> None:
    for _ in range(throttle.FREE):
        with pytest.raises(Mistake):
            prove(cast.qu, "000000")
    with pytest.raises(TooOften):
        prove(cast.qu, code())


def test_codes_are_not_guessed_from_many_addresses_and_the_owners_device_stays_open(cast: Cast) -> None:
    with db.acting(SYSTEM(None)):
        person = queries.get_person(cast.qu.person_id)
        own = sessions.advance(sessions.begin(person, PHONE).sign_in, PHONE)
    for number in range(throttle.MOST_CODES):
        with pytest.raises(Mistake):
            prove(cast.qu, "000000", Visitor("Bot", f"198.51.100.{number}"))
    with pytest.raises(TooOften):
        prove(cast.qu, code(), Visitor("Bot", "203.0.113.9"))
    prove(cast.qu, code(), Visitor("Phone", "192.0.2.7", device_token=own.device_token))


def test_somebody_elses_code_is_wrong(cast: Cast) -> None:
    secret, _ = enrol(cast.zhen)
    with pytest.raises(Mistake):
        prove(cast.qu, code(0.5, secret))


def test_enrolling_seals_the_secret_and_burns_its_first_code(cast: Cast) -> None:
    secret, _ = enrol(cast.qu)
    with db.reading() as session:
        person = session.get_one(Person, cast.qu.person_id)
        assert person.totp_secret and secret not in person.totp_secret
        assert secrets_box.open_(person.totp_secret).decode() == secret
        assert person.totp_pending is None
    with pytest.raises(Mistake):
        prove(cast.qu, code(secret=secret))
    prove(cast.qu, code(0.5, secret))


def test_the_old_telephone_holds_until_the_new_one_has_shown_a_code(cast: Cast) -> None:
    with db.acting(SYSTEM(None)):
        second_factor.prepare(queries.get_person(cast.qu.person_id))
    prove(cast.qu, code())
    enrol(cast.qu)
    with pytest.raises(Mistake):
        prove(cast.qu, code(0.5))


def test_a_wrong_first_code_binds_nothing(cast: Cast) -> None:
    with pytest.raises(Mistake), db.acting(SYSTEM(None)):
        person = queries.get_person(cast.qu.person_id)
        second_factor.prepare(person)
        second_factor.enrol(person, "000000", PHONE)
    prove(cast.qu, code())


def test_each_recovery_code_works_once_however_it_is_typed(cast: Cast) -> None:
    _, codes = enrol(cast.qu)
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    prove(cast.qu, codes[0])
    prove(cast.qu, codes[1].replace("-", " ").lower())
    for used in codes[:2]:
        with pytest.raises(Mistake):
            prove(cast.qu, used)
    with db.reading():
        assert second_factor.recovery_codes_left(queries.get_person(cast.qu.person_id)) == 8


def test_recovery_codes_are_kept_as_hashes_and_die_with_a_new_enrolment(cast: Cast) -> None:
    _, codes = enrol(cast.qu)
    with db.reading() as session:
        kept = session.scalars(sa.select(RecoveryCode.code_hash)).all()
        assert not {one.replace("-", "") for one in codes} & set(kept)
    with clock.at(NOON + timedelta(minutes=2)), db.acting(SYSTEM(None)):
        person = queries.get_person(cast.qu.person_id)
        second_factor.prepare(person)
        secret = second_factor.pending_secret(person) or ""
        second_factor.enrol(person, pyotp.TOTP(secret).at(clock.now()), PHONE)
    with clock.at(NOON + timedelta(minutes=3)), pytest.raises(Mistake):
        prove(cast.qu, codes[0])


def test_somebody_elses_recovery_code_is_wrong(cast: Cast) -> None:
    _, codes = enrol(cast.zhen)
    with pytest.raises(Mistake):
        prove(cast.qu, codes[0])


def test_the_square_code_names_the_portal_and_the_account(cast: Cast) -> None:
    with db.acting(SYSTEM(None)):
        person = queries.get_person(cast.qu.person_id)
        assert second_factor.pending_uri(person) is None
        second_factor.prepare(person)
        uri = second_factor.pending_uri(person) or ""
    assert uri.startswith("otpauth://totp/") and uri.count("secret=") == 1 and ":qu?" in uri


def test_an_officer_on_duty_takes_a_lost_telephone_off(cast: Cast) -> None:
    with db.acting(cast.qu):
        person = queries.get_person(cast.kuang.person_id)
        second_factor.reset(person, cast.qu)
        assert not person.has_second_factor
        assert journal.of(person)[0].verb == "reset_second_factor"


@pytest.mark.parametrize(
    ("by", "whose"),
    [
        ("kuang", "mai"),
        ("west_qu", "kuang"),
        ("qu", "qu"),
        ("qu", "zhen"),
        ("zhen", "west_qu"),
        ("gu", "mai"),
        ("zhen", "shi_ban"),
        ("shi_ban", "guan"),
        ("xiao", "xiao"),
        ("shen", "mai"),
    ],
)
def test_nobody_else_takes_it_off(cast: Cast, by: str, whose: str) -> None:
    actor = getattr(cast, by)
    with pytest.raises(NotAllowed), db.acting(actor):
        second_factor.reset(queries.get_person(getattr(cast, whose).person_id), actor)


@pytest.mark.parametrize("order", [("link", "factor"), ("factor", "link")])
def test_a_new_password_and_a_lost_telephone_take_two_officers(cast: Cast, order: tuple[str, str]) -> None:
    deeds = {"link": links.issue, "factor": second_factor.reset}
    with db.acting(cast.qu):
        person = queries.get_person(cast.kuang.person_id)
        deeds[order[0]](person, cast.qu)
        with pytest.raises(NotAllowed):
            deeds[order[1]](person, cast.qu)
    with db.acting(cast.zhen):
        deeds[order[1]](queries.get_person(cast.kuang.person_id), cast.zhen)
