"""One's own account by its pages: sessions, password, PIN, second factor, another part."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pyotp
import pytest
from flask import Flask

from portal.accounts import queries
from portal.accounts.models import Membership, Person
from portal.accounts.operations import passwords
from portal.core import clock, db, once
from portal.core.actor import SYSTEM, Actor, Role
from portal.core.policy import Everyone
from tests.people import PASSWORD, Cast
from tests.visitors import Visitor

NOON = datetime(2026, 10, 13, 4, tzinfo=UTC)
NEW = "一句只有我想得到的很长的话"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


@pytest.fixture
def mai(app: Flask, cast: Cast) -> Visitor:
    """A patroller without a second factor, on a telephone that is remembered."""
    with db.acting(SYSTEM(None)) as session:
        session.get_one(Person, cast.mai.person_id).totp_confirmed_at = None
    return on_phone(app)


def on_phone(app: Flask) -> Visitor:
    visitor = Visitor(app)
    visitor.get("/sign-in")
    assert (
        visitor.post("/sign-in", {"username": "mai", "password": PASSWORD, "remember": "y"}).status_code
        == 303
    )
    visitor.get("/account")
    return visitor


def give(who: Actor, role: Role, organisation_id: int) -> int:
    with db.acting(SYSTEM(None)) as session:
        part = Membership(
            person_id=who.person_id, organisation_id=organisation_id, role=role, from_on=date(2026, 1, 1)
        )
        session.add(part)
        session.flush()
        return part.id


def test_the_list_of_sessions_names_them_and_ends_them(app: Flask, cast: Cast, mai: Visitor) -> None:
    other = on_phone(app)
    text = mai.get("/account/sign-ins").text
    assert "你在 2 处登录着" in text and "就是这里" in text
    assert mai.post("/account/sign-ins/end-others").status_code == 303
    assert other.get("/account").status_code == 302
    assert mai.get("/account").status_code == 200


def test_nobody_ends_a_session_of_somebody_else(app: Flask, cast: Cast, mai: Visitor) -> None:
    Visitor(app).sign_in("kuang")
    with db.reading():
        foreign = queries.live_sign_ins(cast.kuang.person_id)[0]
    answer, missing = (mai.post(f"/account/sign-ins/{number}/end") for number in (foreign.id, 999_999))
    assert answer.status_code == missing.status_code == 404
    with db.reading():
        assert queries.live_sign_ins(cast.kuang.person_id)


def test_a_new_password_ends_the_others_and_renews_this_one(app: Flask, cast: Cast, mai: Visitor) -> None:
    other = on_phone(app)
    with mai.client.session_transaction() as held:
        before = held["_user_id"]
    mai.get("/account/password")
    answer = mai.post("/account/password", {"password": PASSWORD, "new_password": NEW, "again": NEW})
    assert answer.status_code == 303
    assert mai.get("/account").status_code == 200 and other.get("/account").status_code == 302
    with mai.client.session_transaction() as held:
        assert held["_user_id"] != before
    with db.reading() as session:
        assert passwords.is_right(session.get_one(Person, cast.mai.person_id).password_hash, NEW)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"password": "wrong", "new_password": NEW, "again": NEW}, "没有对上"),
        ({"password": PASSWORD, "new_password": NEW, "again": NEW + "x"}, "不一样"),
        ({"password": PASSWORD, "new_password": "短", "again": "短"}, "至少 10 个字"),
        (
            {"password": PASSWORD, "new_password": "东样公司我最爱的公司", "again": "东样公司我最爱的公司"},
            "单位的名字",
        ),
        ({"password": "", "new_password": NEW, "again": NEW}, "请填现在的密码"),
        ({"pin": "2580", "new_password": NEW, "again": NEW}, "请填现在的密码"),
    ],
)
def test_a_password_that_cannot_be_taken_changes_nothing(
    app: Flask, cast: Cast, mai: Visitor, fields: dict[str, str], words: str
) -> None:
    with db.reading() as session:
        before = session.get_one(Person, cast.mai.person_id).password_hash
    mai.get("/account/password")
    answer = mai.post("/account/password", fields)
    assert answer.status_code == 422 and words in answer.text
    assert NEW not in answer.text
    with db.reading() as session:
        assert session.get_one(Person, cast.mai.person_id).password_hash == before


def test_four_digits_do_not_stand_in_for_the_password(app: Flask, cast: Cast, mai: Visitor) -> None:
    for path in ("/account/confirm", "/account/pin"):
        mai.get(path)
        answer = mai.post(path, {"pin": "2580", "password": "", "new_pin": "7391"})
        assert answer.status_code == 422


def test_guessing_ones_own_password_is_slowed(app: Flask, cast: Cast, mai: Visitor) -> None:
    mai.get("/account/confirm")
    statuses = [mai.post("/account/confirm", {"password": "wrong"}).status_code for _ in range(5)]
    assert statuses == [422, 422, 422, 429, 429]


def test_a_pin_is_set_with_the_password_and_kept_as_a_hash(app: Flask, cast: Cast, mai: Visitor) -> None:
    mai.get("/account/pin")
    assert mai.post("/account/pin", {"password": PASSWORD, "new_pin": "1234"}).status_code == 422
    assert mai.post("/account/pin", {"password": PASSWORD, "new_pin": "７３９１"}).status_code == 303
    with db.reading() as session:
        pin_hash = session.get_one(Person, cast.mai.person_id).pin_hash
    assert pin_hash is not None and "7391" not in pin_hash and passwords.is_right(pin_hash, "7391")


def test_an_officer_has_no_pin(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("qu")
    assert 'name="new_pin"' not in officer.get("/account/pin").text
    assert officer.post("/account/pin", {"password": PASSWORD, "new_pin": "7391"}).status_code == 403


def test_switching_changes_who_one_acts_as_under_a_new_token(app: Flask, cast: Cast, mai: Visitor) -> None:
    there = give(cast.mai, Role.PATROLLER, cast.west.company_id)
    assert "西样公司" in mai.get("/account").text
    with mai.client.session_transaction() as held:
        before = held["_user_id"]
    assert mai.post("/account/switch", {"membership": str(there)}).status_code == 303
    with mai.client.session_transaction() as held:
        assert held["_user_id"] != before
    with db.reading():
        assert queries.actor_of_token(before) is None
    assert "西样市场管理有限公司" in mai.get("/account").text


@pytest.mark.parametrize("number", ["", "x", "-1", "99999999999999999999", "１"])
def test_what_is_no_membership_of_mine_is_not_there(
    app: Flask, cast: Cast, mai: Visitor, number: str
) -> None:
    assert mai.post("/account/switch", {"membership": number}).status_code == 404


def test_somebody_elses_membership_is_not_there(app: Flask, cast: Cast, mai: Visitor) -> None:
    answer = mai.post("/account/switch", {"membership": str(cast.kuang.membership_id)})
    assert answer.status_code == 404
    assert "巡查员" in mai.get("/account").text


def test_tenant_words_in_a_request_change_nothing(app: Flask, cast: Cast, mai: Visitor) -> None:
    headers = {"X-Tenant": "2", "X-Company-Id": str(cast.west.company_id), "X-Membership": "9"}
    text = mai.get(f"/account?company_id={cast.west.company_id}&organisation=2", headers=headers).text
    assert "东样市场管理有限公司" in text and "西样" not in text


def test_switching_up_leads_through_enrolment(app: Flask, cast: Cast, mai: Visitor) -> None:
    up = give(cast.mai, Role.MARKET_MANAGER, cast.east.company_id)
    answer = mai.post("/account/switch", {"membership": str(up)})
    assert answer.location == "/second-factor/enrol"
    assert mai.get("/people").status_code == 302
    secret = "".join(re.findall(r"<span>([A-Z2-7]{4})</span>", mai.get("/second-factor/enrol").text))
    assert mai.post("/second-factor/enrol", {"code": pyotp.TOTP(secret).at(NOON)}).status_code == 200
    assert mai.get("/people").status_code == 200


def test_a_new_telephone_is_bound_by_somebody_who_has_just_proved_to_be_it(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("qu")
    with clock.at(NOON + timedelta(minutes=6)):
        assert (
            officer.get("/account/second-factor").location == "/account/confirm?next=/account/second-factor"
        )
        officer.get("/account/confirm?next=/account/second-factor")
        answer = officer.post("/account/confirm?next=/account/second-factor", {"password": PASSWORD})
        assert answer.location == "/account/second-factor"
        officer.get("/account/second-factor")
        assert officer.post("/account/second-factor/begin").status_code == 303
        secret = "".join(
            re.findall(r"<span>([A-Z2-7]{4})</span>", officer.get("/account/second-factor").text)
        )
        answer = officer.post("/account/second-factor", {"code": pyotp.TOTP(secret).at(clock.now())})
        assert "备用码" in answer.text
    with db.reading() as session:
        assert session.get_one(Person, cast.qu.person_id).totp_pending is None


def test_a_grave_step_sent_too_late_is_kept_while_one_proves_to_be_it(app: Flask, cast: Cast) -> None:
    manager = Visitor(app).sign_in("kuang")
    manager.get("/people/new")
    fields = {"name": "新来的人", "phone": "13900139000", "role": "patroller", "once": once.new_token()}
    with clock.at(NOON + timedelta(minutes=10)):
        answer = manager.post("/people/new", fields)
        assert answer.location.startswith("/account/confirm?next=/kept/")
        manager.get(answer.location)
        answer = manager.post(answer.location, {"password": PASSWORD})
        assert "新来的人" in manager.get(answer.location).text
        assert manager.post("/people/new", fields).location.startswith("/people/")


def test_a_kept_form_remembers_the_whole_address(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("qu")
    path = f"/people/new?organisation={cast.east.company_id}"
    officer.get(path)
    fields = {"name": "新来的人", "phone": "13900139000", "role": "market_manager"}
    with clock.at(NOON + timedelta(minutes=10)):
        answer = officer.post(path, fields)
        officer.get(answer.location)
        kept = officer.post(answer.location, {"password": PASSWORD}).location
        assert f'action="{path}"' in officer.get(kept).text


def test_signing_out_too_late_is_not_kept(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("qu")
    with clock.at(NOON + timedelta(hours=1)):
        answer = officer.post("/sign-out", headers={"Origin": "http://localhost"})
        assert answer.status_code == 303 and "kept" not in answer.location


def test_every_step_that_touches_accounts_asks_for_a_fresh_proof(app: Flask) -> None:
    asking = {name for name, view in app.view_functions.items() if getattr(view, "asks_proof", False)}
    assert asking == {
        "accounts.add_person", "accounts.issue_link", "accounts.end_membership", "accounts.disable",
        "accounts.enable", "accounts.reset_factor", "accounts.begin_enrolment", "accounts.change_second_factor",
        "accounts.leave", "markets.arrive", "markets.register_arrival", "markets.invite", "markets.open_account",
    }  # fmt: skip


def test_the_pages_of_accounts_that_open_to_everybody_are_these(app: Flask) -> None:
    public = {
        name
        for name, view in app.view_functions.items()
        if name.startswith("accounts.") and view.needs is Everyone.MAY_READ  # type: ignore[attr-defined]
    }
    assert public == {
        "accounts.sign_in",
        "accounts.second_factor_step",
        "accounts.enrol",
        "accounts.open_link",
    }


def test_language_and_type_follow_the_person_to_another_browser(app: Flask, cast: Cast, mai: Visitor) -> None:
    mai.post("/prefer", {"language": "en"})
    mai.post("/prefer", {"large": "1"})
    other = on_phone(app)
    assert '<html lang="en" class="large">' in other.get("/account").text


@pytest.mark.parametrize("path", ["/account", "/account/sign-ins", "/account/password", "/account/pin"])
def test_a_page_asks_the_database_a_dozen_times_at_most(
    app: Flask, cast: Cast, mai: Visitor, statements: list[str], path: str
) -> None:
    before = len(statements)
    assert mai.get(path).status_code == 200
    assert len(statements) - before <= 12


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
def test_every_page_of_ones_own_opens_in_both_languages(app: Flask, cast: Cast, language: str) -> None:
    officer = Visitor(app).sign_in("qu")
    officer.post("/prefer", {"language": language})
    for path in ("", "/sign-ins", "/password", "/pin", "/confirm", "/second-factor"):
        text = officer.get(f"/account{path}").text
        assert text.count("<h1") == 1, path
