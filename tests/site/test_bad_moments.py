"""The right thing at the wrong moment, and files that are none: said in words, kept, and done once."""

import io
import os
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from PIL import Image
from werkzeug.test import TestResponse, encode_multipart

from portal.accounts.models import SignIn
from portal.core import clock, db, once
from portal.core.actor import SYSTEM
from portal.evidence.models import Attachment
from portal.markets.models import Market, Zone
from portal.selfcheck.models import Answer, Submission
from tests.evidence import pictures
from tests.people import count_rows
from tests.selfcheck import day
from tests.site import bad_input, walking
from tests.site.access_bodies import MARKET, Ask
from tests.site.access_world import OWN, World
from tests.site.test_every_page import IDEOGRAPH, Data
from tests.site.walks import counted
from tests.visitors import Visitor

pytestmark = pytest.mark.slow
LANGUAGES = ("zh-CN", "en")
HOME = {"Origin": "http://localhost"}
LEAVES_A_TRACE = frozenset({"sign_in", "once"})
"""Tables in which a request may leave when it came."""
NEW_SESSION = frozenset({
    "accounts.confirm",
    "accounts.change_password",
    "accounts.switch",
    "accounts.open_link",
    "accounts.second_factor_step",
    "accounts.enrol",
})  # fmt: skip
"""Deeds that give the browser another session: the tokens of the old page are gone with the old one."""
in_both_languages = pytest.mark.parametrize("language", LANGUAGES)


class Reader:
    """A patroller who reads one language, and the check that is open before him."""

    def __init__(self, world: World, language: str, role: str = "patroller") -> None:
        self.world, self.language, self.data = world, language, Data()
        self.visitor = world.seat(role)
        self.check = world.find("open check", OWN, "patroller")

    def post(self, path: str, fields: dict[str, Any], **options: Any) -> TestResponse:
        headers = {"Accept-Language": self.language} | options.pop("headers", {})
        return self.visitor.post(path, fields, headers=headers, **options)

    def script(self, method: str, path: str, **options: Any) -> TestResponse:
        return self.visitor.script(method, path, headers={"Accept-Language": self.language}, **options)

    def is_told(self, answer: TestResponse, status: int, typed: str = "") -> None:
        """The words of a refusal, which are in the reader's language, what he typed himself apart."""
        assert answer.status_code == status, answer.text
        words = " ".join(bad_input.sentences(answer)).replace(typed, "")
        assert words
        if self.language == "en":
            assert not self.data.taken_from(words), words
        else:
            assert IDEOGRAPH.search(words), words


@pytest.fixture
def reader(full: World, language: str) -> Reader:
    """Somebody at the open check."""
    return Reader(full, language)


def bad_pictures() -> Iterator[tuple[str, bytes]]:
    """What is no photo, or one too large to be drawn."""
    for name, content in pictures.bad_files().items():
        if name in {
            "PHP",
            "zip",
            "PDF",
            "moving GIF",
            "half a JPEG",
            "nothing at all",
            "PNG bomb of 20,000 a side",
        }:
            yield name, content


@in_both_languages
def test_a_file_that_is_no_photo_is_refused_in_words_and_the_answers_come_back(reader: Reader) -> None:
    before = count_rows(Attachment)
    for name, content in bad_pictures():
        path = f"/checks/{reader.check}/photos/C-01"
        sent = reader.script("POST", path, data={"photo": (io.BytesIO(content), "photo.jpg")})
        reader.is_told(sent, 422)
        fields = {
            "C-01-photo": (io.BytesIO(content), "photo.jpg"),
            "C-17-outcome": "fail",
            "C-17-note": "没丢的话",
        }
        page = reader.post(f"/checks/{reader.check}", fields)
        reader.is_told(page, 422)
        assert "没丢的话" in page.text, name
    assert count_rows(Attachment) == before


def test_a_photo_of_twenty_megabytes_from_a_telephone_is_taken(full: World) -> None:
    reader, content = Reader(full, "zh-CN"), large_photo()
    assert 19_000_000 < len(content) < 25_000_000
    before = count_rows(Attachment)
    path = f"/checks/{reader.check}/photos/C-03"
    boundary, body = encode_multipart({"photo": pictures.sent(content, "IMG_0001.JPG")})
    sent = reader.script("POST", path, data=body, content_type=f"multipart/form-data; boundary={boundary}")
    assert sent.status_code == 201, sent.text
    assert count_rows(Attachment) == before + 1


def large_photo() -> bytes:
    """Sixteen million pixels of which no two are alike."""
    width, height = 4624, 3468
    picture = Image.frombytes("RGB", (width, height), os.urandom(width * height * 3))
    return pictures.saved(picture, quality=97)


@in_both_languages
@pytest.mark.parametrize("number", ["-300", "99999999999", "1e9", "NaN", "三", "3,5,1"])
def test_a_number_outside_any_sense_is_refused_in_words_and_comes_back(reader: Reader, number: str) -> None:
    by_script = reader.script(
        "PUT", f"/checks/{reader.check}/answers/WM-14", json={"number": number, "seen": 1}
    )
    fields = {"WM-14-number": number, "WM-14-seen": "1", "C-17-note": "没丢的话", "C-17-outcome": "fail"}
    page = reader.post(f"/checks/{reader.check}", fields)
    if by_script.status_code == 201:  # a thing that can be measured, however bad
        assert number == "-300" and page.status_code == 303
        return
    reader.is_told(by_script, 422, number)
    reader.is_told(page, 422, number)
    assert "没丢的话" in page.text and f'value="{number}"' in page.text


@in_both_languages
def test_an_answer_to_an_item_of_another_version_is_no_silent_loss(reader: Reader) -> None:
    reader.is_told(
        reader.script("PUT", f"/checks/{reader.check}/answers/C-99", json={"outcome": "fail"}), 422
    )
    fields = {
        "C-99-outcome": "fail",
        "C-99-note": "别的版本",
        "C-17-outcome": "fail",
        "C-17-note": "没丢的话",
    }
    page = reader.post(f"/checks/{reader.check}", fields)
    reader.is_told(page, 422)
    assert "没丢的话" in page.text


@in_both_languages
def test_a_second_submission_leads_to_the_one_receipt(reader: Reader) -> None:
    check = reader.world.find("walked check", OWN, "patroller")
    first = reader.post(f"/checks/{check}/submit", {})
    before = count_rows(Submission)
    second = reader.post(f"/checks/{check}/submit", {})
    assert first.status_code == second.status_code == 303
    assert first.location == second.location == f"/checks/{check}/receipt"
    assert count_rows(Submission) == before
    reader.is_told(
        reader.script("PUT", f"/checks/{check}/answers/C-01", json={"outcome": "fail", "seen": 1}), 409
    )
    late = reader.post(
        f"/checks/{check}", {"C-01-outcome": "fail", "C-01-note": "没丢的话", "C-01-seen": "1"}
    )
    reader.is_told(late, 409)
    assert "没丢的话" in late.text


@in_both_languages
def test_a_submission_after_the_window_is_refused_in_words_and_its_answers_stay(reader: Reader) -> None:
    check = reader.world.find("walked check", OWN, "patroller")
    before = count_rows(Answer)
    with clock.at(day.MISSED):
        reader.is_told(reader.post(f"/checks/{check}/submit", {}), 409)
        kept = reader.post(
            f"/checks/{check}", {"C-01-outcome": "fail", "C-01-note": "没丢的话", "C-01-seen": "1"}
        )
        assert kept.status_code in {303, 409}
        assert kept.status_code == 303 or "没丢的话" in kept.text
    assert count_rows(Answer) == before


@in_both_languages
def test_a_stale_page_comes_back_with_what_was_typed_and_is_sent_once(reader: Reader) -> None:
    fields = {"C-17-outcome": "fail", "C-17-note": "没丢的话", "csrf_token": "of-yesterday"}
    stale = reader.post(f"/checks/{reader.check}", fields, headers=HOME)
    reader.is_told(stale, 400)
    assert "没丢的话" in stale.text
    before = count_rows(Answer)
    for _ in range(2):
        assert reader.visitor.post(f"/checks/{reader.check}", hidden_fields(stale)).status_code == 303
    assert count_rows(Answer) == before + 1


def hidden_fields(answer: TestResponse) -> dict[str, str]:
    """What the page's form sends when its button is pressed."""
    found = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text.partition("<main")[2]
    )
    return dict(found)


def test_a_double_click_on_anything_is_one_deed(full: World) -> None:
    faults = []
    for stop in walking.writes(full):
        if full.app.view_functions[stop.endpoint].repeats:  # type: ignore[attr-defined]
            continue
        visitor, token, form = stop.seat(), once.new_token(), stop.form()
        with counted() as cost:
            first = clicked(stop, visitor, form, token)
        assert first.status_code < 400, f"{stop.name}: {first.text}"
        assert "once" in cost.written(), f"{stop.name}: nothing was heard"
        with counted() as again:
            second = clicked(stop, visitor, rewound(form), token)
        changed = again.written() - LEAVES_A_TRACE
        is_fine = second.status_code < 400 or (second.status_code == 400 and stop.endpoint in NEW_SESSION)
        if not is_fine or changed:
            faults.append(f"{stop.name}: {second.status_code} {changed}")
        full.put_back()
    assert faults == [], "\n".join(faults)


def clicked(stop: walking.Stop, visitor: Visitor, form: dict[str, Any], token: str) -> TestResponse:
    if stop.is_script:
        return visitor.script(stop.method, stop.path(), json=form, headers={"Once": token})
    return visitor.post(stop.path(), form, token=token)


def rewound(form: dict[str, Any]) -> dict[str, Any]:
    """The same form; its files were read to the end the first time."""
    return {name: (_again(value) if isinstance(value, tuple) else value) for name, value in form.items()}


def _again(sent: tuple[io.BytesIO, str]) -> tuple[io.BytesIO, str]:
    return io.BytesIO(pictures.photo(seed=2)), sent[1]


def test_a_double_click_at_the_same_moment_is_one_deed(full: World) -> None:
    before, token = count_rows(Zone), once.new_token()
    path = f"/markets/{full.people['east'].east.market_id}/zones/add"
    form = {"code": "Z9", "name": "熟食区", "kind": ""}
    visitors = [full.seat("market_manager") for _ in range(4)]

    def click(visitor: Visitor) -> TestResponse:
        with clock.at(day.WALKING):
            return visitor.post(path, form, token=token)

    with ThreadPoolExecutor(len(visitors)) as pool:
        answers = list(pool.map(click, visitors))
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.location for answer in answers}) == 1
    assert count_rows(Zone) == before + 1


@in_both_languages
def test_a_session_that_ends_in_mid_check_gives_the_form_back_to_the_same_person_alone(
    reader: Reader,
) -> None:
    mai = Visitor(reader.world.app).sign_in("mai")
    end_sessions_of(reader.world.roles["patroller"].person_id)
    fields = {"C-17-outcome": "fail", "C-17-note": "没丢的话"}
    headers = HOME | {"Accept-Language": reader.language}
    answer = mai.post(f"/checks/{reader.check}", fields, headers=headers)
    kept = re.search(r"next=(/kept/[\w-]+)", answer.location)
    assert answer.status_code == 303 and kept
    other = Visitor(reader.world.app).sign_in("kuang")
    assert other.get(kept[1]).status_code == 404
    mai.sign_in("mai")
    page = mai.get(kept[1], headers={"Accept-Language": reader.language})
    assert page.status_code == 200 and "没丢的话" in page.text
    before = count_rows(Answer)
    for _ in range(2):
        assert mai.post(f"/checks/{reader.check}", hidden_fields(page)).status_code == 303
    assert count_rows(Answer) == before + 1


def end_sessions_of(person_id: int) -> None:
    """All sessions of a person have run out."""
    with db.acting(SYSTEM(None)) as session:
        for row in session.scalars(sa.select(SignIn).where(SignIn.person_id == person_id)):
            row.expires_at = clock.now()


@in_both_languages
def test_two_tabs_do_not_overwrite_each_other_and_the_second_keeps_what_was_typed(
    full: World, language: str
) -> None:
    tried = set()
    for stop in walking.writes(full):
        form = stop.form()
        if "version" not in form:
            continue
        reader, tried_field = Reader(full, language, stop.role), next(iter(form))
        first = reader.post(stop.path(), form)
        assert first.status_code == 303, first.text
        second = reader.post(stop.path(), form | {tried_field: form[tried_field]})
        reader.is_told(second, 409)
        assert form[tried_field] in second.text, stop.name
        tried.add(stop.endpoint)
        full.put_back()
    assert len(tried) >= 5


@in_both_languages
def test_two_telephones_do_not_overwrite_each_others_answer(reader: Reader) -> None:
    path = f"/checks/{reader.check}/answers/C-17"
    colleague = reader.world.seat("market_manager")
    assert colleague.script("PUT", path, json={"outcome": "pass", "seen": 0}).status_code == 201
    reader.is_told(reader.script("PUT", path, json={"outcome": "fail", "seen": 0}), 409)


def test_the_market_of_the_first_tab_is_the_one_that_is_kept(full: World) -> None:
    manager = full.seat("market_manager")
    path = f"/markets/{full.people['east'].east.market_id}/edit"
    version = Ask(full, "markets.edit", "market_manager", OWN).version(Market, "market")
    assert manager.post(path, MARKET | {"name": "第一页", "version": version}).status_code == 303
    assert manager.post(path, MARKET | {"name": "第二页", "version": version}).status_code == 409
    with db.acting(full.roles["market_manager"]) as session:
        assert session.get_one(Market, full.people["east"].east.market_id).name == "第一页"
