"""The way in by its pages: sign-in, second factor, enrolment, links, the way out, and what attackers try there."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from flask import Flask

from portal.accounts import queries
from portal.accounts.models import Person
from portal.accounts.operations import throttle
from portal.core import clock, db
from portal.core.actor import SYSTEM
from portal.web.pages import safe_path
from tests import people
from tests.people import PASSWORD, Cast
from tests.visitors import Visitor

NOON = datetime(2026, 10, 13, 4, tzinfo=UTC)
CODES = re.compile(r"<strong>([A-Z2-9-]{19})</strong>")
SECRET = re.compile(r"<span>([A-Z2-7]{4})</span>")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with clock.at(NOON):
        yield


def set_up(cast: Cast, name: str, **facts: object) -> None:
    with db.acting(SYSTEM(None)) as session:
        person = session.get_one(Person, getattr(cast, name).person_id)
        for key, value in facts.items():
            setattr(person, key, value)


@pytest.fixture
def floor(cast: Cast) -> Cast:
    """The cast, its floor without a second factor, as most of them are."""
    for name in ("mai", "shi", "fu", "west_mai"):
        set_up(cast, name, totp_confirmed_at=None)
    return cast


def enter(visitor: Visitor, name: str, path: str = "/sign-in", **more: str) -> object:
    visitor.get(path)
    return visitor.post(path, {"username": name, "password": PASSWORD} | more)


def cookie(visitor: Visitor, name: str = "portal") -> str:
    found = visitor.client.get_cookie(name)
    return found.value if found else ""


def test_name_and_password_lead_where_one_wanted_to_go(app: Flask, floor: Cast) -> None:
    visitor = Visitor(app)
    visitor.get("/sign-in?next=/account/sign-ins")
    answer = visitor.post("/sign-in?next=/account/sign-ins", {"username": "mai", "password": PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/account/sign-ins")
    assert visitor.get("/account/sign-ins").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "///evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
        "http:evil.example", "javascript:alert(1)", "/%2fevil.example", "/%5cevil.example", "/\tevil.example",
        "/\r\nSet-Cookie: a=b", "evil.example", "", " /account",
    ],
)  # fmt: skip
def test_nobody_is_led_to_another_site(app: Flask, floor: Cast, path: str) -> None:
    assert safe_path(path) == "/"
    visitor = Visitor(app)
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"username": "mai", "password": PASSWORD}, query_string={"next": path})
    assert (answer.status_code, answer.location) == (303, "/")


@pytest.mark.parametrize("path", ["/", "/account", "/checks/3?day=2026-10-09&zone=%E9%B1%BC", "/kept/abc-_"])
def test_an_address_of_our_own_is_kept(path: str) -> None:
    assert safe_path(path) == path


def test_whoever_presses_twice_is_signed_in_by_the_second_answer(app: Flask, floor: Cast) -> None:
    """The browser drops the answer to the first press, and with it the token of the session."""
    first, second = Visitor(app), Visitor(app)
    first.get("/sign-in")
    second.token = first.token
    second.client.set_cookie("portal", cookie(first))
    pressed = {"username": "mai", "password": PASSWORD}
    assert first.post("/sign-in", pressed, token="pressed-once-and-again").status_code == 303
    assert second.post("/sign-in", pressed, token="pressed-once-and-again").status_code == 303
    assert second.get("/account").status_code == 200


def test_a_wrong_password_comes_back_with_the_name_and_without_the_password(app: Flask, floor: Cast) -> None:
    visitor = Visitor(app)
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"username": "mai", "password": "wrong-password"})
    assert answer.status_code == 422
    assert 'value="mai"' in answer.text and "wrong-password" not in answer.text
    assert "手机号（用户名）或密码不对" in answer.text


def test_unknown_known_and_shut_out_get_the_same_page(app: Flask, floor: Cast) -> None:
    set_up(floor, "shi", disabled_at=clock.now())
    pages = []
    for name in ("mmm", "mai", "shi"):
        visitor = Visitor(app)
        visitor.get("/sign-in")
        answer = visitor.post("/sign-in", {"username": name, "password": "wrong-password"})
        pages.append((answer.status_code, sorted(answer.headers.keys()), _bare(answer.text, name)))
    assert pages[0] == pages[1] == pages[2]


def _bare(text: str, name: str) -> str:
    text = re.sub(r'name="(csrf_token|once)" value="[^"]+"|value="[^"]+" name="csrf_token"', "", text)
    return re.sub(r'(id="csrf_token"[^>]*)', "", text).replace(f'value="{name}"', "")


@pytest.mark.parametrize(
    ("typed", "words"), [("1990000001", "现在是 10 位"), ("", "请填手机号"), ("１９９", "现在是 3 位")]
)
def test_a_slip_in_the_number_is_told_beside_the_field(
    app: Flask, floor: Cast, typed: str, words: str
) -> None:
    visitor = Visitor(app)
    visitor.get("/sign-in")
    answer = visitor.post("/sign-in", {"username": typed, "password": "x"})
    assert answer.status_code == 422 and words in answer.text


def test_too_many_tries_are_a_429_in_words_and_another_account_still_enters(app: Flask, floor: Cast) -> None:
    visitor = Visitor(app)
    visitor.get("/sign-in")
    statuses = [
        visitor.post("/sign-in", {"username": "mai", "password": "wrong"}).status_code for _ in range(25)
    ]
    assert statuses[: throttle.FREE] == [422] * throttle.FREE and statuses[-1] == 429
    answer = visitor.post("/sign-in", {"username": "mai", "password": PASSWORD})
    assert answer.status_code == 429 and "秒" in answer.text
    assert visitor.post("/sign-in", {"username": "shi", "password": PASSWORD}).status_code == 303


def test_a_made_up_forwarding_header_does_not_reset_the_count(app: Flask, floor: Cast) -> None:
    visitor = Visitor(app)
    visitor.get("/sign-in")
    statuses = [
        visitor.post(
            "/sign-in",
            {"username": "mai", "password": "wrong"},
            headers={"X-Forwarded-For": f"203.0.113.{n}", "X-Real-IP": f"203.0.113.{n}"},
        ).status_code
        for n in range(8)
    ]
    assert statuses[-1] == 429


def test_the_session_cookie_holds_a_token_and_no_name(app: Flask, floor: Cast) -> None:
    visitor = Visitor(app)
    enter(visitor, "mai")
    interface = app.session_interface.get_signing_serializer(app)
    held = interface.loads(cookie(visitor))
    assert len(held["_user_id"]) >= 43
    assert "麦" not in str(held) and "mai" not in str(held)


def test_a_planted_session_is_dropped_at_sign_in(app: Flask, floor: Cast) -> None:
    visitor = Visitor(app)
    visitor.get("/sign-in")
    with visitor.client.session_transaction() as planted:
        planted["_user_id"] = "planted-token"
        planted["planted"] = "yes"
    enter(visitor, "mai")
    with visitor.client.session_transaction() as held:
        assert held["_user_id"] != "planted-token" and "planted" not in held


def test_a_cookie_kept_from_before_signing_out_is_dead(app: Flask, floor: Cast) -> None:
    visitor, thief = Visitor(app), Visitor(app)
    enter(visitor, "mai", remember="y")
    visitor.get("/account")
    for name in ("portal", "device"):
        thief.client.set_cookie(name, cookie(visitor, name))
    assert thief.get("/account").status_code == 200
    assert visitor.post("/sign-out").status_code == 303
    assert thief.get("/account").status_code == 302
    assert visitor.get("/account").status_code == 302


@pytest.mark.parametrize("change", [{"disabled_at": NOON}])
def test_a_person_shut_out_is_out_with_the_next_request(
    app: Flask, floor: Cast, change: dict[str, object]
) -> None:
    visitor = Visitor(app)
    enter(visitor, "mai")
    assert visitor.get("/account").status_code == 200
    set_up(floor, "mai", **change)
    assert visitor.get("/account").status_code == 302


def test_an_officer_gives_the_second_factor_before_anything_opens(app: Flask, cast: Cast) -> None:
    visitor = Visitor(app)
    answer = enter(visitor, "qu", "/sign-in?next=/people")
    assert answer.location == "/second-factor?next=/people"  # type: ignore[attr-defined]
    assert visitor.get("/people").status_code == 302
    visitor.get(answer.location)  # type: ignore[attr-defined]
    assert visitor.post("/second-factor?next=/people", {"code": "000000"}).status_code == 422
    answer = visitor.post("/second-factor?next=/people", {"code": f" {people.code_now()} "})
    assert (answer.status_code, answer.location) == (303, "/people")
    assert visitor.get("/people").status_code == 200


def test_a_code_used_on_one_screen_is_refused_on_another(app: Flask, cast: Cast) -> None:
    first, second = Visitor(app), Visitor(app)
    for visitor in (first, second):
        enter(visitor, "qu")
        visitor.get("/second-factor")
    assert first.post("/second-factor", {"code": people.code_now()}).status_code == 303
    assert second.post("/second-factor", {"code": people.code_now()}).status_code == 422


def test_guessing_codes_is_slowed(app: Flask, cast: Cast) -> None:
    visitor = Visitor(app)
    enter(visitor, "qu")
    visitor.get("/second-factor")
    statuses = [visitor.post("/second-factor", {"code": f"{n:06d}"}).status_code for n in range(6)]
    assert statuses == [422, 422, 422, 429, 429, 429]


def test_the_second_step_waits_ten_minutes_and_no_longer(app: Flask, cast: Cast) -> None:
    visitor = Visitor(app)
    enter(visitor, "qu")
    with clock.at(NOON + timedelta(minutes=11)):
        assert visitor.get("/second-factor").location.startswith("/sign-in")


@pytest.mark.parametrize("path", ["/second-factor", "/second-factor/enrol"])
def test_without_a_password_there_is_no_second_step(app: Flask, cast: Cast, path: str) -> None:
    assert Visitor(app).get(path).location.startswith("/sign-in")


def test_whoever_has_a_second_factor_cannot_enrol_another_instead(app: Flask, cast: Cast) -> None:
    visitor = Visitor(app)
    enter(visitor, "qu")
    assert visitor.get("/second-factor/enrol").location.startswith("/sign-in")


def test_the_first_sign_in_of_an_officer_leads_through_enrolment(app: Flask, cast: Cast) -> None:
    set_up(cast, "qu", totp_confirmed_at=None, totp_secret=None)
    visitor = Visitor(app)
    answer = enter(visitor, "qu", "/sign-in?next=/people")
    assert answer.location == "/second-factor/enrol?next=/people"  # type: ignore[attr-defined]
    text = visitor.get("/second-factor/enrol?next=/people").text
    secret = "".join(SECRET.findall(text))
    assert len(secret) == 32 and "<path d=" in text
    assert visitor.get("/account").status_code == 302
    assert visitor.post("/second-factor/enrol?next=/people", {"code": "000000"}).status_code == 422
    answer = visitor.post("/second-factor/enrol?next=/people", {"code": pyotp.TOTP(secret).at(NOON)})
    codes = CODES.findall(answer.text)
    assert answer.status_code == 200 and len(codes) == 10 and 'href="/people"' in answer.text
    assert visitor.get("/people").status_code == 200

    other = Visitor(app)
    enter(other, "qu")
    other.get("/second-factor")
    assert other.post("/second-factor", {"code": codes[0].lower()}).status_code == 303


def test_an_enrolment_seen_by_a_stranger_is_worth_nothing_after_the_next_password(
    app: Flask, cast: Cast
) -> None:
    set_up(cast, "qu", totp_confirmed_at=None, totp_secret=None)
    stranger, owner = Visitor(app), Visitor(app)
    enter(stranger, "qu")
    seen = "".join(SECRET.findall(stranger.get("/second-factor/enrol").text))
    enter(owner, "qu")
    shown = "".join(SECRET.findall(owner.get("/second-factor/enrol").text))
    assert seen != shown


def test_a_remembered_telephone_has_a_cookie_of_its_own(app: Flask, floor: Cast) -> None:
    visitor = Visitor(app)
    answer = enter(visitor, "mai", remember="y")
    set_cookies = answer.headers.getlist("Set-Cookie")  # type: ignore[attr-defined]
    device = next(one for one in set_cookies if one.startswith("device="))
    assert "HttpOnly" in device and "SameSite=Lax" in device and "Path=/" in device
    with clock.at(NOON + timedelta(days=13)):
        assert visitor.get("/account").status_code == 200
    with clock.at(NOON + timedelta(days=14)):
        assert visitor.get("/account").status_code == 302


def test_an_officer_who_ticks_the_box_is_not_remembered(app: Flask, cast: Cast) -> None:
    visitor = Visitor(app)
    enter(visitor, "qu", remember="y")
    visitor.get("/second-factor")
    visitor.post("/second-factor", {"code": people.code_now()})
    assert visitor.get("/account").status_code == 200
    with clock.at(NOON + timedelta(minutes=31)):
        assert visitor.get("/account").status_code == 302


def test_in_production_both_cookies_are_bound_to_the_host(fresh_app: Flask, floor: Cast) -> None:
    fresh_app.config.update(SESSION_COOKIE_SECURE=True, SESSION_COOKIE_NAME="__Host-portal")
    visitor = Visitor(fresh_app)
    visitor.get("/sign-in", base_url="https://localhost")
    answer = visitor.post(
        "/sign-in",
        {"username": "mai", "password": PASSWORD},
        base_url="https://localhost",
        headers={"Referer": "https://localhost/sign-in"},
    )
    assert answer.status_code == 303
    cookies = answer.headers.getlist("Set-Cookie")
    assert {one.partition("=")[0] for one in cookies} == {"__Host-portal", "__Host-device"}
    for one in cookies:
        assert "Secure" in one and "HttpOnly" in one and "SameSite=Lax" in one and "Domain" not in one


def link(app: Flask, by: str, membership_id: int) -> str:
    officer = Visitor(app).sign_in(by)
    officer.get(f"/people/{membership_id}")
    text = officer.post(f"/people/{membership_id}/link").text
    found = re.search(r'value="(http[^"]+)" readonly', text)
    assert found, text
    return found.group(1).removeprefix("http://127.0.0.1:8000")


def test_a_link_is_shown_once_opens_once_and_signs_nobody_in(app: Flask, cast: Cast) -> None:
    path = link(app, "qu", cast.mai.membership_id)
    bearer = Visitor(app)
    assert "麦小禾" in bearer.get(path).text
    fields = {"new_password": "新的一句话很长很长", "again": "新的一句话很长很长"}
    assert bearer.post(path, fields).status_code == 422
    fields = {"new_password": "新的一句话很长很长呀", "again": "新的一句话很长很长呀"}
    assert bearer.post(path, fields).location == "/sign-in"
    assert bearer.get("/account").status_code == 302
    assert bearer.get(path).status_code == 404
    bearer.get("/sign-in")
    answer = bearer.post("/sign-in", {"username": "mai", "password": "新的一句话很长很长呀"})
    assert answer.location == "/second-factor?next=/"


def test_the_address_of_a_link_comes_from_the_settings_not_the_request(app: Flask, cast: Cast) -> None:
    officer = Visitor(app).sign_in("qu")
    officer.get(f"/people/{cast.mai.membership_id}")
    answer = officer.post(
        f"/people/{cast.mai.membership_id}/link", headers={"X-Forwarded-Host": "evil.example"}
    )
    assert "evil.example" not in answer.text and "http://127.0.0.1:8000/link/" in answer.text


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 700])
def test_a_made_up_link_is_a_page_not_found(app: Flask, cast: Cast, token: str) -> None:
    visitor = Visitor(app)
    visitor.get("/sign-in")
    assert visitor.get(f"/link/{token}").status_code == 404
    fields = {"new_password": "新的一句话很长很长呀", "again": "新的一句话很长很长呀"}
    assert visitor.post(f"/link/{token}", fields).status_code == 404


def test_signing_in_needs_the_form_of_this_browser(app: Flask, floor: Cast) -> None:
    visitor = Visitor(app)
    fields = {"username": "mai", "password": PASSWORD, "csrf_token": "x"}
    answer = visitor.post("/sign-in", fields, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400
    with db.reading():
        assert queries.live_sign_ins(floor.mai.person_id) == []


def test_a_form_sent_after_the_session_ran_out_is_given_back_to_the_same_person(
    app: Flask, cast: Cast
) -> None:
    visitor = Visitor(app).sign_in("qu")
    visitor.get("/people/new")
    fields = {"name": "新来的人", "phone": "13900139000", "role": "grid_officer", "once": "o" * 24}
    with clock.at(NOON + timedelta(minutes=40)):
        answer = visitor.post("/people/new", fields, headers={"Origin": "http://localhost"})
        assert answer.status_code == 303
        kept = re.search(r"next=(/kept/[\w-]+)", answer.location)
        assert kept
        other = Visitor(app).sign_in("zhen")
        assert other.get(kept.group(1)).status_code == 404
        visitor.sign_in("qu")
        text = visitor.get(kept.group(1)).text
        assert "你刚才填的还在" in text and 'action="/people/new"' in text and f'value="{"o" * 24}"' in text
        assert '<li class="kept">新来的人</li>' in text, "nobody sends on what he cannot read"
        answer = visitor.post("/people/new", fields)
        assert answer.status_code == 303 and answer.location.startswith("/people/")


def test_a_stranger_cannot_have_words_kept_for_somebody(app: Flask, cast: Cast) -> None:
    stranger = Visitor(app)
    stranger.get("/sign-in")
    answer = stranger.post("/people/new", {"name": "坏人"}, headers={"Origin": "http://localhost"})
    assert answer.location in {"/sign-in", "/sign-in?next="}
