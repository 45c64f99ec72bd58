"""The gate: who enters, which writes are new, what is kept, and how every refusal reads."""

import pickle
import re
from collections.abc import Iterator
from enum import StrEnum
from io import BytesIO
from typing import Any

import pytest
from flask import Flask, redirect, request
from sqlalchemy.exc import OperationalError

from portal.core import db, once
from portal.core.actor import Role
from portal.core.errors import NotThere, TooLate
from portal.core.journal import JournalLine
from portal.core.policy import Everyone, grant, granted, role
from portal.core.settings import Settings
from portal.evidence import storage
from portal.markets.models import Zone
from portal.web.area import Area, limiter
from portal.web.gate import actor, given_once
from tests.conftest import SECRET, put_together
from tests.people import Cast
from tests.shelves import Shelf
from tests.visitors import Visitor

TOKENS = re.compile(r'value="[^"]*"')


class May(StrEnum):
    """Rights of the pages below."""

    WRITE = "tests:write"


if May.WRITE not in granted():
    grant({May.WRITE: [role(Role.MARKET_MANAGER)]})


@pytest.fixture(scope="module")
def portal_with_pages(
    prepared: tuple[str, bytes], shelf: Shelf, tmp_path_factory: pytest.TempPathFactory
) -> Flask:
    """A portal with a few more pages, put together once."""
    home = tmp_path_factory.mktemp("gate")
    made = put_together(Settings(home=home, database_url=shelf.url, secret_key=SECRET))
    made.register_blueprint(pages(Cast(**pickle.loads(prepared[1]))))
    return made


@pytest.fixture
def paged(portal_with_pages: Flask, cast: Cast, settings: Settings) -> Iterator[Flask]:
    """The portal with the pages, on the test's database."""
    portal_with_pages.config["PORTAL_SETTINGS"] = settings
    storage.use(settings)
    limiter.enabled = False
    yield portal_with_pages
    portal_with_pages.config["PROPAGATE_EXCEPTIONS"] = None


@pytest.fixture
def visitor(paged: Flask) -> Visitor:
    """The manager of East, on an app with a few more pages."""
    return Visitor(paged).sign_in("kuang")


def pages(cast: Cast) -> Area:  # noqa: C901 - a list of small views, not a decision
    """Pages that do what a page may do wrong."""
    area = Area("tests", __name__, url_prefix="/tests")

    @area.form("/zone", needs=May.WRITE)
    def zone() -> Any:
        if request.method == "GET":
            return "ok"
        market = cast.market()
        db.session.add(
            Zone(market_id=market.id, code=request.form["code"], name="新区", position=9).stands_in(market)
        )
        if request.form.get("comes_back"):
            db.session.flush()
            return "again", 422
        return redirect(f"/tests/zone?code={request.form['code']}")

    @area.get("/writes", needs=May.WRITE)
    def writes() -> Any:
        db.session.query(Zone).first().name = "改"
        db.session.flush()
        return "written"

    @area.post("/late", needs=May.WRITE)
    def late() -> Any:
        raise TooLate("已经交过了。")

    @area.post("/busy", needs=May.WRITE)
    def busy() -> Any:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    @area.post("/falls", needs=May.WRITE)
    def falls() -> Any:
        raise ZeroDivisionError

    @area.get("/zones/<int:zone_id>", needs=May.WRITE)
    def show(zone_id: int) -> Any:
        if db.session.get(Zone, zone_id) is None:
            raise NotThere
        return "here"

    @area.put("/saved", needs=May.WRITE)
    def saved() -> Any:
        return {"who": actor().name, "once": given_once()}, 201

    @area.get("/open", needs=Everyone.MAY_READ)
    def opened() -> Any:
        return "open"

    return area


def zones(cast: Cast) -> int:
    with db.opened(cast.kuang.reach, writes=False) as session:
        return len(session.query(Zone).all())


def test_a_page_without_a_right_does_not_even_import() -> None:
    with pytest.raises(TypeError):
        Area("tests_bare", __name__).get("/")  # type: ignore[call-arg]


def test_nobody_is_led_to_sign_in_and_back(app: Flask) -> None:
    answer = Visitor(app).get("/notices?day=2026-10-09")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=") and "day" in answer.location


def test_a_script_without_a_person_is_told_401(app: Flask) -> None:
    answer = Visitor(app).script("GET", "/notices")
    assert answer.status_code == 401 and answer.is_json


def test_the_right_is_asked_before_the_view_and_the_refusal_is_journalled(paged: Flask, cast: Cast) -> None:
    mai = Visitor(paged).sign_in("mai")
    assert mai.get("/tests/zone").status_code == 403
    with db.reading() as session:
        denied = session.query(JournalLine).filter_by(verb="denied").one()
    assert (denied.actor_name, denied.data["path"]) == ("麦小禾", "/tests/zone")


def test_a_carried_out_write_is_kept(visitor: Visitor, cast: Cast) -> None:
    before = zones(cast)
    assert visitor.post("/tests/zone", {"code": "N"}).status_code == 302
    assert zones(cast) == before + 1


def test_a_form_that_comes_back_is_dropped_and_may_be_sent_again(visitor: Visitor, cast: Cast) -> None:
    before, token = zones(cast), once.new_token()
    assert visitor.post("/tests/zone", {"code": "N", "comes_back": "1"}, token=token).status_code == 422
    assert zones(cast) == before
    assert visitor.post("/tests/zone", {"code": "N"}, token=token).status_code == 302
    assert zones(cast) == before + 1


def test_a_double_click_is_one_write_and_two_equal_answers(visitor: Visitor, cast: Cast) -> None:
    before, token = zones(cast), once.new_token()
    answers = [visitor.post("/tests/zone", {"code": "N"}, token=token) for _ in range(3)]
    assert zones(cast) == before + 1
    assert {answer.location for answer in answers} == {"/tests/zone?code=N"}


@pytest.mark.parametrize(
    "fields", [{"once": ""}, {"once": "short"}, {"once": "x" * 100}, {"csrf_token": "wrong"}]
)
def test_a_write_without_its_tokens_is_refused(visitor: Visitor, cast: Cast, fields: dict[str, str]) -> None:
    before = zones(cast)
    assert visitor.post("/tests/zone", {"code": "N"} | fields).status_code == 400
    assert zones(cast) == before


def test_a_form_of_another_membership_is_not_sent_in_this_ones_name(visitor: Visitor, cast: Cast) -> None:
    before = zones(cast)
    assert visitor.post("/tests/zone", {"code": "N", "acting": "999"}).status_code == 409
    assert zones(cast) == before
    own = str(cast.kuang.membership_id)
    assert visitor.post("/tests/zone", {"code": "N", "acting": own}).status_code == 302


def test_another_sites_form_is_refused_even_with_a_token(visitor: Visitor, cast: Cast) -> None:
    before = zones(cast)
    answer = visitor.post("/tests/zone", {"code": "N"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400 and zones(cast) == before


def test_a_stale_page_comes_back_with_what_was_typed_and_a_way_to_send_it(visitor: Visitor) -> None:
    answer = visitor.post(
        "/tests/zone", {"code": "打了一半", "csrf_token": "old"}, headers={"Origin": "http://localhost"}
    )
    assert answer.status_code == 400
    assert "打了一半" in answer.text and 'action="/tests/zone"' in answer.text


def test_a_look_never_writes(visitor: Visitor, paged: Flask) -> None:
    paged.config["PROPAGATE_EXCEPTIONS"] = False
    assert visitor.get("/tests/writes").status_code == 500


def test_a_conflict_in_the_commit_becomes_its_own_page(visitor: Visitor, cast: Cast) -> None:
    answer = visitor.post("/tests/zone", {"code": "A"})
    assert answer.status_code == 409 and "<h1" in answer.text


def test_too_late_says_what_happened(visitor: Visitor) -> None:
    answer = visitor.post("/tests/late")
    assert answer.status_code == 409 and "已经交过了。" in answer.text


def test_a_busy_database_keeps_the_form_and_its_token(visitor: Visitor) -> None:
    token = once.new_token()
    answer = visitor.post("/tests/busy", {"note": "别丢了"}, token=token)
    assert answer.status_code == 503
    assert "别丢了" in answer.text and token in answer.text


def test_a_fault_of_ours_has_a_number_and_tells_nothing_else(visitor: Visitor, paged: Flask) -> None:
    paged.config["PROPAGATE_EXCEPTIONS"] = False
    answer = visitor.post("/tests/falls")
    assert answer.status_code == 500
    assert "ZeroDivision" not in answer.text and "Traceback" not in answer.text


@pytest.mark.parametrize("number", ["999999", "9223372036854775808", "1" * 400, "0", "-1", "1e3", "%00"])
def test_numbers_nobody_has_are_not_found(visitor: Visitor, number: str) -> None:
    assert visitor.get(f"/tests/zones/{number}").status_code in {400, 404}


def test_a_strangers_number_answers_like_one_that_does_not_exist(visitor: Visitor, cast: Cast) -> None:
    assert visitor.get(f"/tests/zones/{cast.east.zone_ids[0]}").status_code == 200
    foreign = visitor.get(f"/tests/zones/{cast.west.zone_ids[0]}")
    missing = visitor.get("/tests/zones/987654321")
    assert foreign.status_code == missing.status_code == 404
    assert TOKENS.sub("", foreign.text) == TOKENS.sub("", missing.text)


JUNK = {
    "nul": {"data": {"code": "a\x00b"}},
    "endless field": {"data": {"code": "x" * 30_000}},
    "endless body": {
        "data": b"code=" + b"x" * 2_000_000,
        "content_type": "application/x-www-form-urlencoded",
    },
    "another charset": {
        "data": "code=a".encode("utf-16"),
        "content_type": "application/x-www-form-urlencoded; charset=utf-16",
    },
    "deep json": {"data": b"[" * 100_000, "content_type": "application/json"},
    "broken json": {"data": b'{"a": NaN}', "content_type": "application/json"},
    "utf-16 json": {"data": '{"a": 1}'.encode("utf-16"), "content_type": "application/json"},
}


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_junk_is_refused_in_words_and_changes_nothing(
    visitor: Visitor, cast: Cast, junk: dict[str, Any]
) -> None:
    before = zones(cast)
    headers = {"X-CSRFToken": visitor.token, "Once": once.new_token()}
    answer = visitor._open("/tests/zone", method="POST", headers=headers, **junk)
    assert answer.status_code in {400, 413} and zones(cast) == before


def test_a_body_too_large_is_refused_in_words_wherever_it_is_sent(app: Flask) -> None:
    for path, status in (("/nowhere", 404), ("/prefer", 413)):
        answer = Visitor(app).post(path, {"note": "x" * 1_500_000})
        assert answer.status_code == status and "<h1>" in answer.text


def test_the_photos_of_a_stranger_are_not_read(app: Flask) -> None:
    body = BytesIO(b"x" * 2_000_000)
    answer = Visitor(app)._open(
        "/checks/1/photos/C-01",
        method="POST",
        input_stream=body,
        content_length=2_000_000,
        content_type="multipart/form-data; boundary=x",
        headers={"Origin": "http://localhost"},
    )
    assert (answer.status_code, body.tell()) == (303, 0)


@pytest.mark.parametrize("query", ["q=%00", "q=%ff%fe", "q=" + "x" * 30_000])
def test_a_query_of_junk_is_refused(visitor: Visitor, query: str) -> None:
    assert visitor.get(f"/tests/open?{query}").status_code in {400, 413}


def test_a_script_saves_under_its_own_token(visitor: Visitor) -> None:
    answer = visitor.script("PUT", "/tests/saved", json={})
    assert answer.status_code == 201 and answer.json["who"] == "邝样安"


@pytest.mark.parametrize("path", ["/tests/open", "/nowhere", "/health", "/sign-in", "/static/css/base.css"])
def test_every_answer_bears_the_headers(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    answer.close()


def test_signed_in_pages_are_not_kept_by_the_browser(visitor: Visitor) -> None:
    assert visitor.get("/tests/zone").headers["Cache-Control"] == "no-store"


def test_another_host_is_refused(app: Flask) -> None:
    assert Visitor(app).get("/sign-in", headers={"Host": "evil.example"}).status_code == 400


def test_cookies_are_for_this_site_and_no_script(app: Flask) -> None:
    cookie = Visitor(app).get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


@pytest.mark.parametrize(("asked", "lang"), [("zh-CN", "zh-Hans-CN"), ("fr", "zh-Hans-CN"), ("en-GB", "en")])
def test_the_language_follows_the_browser_and_falls_back_to_chinese(
    app: Flask, asked: str, lang: str
) -> None:
    assert f'lang="{lang}"' in Visitor(app).get("/sign-in", headers={"Accept-Language": asked}).text


def test_language_and_type_are_chosen_once_and_remembered(app: Flask) -> None:
    reader = Visitor(app)
    reader.get("/sign-in")
    reader.post("/prefer", {"language": "en"}, headers={"Referer": "http://localhost/sign-in"})
    reader.post("/prefer", {"large": "1"})
    page = reader.get("/sign-in").text
    assert 'lang="en"' in page and 'class="large' in page


@pytest.mark.parametrize("before", ["http://localhost//evil.example/a", "http://evil.example/localhost", "x"])
def test_a_choice_of_language_leads_to_no_other_site(app: Flask, before: str) -> None:
    reader = Visitor(app)
    reader.get("/sign-in")
    answer = reader.post("/prefer", {"language": "en"}, headers={"Referer": before})
    assert (answer.status_code, answer.location) == (303, "/")
    assert "evil.example" not in reader.get("/nowhere", headers={"Referer": before}).text


def test_the_pulse_names_no_person(app: Flask) -> None:
    answer = Visitor(app).get("/health")
    assert answer.json["status"] == "ok" and set(answer.json) == {"status", "errands", "database"}


def test_a_page_without_an_account_cannot_be_asked_without_end(app: Flask) -> None:
    limiter.enabled = True
    asked = [Visitor(app).get("/verify/0123456789abcdef").status_code for _ in range(70)]
    limiter.enabled = False
    assert asked[0] == 404 and asked[-1] == 429
