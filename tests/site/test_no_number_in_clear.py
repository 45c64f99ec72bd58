"""Identity numbers come in by every door there is, and stand nowhere in clear: not in a dump, not in the storage."""

import io
import zipfile
import zlib
from datetime import timedelta

import pytest
import sqlalchemy as sa
from PIL import Image

from portal.core import clock, db
from portal.core.actor import SYSTEM
from portal.core.reach import Reach, Sight
from portal.core.settings import Settings
from portal.evidence import storage
from portal.exchange.models import ImportKind
from portal.markets import operations
from portal.markets.models import Vendor
from portal.markets.operations import identity
from tests.evidence import pictures
from tests.exchange import workbooks
from tests.exchange.bringing import bring_in, confirm
from tests.markets.conftest import rows
from tests.people import Cast
from tests.selfcheck import day
from tests.site import clear_text
from tests.visitors import Visitor

FARMER, UNLICENSED, STRAY = "360426199101010071", "11010519491231002X", "440106199003071231"
"""Two are kept sealed; the third is written where none belongs."""
NUMBERS = (FARMER, UNLICENSED, STRAY)
VENDOR = {"kind": "own_produce", "name": "陈样菜", "keeper_name": "陈样菜", "phone": "13800138000"}
WHEN = {"started_on": "2026-03-01", "uscc": ""}


def pdf_with(text: str) -> bytes:
    """A PDF that says something in a packed stream."""
    packed = zlib.compress(f"BT ({text}) Tj ET".encode())
    return pictures.pdf(b"/X<<>>stream\n" + packed + b"\nendstream ")


def photo_with(text: str) -> bytes:
    """A photo whose camera wrote something beside the picture."""
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = f"ID {text}"
    return pictures.saved(pictures.scene(), exif=exif.tobytes(), comment=text.encode())


@pytest.fixture
def manager(app, cast: Cast) -> Visitor:
    who = SYSTEM(Reach(Sight.CITY))
    with db.acting(who):
        operations.load_papers(rows("papers"), who)
        operations.load_trades(rows("trades"), who)
    return Visitor(app).sign_in("kuang")


def only_vendor(cast: Cast) -> int:
    with db.acting(cast.kuang) as session:
        return session.scalars(sa.select(Vendor.id).order_by(Vendor.id)).first() or 0


def test_whatever_door_a_number_comes_by_nothing_keeps_it_in_clear(
    app, cast: Cast, manager: Visitor, settings: Settings
) -> None:
    market = f"/markets/{cast.east.market_id}"
    manager.get(f"{market}/vendors/add")
    assert manager.post(f"{market}/vendors/add", VENDOR | WHEN | {"identity": FARMER}).status_code == 303
    vendor_id = only_vendor(cast)
    _write_it_everywhere(manager, market, vendor_id)
    _send_files(manager, vendor_id)
    _answer_a_check(app, cast)
    _bring_a_workbook(cast)
    shown = manager.post(f"/vendors/{vendor_id}/identity", {"reason": "签合同核对本人"})
    assert FARMER[:6] in shown.text and shown.headers["Cache-Control"] == "no-store"
    assert FARMER not in manager.get(f"/vendors/{vendor_id}").text
    _lose_the_session(manager, market)

    with db.acting(cast.kuang) as session:
        kept = {identity.number_of(vendor) for vendor in session.scalars(sa.select(Vendor))}
    assert kept >= {FARMER, UNLICENSED}
    assert clear_text.places_of(NUMBERS, settings.home) == []


def _write_it_everywhere(manager: Visitor, market: str, vendor_id: int) -> None:
    """In the fields of words, and where another number belongs: each form comes back."""
    stray = f"他的号是 {STRAY}"
    forms = {
        f"{market}/vendors/add": VENDOR | WHEN | {"identity": FARMER, "goods": stray},
        f"/vendors/{vendor_id}/edit": VENDOR | WHEN | {"name": stray},
        f"/vendors/{vendor_id}/workers/add": {"name": stray, "from_on": "2026-03-01"},
        f"/vendors/{vendor_id}/papers/record": {
            "kind": "business_licence",
            "number": STRAY,
            "is_long_term": "y",
        },
        f"/vendors/{vendor_id}/identity": {"reason": stray},
        f"{market}/stalls/add": {"code": STRAY, "zone": ""},
    }
    for path, form in forms.items():
        manager.get(path)
        answer = manager.post(path, form)
        assert answer.status_code == 422, path
    assert manager.post(f"{market}/vendors/add", VENDOR | WHEN | {"uscc": STRAY}).status_code == 422
    assert manager.get(f"{market}/vendors?q={STRAY}").status_code == 200


def _send_files(manager: Visitor, vendor_id: int) -> None:
    """A photo with the number in its metadata and its name is drawn anew; a PDF that says it is refused."""
    path = f"/vendors/{vendor_id}/papers/record"
    paper = {"kind": "business_licence", "issued_on": "2026-03-01", "is_long_term": "y"}
    sent = {"photo": (io.BytesIO(photo_with(STRAY)), f"{STRAY}.jpg")}
    assert manager.post(path, paper | sent).status_code == 303
    refused = manager.post(path, paper | {"photo": (io.BytesIO(pdf_with(STRAY)), "a.pdf")})
    assert refused.status_code == 422 and "身份证号" in refused.text


def _answer_a_check(app, cast: Cast) -> None:
    """A patroller writes it beside a problem."""
    with clock.at(day.WALKING):
        check, patroller = day.make_check(cast), Visitor(app).sign_in("mai")
        patroller.get(f"/checks/{check}")
        patroller.post(f"/checks/{check}/start")
        path, note = f"/checks/{check}/answers/C-01", {"outcome": "fail", "seen": 0}
        refused = patroller.script("PUT", path, json=note | {"note": f"是 {STRAY} 的档口"})
        assert "身份证号" in refused.get_json()["words"]
        assert patroller.script("PUT", path, json=note | {"note": "通道堆货"}).status_code < 400


def _bring_a_workbook(cast: Cast) -> None:
    """One row as it should be, one with the number in a column of words."""
    header = ("商户名称", "主体类型", "经营者", "电话", "身份证号", "执照号", "经营品种")
    right = ["何样摊", "执照待办", "何样摊", "13800138001", UNLICENSED, "", ""]
    wrong = ["吴样摊", "执照待办", "吴样摊", "13800138002", STRAY, "", f"号 {STRAY}"]
    bring_in(cast, workbooks.workbook([header, right, wrong]), ImportKind.VENDORS)
    confirm(bring_in(cast, workbooks.workbook([header, right]), ImportKind.VENDORS), cast)


def _lose_the_session(manager: Visitor, market: str) -> None:
    """What was typed when the session had run out is kept without it."""
    manager.get(f"{market}/vendors/add")
    form = VENDOR | WHEN | {"identity": STRAY, "goods": f"号 {STRAY}"}
    with clock.at(clock.now() + timedelta(minutes=40)):
        answer = manager.post(f"{market}/vendors/add", form, headers={"Origin": "http://localhost"})
    assert answer.status_code == 303 and "/kept/" in answer.location


def test_the_search_itself_finds_what_was_planted(cast: Cast, settings: Settings) -> None:
    store, book = storage.use(settings), io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", f"<t>{STRAY}</t>")
    planted = [
        store.put(book.getvalue()), store.put(pdf_with(STRAY)), store.put(photo_with(STRAY)),
        store.put(STRAY.encode("utf-16-le")),
    ]  # fmt: skip
    with db.acting(cast.kuang):
        cast.market().opener_name = f"样 {STRAY}"
    places = clear_text.places_of(NUMBERS, settings.home)
    assert [name for name in planted if not any(place.startswith(name) for place in places)] == []
    assert any(place.startswith("table market") for place in places)
    assert {place.rpartition(": ")[2] for place in places} == {STRAY}
