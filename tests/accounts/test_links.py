"""One-time links, kept forms and signatures: what opens something by a secret opens it once, for the right person."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from portal.accounts import queries
from portal.accounts.models import KeptForm, OneTimeLink
from portal.accounts.operations import kept, links, own, passwords, sessions, signatures, throttle
from portal.accounts.operations.sessions import Started, Visitor
from portal.accounts.operations.signatures import Method
from portal.accounts.operations.throttle import TooOften
from portal.core import clock, db
from portal.core.actor import SYSTEM, Actor
from portal.core.errors import Mistake, NotAllowed, NotThere
from tests.people import PASSWORD, PIN, Cast

NOON = datetime(2026, 10, 13, 4, tzinfo=UTC)
PHONE = Visitor("Phone", "192.0.2.7")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def issue(cast: Cast, by: str = "kuang", whose: str = "mai") -> str:
    actor = getattr(cast, by)
    with db.acting(actor):
        return links.issue(queries.get_person(getattr(cast, whose).person_id), actor)


def use(token: str) -> None:
    with db.acting(SYSTEM(None)):
        links.use(token, "a new hash")


@pytest.mark.parametrize(
    ("by", "whose"),
    [
        ("kuang", "mai"),
        ("kuang", "fu"),
        ("qu", "mai"),
        ("qu", "kuang"),
        ("qu", "gu"),
        ("zhen", "mai"),
        ("zhen", "qu"),
        ("zhen", "xiao"),
        ("shi_ban", "west_zhen"),
        ("shi_ban", "mai"),
        ("guan", "shi_ban"),
        ("guan", "shen"),
    ],
)
def test_whoever_is_in_charge_above_hands_over_a_link(cast: Cast, by: str, whose: str) -> None:
    assert len(issue(cast, by, whose)) >= 43


@pytest.mark.parametrize(
    ("by", "whose"),
    [
        ("kuang", "kuang"),
        ("kuang", "west_mai"),
        ("kuang", "qu"),
        ("west_qu", "mai"),
        ("west_zhen", "kuang"),
        ("qu", "zhen"),
        ("gu", "mai"),
        ("xiao", "mai"),
        ("zhen", "shi_ban"),
        ("shi_ban", "guan"),
        ("mai", "shi"),
        ("shen", "mai"),
    ],
)
def test_nobody_else_does(cast: Cast, by: str, whose: str) -> None:
    with pytest.raises(NotAllowed):
        issue(cast, by, whose)


def test_a_link_sets_the_password_once_and_ends_every_session(cast: Cast) -> None:
    before = begin(cast.mai)
    token = issue(cast)
    use(token)
    with db.reading():
        person = queries.get_person(cast.mai.person_id)
        assert (person.password_hash, person.pin_hash) == ("a new hash", None)
        assert queries.actor_of_token(before.token) is None
        device = queries.find_device(before.device_token)
        assert device is None or not device.is_remembered(clock.now())
    with pytest.raises(NotThere):
        use(token)


def test_a_link_leaves_the_second_factor_alone(cast: Cast) -> None:
    use(issue(cast))
    with db.reading():
        assert queries.get_person(cast.mai.person_id).has_second_factor


def test_a_reset_link_dies_after_half_an_hour(cast: Cast) -> None:
    token = issue(cast)
    with clock.at(NOON + timedelta(minutes=29)), db.reading():
        assert queries.find_link(token) is not None
    with clock.at(NOON + timedelta(minutes=30)), pytest.raises(NotThere):
        use(token)


def test_a_new_link_voids_the_one_before(cast: Cast) -> None:
    first, second = issue(cast), issue(cast)
    with pytest.raises(NotThere):
        use(first)
    use(second)


def test_only_the_hash_of_a_link_is_kept(cast: Cast) -> None:
    token = issue(cast)
    with db.reading() as session:
        assert token not in repr([vars(one) for one in session.scalars(sa.select(OneTimeLink))])


def test_a_changed_password_voids_links_and_other_sessions(cast: Cast) -> None:
    token, here, there = issue(cast), begin(cast.mai), begin(cast.mai)
    with db.acting(cast.mai):
        own.change_password(queries.get_person(cast.mai.person_id), "mine", here.sign_in.id, cast.mai)
    with db.reading():
        assert queries.find_link(token) is None
        assert [queries.actor_of_token(one.token) is not None for one in (here, there)] == [True, False]


def test_nobody_changes_somebody_elses_password(cast: Cast) -> None:
    with pytest.raises(NotAllowed), db.acting(cast.kuang):
        own.change_password(queries.get_person(cast.mai.person_id), "x", 0, cast.kuang)


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "%00"])
def test_a_made_up_link_is_not_there(cast: Cast, token: str) -> None:
    with pytest.raises(NotThere):
        use(token)


def keep(who: Actor | None, fields: dict[str, list[str]], path: str = "/checks/1") -> str | None:
    return kept.keep_form(path, fields, who.person_id if who else None, ["门口.jpg"])


def test_a_form_is_kept_for_the_person_who_typed_it(cast: Cast) -> None:
    token = keep(cast.mai, {"note": ["门口堆货", "第二句"], "once": ["o" * 20]})
    assert token is not None
    with db.reading():
        form = queries.get_kept_form(token, cast.mai.person_id)
        assert form.fields == [["note", "门口堆货"], ["note", "第二句"], ["once", "o" * 20]]
        assert (form.path, form.files) == ("/checks/1", ["门口.jpg"])
        with pytest.raises(NotThere):
            queries.get_kept_form(token, cast.shi.person_id)


def test_a_kept_form_is_gone_after_two_hours(cast: Cast) -> None:
    token = keep(cast.mai, {"note": ["x"]}) or ""
    with clock.at(NOON + kept.LIVES):
        with db.reading(), pytest.raises(NotThere):
            queries.get_kept_form(token, cast.mai.person_id)
        with db.acting(SYSTEM(None)):
            assert kept.sweep() == 1


def test_secrets_are_never_kept(cast: Cast) -> None:
    secret = {"password": ["a"], "new_password": ["b"], "again": ["c"], "pin": ["d"], "csrf_token": ["e"]}
    token = keep(cast.mai, secret | {"note": ["x"]}) or ""
    with db.reading():
        assert queries.get_kept_form(token, cast.mai.person_id).fields == [["note", "x"]]
    assert keep(cast.mai, secret) is None


def test_nobodys_form_is_not_kept_for_whoever_comes_next(cast: Cast) -> None:
    assert keep(None, {"note": ["a stranger's words"]}) is None
    with db.reading() as session:
        assert session.scalars(sa.select(KeptForm)).all() == []


def test_what_is_too_large_is_not_kept(cast: Cast) -> None:
    assert keep(cast.mai, {"note": ["长" * 90_000]}) is None
    assert keep(cast.mai, {"note": ["x"]}, "/" + "x" * 900) is None


def begin(who: Actor, *, wants_memory: bool = True) -> Started:
    with db.acting(SYSTEM(None)):
        started = sessions.begin(queries.get_person(who.person_id), PHONE, wants_memory=wants_memory)
        return sessions.advance(started.sign_in, PHONE)


def device_of(who: Actor, *, wants_memory: bool = True) -> Visitor:
    return Visitor("Phone", "192.0.2.7", device_token=begin(who, wants_memory=wants_memory).device_token)


def test_a_pin_signs_on_a_remembered_telephone(cast: Cast) -> None:
    signature = signatures.sign(cast.mai, device_of(cast.mai), pin=PIN)
    assert (signature.person_id, signature.name) == (cast.mai.person_id, "麦小禾")
    assert (signature.method, signature.at) == (Method.PIN, NOON)


def test_a_password_signs_anywhere(cast: Cast) -> None:
    assert signatures.sign(cast.kuang, PHONE, password=PASSWORD).method is Method.PASSWORD


def test_a_pin_is_worth_nothing_elsewhere(cast: Cast) -> None:
    mine = device_of(cast.mai)
    for who, visitor in (
        (cast.mai, PHONE),
        (cast.mai, device_of(cast.shi)),
        (cast.shi, mine),
        (cast.fu, device_of(cast.fu, wants_memory=False)),
        (cast.qu, device_of(cast.qu)),
    ):
        with pytest.raises(Mistake) as caught:
            signatures.sign(who, visitor, pin=PIN)
        assert caught.value.field == "password"


def test_a_pin_dies_with_the_memory_of_the_device(cast: Cast) -> None:
    visitor = device_of(cast.mai)
    with clock.at(NOON + timedelta(days=14)), pytest.raises(Mistake):
        signatures.sign(cast.mai, visitor, pin=PIN)


@pytest.mark.parametrize(
    ("given", "field"), [({"pin": "0000"}, "pin"), ({"password": "wrong"}, "password"), ({}, "password")]
)
def test_a_wrong_proof_signs_nothing(cast: Cast, given: dict[str, str], field: str) -> None:
    with pytest.raises(Mistake) as caught:
        signatures.sign(cast.mai, device_of(cast.mai), **given)
    assert caught.value.field == field


def test_guessing_a_pin_ends_after_five_and_the_password_still_signs(cast: Cast) -> None:
    visitor = device_of(cast.mai)
    for hour in range(throttle.MOST_PINS):
        with clock.at(NOON + timedelta(hours=hour)), pytest.raises(Mistake):
            signatures.sign(cast.mai, visitor, pin="0000")
    with clock.at(NOON + timedelta(hours=6)):
        with pytest.raises(Mistake) as caught:
            signatures.sign(cast.mai, visitor, pin=PIN)
        assert caught.value.field == "password"
        assert signatures.sign(cast.mai, visitor, password=PASSWORD).method is Method.PASSWORD


def test_a_burst_of_wrong_proofs_is_slowed(cast: Cast) -> None:
    for _ in range(throttle.FREE):
        with pytest.raises(Mistake):
            signatures.sign(cast.kuang, PHONE, password="wrong")
    with pytest.raises(TooOften):
        signatures.sign(cast.kuang, PHONE, password=PASSWORD)


def test_only_the_floor_has_a_pin(cast: Cast) -> None:
    with db.acting(cast.mai):
        own.set_pin(queries.get_person(cast.mai.person_id), "hash", cast.mai)
    for who in (cast.kuang, cast.qu, cast.gu):
        with pytest.raises(NotAllowed), db.acting(who):
            own.set_pin(queries.get_person(who.person_id), "hash", who)


def test_a_password_must_fit_the_person(cast: Cast) -> None:
    with db.reading():
        mai, kuang = queries.get_person(cast.mai.person_id), queries.get_person(cast.kuang.person_id)
        assert (links.shortest_for(mai), links.shortest_for(kuang)) == (10, 12)
        own.check_new_password(mai, "鱼档灯亮了三盏还差一", "鱼档灯亮了三盏还差一")
        for person, password, again in (
            (kuang, "鱼档灯亮了三盏还差一", "鱼档灯亮了三盏还差一"),
            (mai, "东样公司的密码就是它了", "东样公司的密码就是它了"),
            (mai, "鱼档灯亮了三盏还差一", "鱼档灯亮了三盏还差二"),
        ):
            with pytest.raises(Mistake):
                own.check_new_password(person, password, again)


def test_language_and_type_are_remembered_and_nonsense_is_not(cast: Cast) -> None:
    with db.acting(cast.mai):
        own.set_preferences(cast.mai, "en", True)
        own.set_preferences(cast.mai, "tlh", None)
        person = queries.get_person(cast.mai.person_id)
        assert (person.locale, person.is_large) == ("en", True)
    assert passwords.LONGEST == 128
