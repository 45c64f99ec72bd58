"""Evidence in a browser: served through the attachment, to whoever reaches it, as nothing but what it is."""

import io

import pytest
from flask import Flask
from PIL import Image

from portal.core import clock, db
from portal.evidence import operations, queries, routes, storage
from portal.evidence.models import Purpose
from portal.evidence.staging import Refused, Staged, accepted, refused, stage, stage_papers, stage_photos
from portal.markets.models import Stall
from tests.evidence import pictures
from tests.visitors import Visitor


@pytest.fixture
def kept(app, cast, monkeypatch):
    """A photo and a licence of a stall of East; their numbers."""
    photo = stage(pictures.sent(pictures.camera_photo(), "熟食 <b>.jpg"))
    paper = stage(pictures.sent(pictures.pdf(), "营业执照\r\nX: y.exe"), documents=True)
    assert isinstance(photo, Staged) and isinstance(paper, Staged)
    monkeypatch.setitem(queries._sees, Stall.__tablename__, lambda actor, stall_id: True)
    with db.acting(cast.mai):
        stall = db.session.get_one(Stall, cast.east.stall_ids[0])
        made = [
            operations.attach(photo, stall, "", Purpose.FOUND, cast.mai),
            operations.attach(paper, stall, "", Purpose.PAPER, cast.mai),
        ]
        db.session.flush()
        return [one.id for one in made]


def test_a_photo_is_a_picture_for_whoever_reaches_the_market(app, kept):
    for who in ("mai", "gu"):
        answer = Visitor(app).sign_in(who).get(f"/evidence/{kept[0]}")

        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert Image.open(io.BytesIO(answer.data)).size == (640, 480)
        assert b"Exif" not in answer.data


def test_what_nobody_said_who_sees_is_shown_to_nobody(app, kept, monkeypatch):
    monkeypatch.delitem(queries._sees, Stall.__tablename__)

    assert Visitor(app).sign_in("mai").get(f"/evidence/{kept[0]}").status_code == 404


def test_whatever_the_bytes_are_they_act_on_nothing(app, kept):
    headers = Visitor(app).sign_in("mai").get(f"/evidence/{kept[0]}").headers

    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "private, max-age=600"
    assert headers["Content-Disposition"].startswith("inline;")


def test_a_document_is_only_ever_downloaded_under_the_ending_of_what_it_is(app, kept):
    answer = Visitor(app).sign_in("mai").get(f"/evidence/{kept[1]}")

    assert answer.data == pictures.pdf()
    assert answer.mimetype == "application/pdf"
    name = answer.headers["Content-Disposition"]
    assert name.startswith(f"attachment; filename={kept[1]}.pdf; filename*=UTF-8''%E8%90%A5%E4%B8%9A")
    assert name.isascii() and name.endswith(".pdf") and "\n" not in name


def test_the_thumb_is_small_and_a_document_has_none(app, kept):
    visitor = Visitor(app).sign_in("mai")

    assert Image.open(io.BytesIO(visitor.get(f"/evidence/{kept[0]}/thumb").data)).size == (320, 240)
    assert visitor.get(f"/evidence/{kept[1]}/thumb").status_code == 404


def test_what_the_browser_has_is_not_sent_again(app, kept):
    visitor = Visitor(app).sign_in("mai")
    tag = visitor.get(f"/evidence/{kept[0]}").headers["ETag"]
    answer = visitor.get(f"/evidence/{kept[0]}", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize("who", ["west_mai", "west_kuang", "west_gu", "west_zhen"])
def test_a_strangers_photo_answers_like_one_that_does_not_exist(app, kept, who):
    visitor = Visitor(app).sign_in(who)
    for tail in ("", "/thumb"):
        strange, absent = visitor.get(f"/evidence/{kept[0]}{tail}"), visitor.get(f"/evidence/9{tail}")

        assert strange.status_code == absent.status_code == 404
        assert len(strange.text) == len(absent.text)


def test_knowing_the_tag_of_a_strangers_photo_tells_nothing(app, kept):
    tag = Visitor(app).sign_in("mai").get(f"/evidence/{kept[0]}").headers["ETag"]
    answer = Visitor(app).sign_in("west_mai").get(f"/evidence/{kept[0]}", headers={"If-None-Match": tag})

    assert answer.status_code == 404


def test_those_who_run_the_platform_see_nobodys_photos(app, kept):
    assert Visitor(app).sign_in("guan").get(f"/evidence/{kept[0]}").status_code == 403


def test_without_signing_in_there_is_no_photo(app, kept):
    assert Visitor(app).get(f"/evidence/{kept[0]}").status_code == 302


def test_a_row_whose_file_is_lost_is_not_there_rather_than_an_error(app, kept):
    for one in list(storage.store().walk()):
        storage.store().forget(one.sha256, clock.now().replace(year=2100))

    assert Visitor(app).sign_in("mai").get(f"/evidence/{kept[0]}").status_code == 404


def test_a_page_gets_the_addresses_and_words_of_a_photo(app, cast, kept):
    with app.test_request_context("/"), db.acting(cast.mai):
        one = routes.shown(routes.queries.get_attachment(kept[0]))

    assert (one.url, one.thumb_url) == (f"/evidence/{kept[0]}", f"/evidence/{kept[0]}/thumb")
    assert one.alt == "检查照片"
    assert "麦小禾" in one.caption


def staged_by(step, **fields):
    """What a prelude makes of a request with these files."""
    sent = {name: [(io.BytesIO(content), f"{name}.jpg") for content in all_] for name, all_ in fields.items()}
    with Flask("a server").test_request_context("/", method="POST", data=sent):
        return step()


def test_every_file_of_a_request_is_staged_by_its_field(files):
    batch = staged_by(
        stage_photos, before=[pictures.photo(1), pictures.photo(2)], after=[b"nothing", pictures.pdf()]
    )

    assert len(accepted(batch, "before")) == 2
    assert [str(one.words) for one in refused(batch, "after")] == [
        "这里只收照片（JPG、PNG、WebP、HEIC）。"
    ] * 2
    assert accepted(batch, "elsewhere") == refused(batch, "elsewhere") == []


def test_a_pdf_comes_in_where_papers_are_asked_for(files):
    assert len(accepted(staged_by(stage_papers, licence=[pictures.pdf()]), "licence")) == 1


def test_the_seventh_file_of_a_request_is_not_taken(files):
    batch = staged_by(stage_photos, photos=[pictures.photo(seed) for seed in range(8)])

    assert [type(one) for one in batch["photos"]] == [Staged] * 6 + [Refused] * 2
    assert "6 个" in str(batch["photos"][6].words)


def test_a_file_field_left_alone_is_no_file(files):
    with Flask("a server").test_request_context("/", method="POST", data={"photo": (io.BytesIO(b""), "")}):
        assert stage_photos() == {}
