"""Signs: made for what lacks one, printed so that a camera reads them, taken back, replaced."""

import pypdfium2
import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask

from portal.core import db
from portal.core.errors import Mistake, NotAllowed, TooLate
from portal.markets import operations as markets
from portal.markets.forms.signs import ids_of, spans
from portal.markets.models import Sign, SignKind, Stall
from portal.markets.operations import signs as operations
from portal.markets.papers import MOST_LABELS, Layout
from portal.markets.queries import signs as queries
from portal.markets.workflow import SignState
from tests.conftest import Count
from tests.people import Cast
from tests.visitors import Visitor


@pytest.fixture
def made(cast: Cast) -> Cast:
    """East's market, zones and stalls have signs."""
    with db.acting(cast.kuang):
        operations.make_signs(cast.market(), cast.kuang)
    return cast


def the_sign(cast: Cast, kind: SignKind = SignKind.STALL, subject_id: int | None = None) -> Sign:
    wanted = subject_id or cast.east.stall_ids[0]
    query = sa.select(Sign).where(Sign.kind == kind, Sign.subject_id == wanted, Sign.state == SignState.LIVE)
    return db.session.scalars(query).one()


def codes_on(pdf: bytes, *, dots: int = 150) -> list[list[str]]:
    """What a camera reads on each page of a paper, printed with so many dots an inch."""
    with pypdfium2.PdfDocument(pdf) as paper:
        pages = [page.render(scale=dots / 72).to_pil().convert("L") for page in paper]
    square = zxingcpp.BarcodeFormat.QRCode  # else a stray pattern of the print may read as some bar code
    return [[found.text for found in zxingcpp.read_barcodes(page, formats=square)] for page in pages]


def close_stall(cast: Cast) -> None:
    with db.acting(cast.kuang) as session:
        markets.close_stall(session.get_one(Stall, cast.east.stall_ids[0]), "", cast.kuang)


def test_everything_that_hangs_gets_one_sign_and_asking_again_makes_none(cast: Cast) -> None:
    close_stall(cast)
    with db.acting(cast.kuang):
        assert operations.make_signs(cast.market(), cast.kuang) == 1 + 3 + 5
    with db.acting(cast.kuang):
        assert operations.make_signs(cast.market(), cast.kuang) == 0
        counts = queries.count_signs(cast.market())
        assert (counts.live[SignKind.STALL], sum(counts.lacking.values())) == (5, 0)
        refs = [sign.ref for sign in queries.to_print(cast.market())]
        assert len(set(refs)) == 9
    for who in (cast.mai, cast.fu, cast.west_kuang):
        with db.acting(who), pytest.raises((NotAllowed, sa.exc.NoResultFound)):
            operations.make_signs(cast.market(), who)


def test_five_hundred_signs_take_a_handful_of_statements(cast: Cast, statements: Count) -> None:
    with db.acting(cast.kuang):
        markets.add_stalls(cast.market(), "D-001", "D-500", None, cast.kuang)
    statements.statements.clear()
    with db.acting(cast.kuang):
        market = cast.market()
        assert operations.make_signs(market, cast.kuang) == 510
        assert len(statements) <= 12, "\n".join(statements.statements)
        statements.statements.clear()
        signs = queries.to_print(market)
        operations.print_signs(market, queries.placards(market, signs), cast.kuang)
        assert (len(signs), len(statements) <= 8) == (500, True), "\n".join(statements.statements)


@pytest.mark.parametrize("layout", Layout)
def test_every_code_on_a_paper_opens_what_stands_beside_it(app: Flask, made: Cast, layout: Layout) -> None:
    visitor = Visitor(app).sign_in("kuang")
    page = f"/markets/{made.east.market_id}/signs"
    visitor.get(f"{page}/print")
    printed = visitor.post(f"{page}/print", {"which": "all", "layout": layout.value})
    assert printed.status_code == 303
    sheet = visitor.get(printed.location).text.partition("/signs/sheet?")[2].partition('"')[0]
    answer = visitor.get(f"{page}/sheet?{sheet.replace('&amp;', '&')}")
    assert answer.mimetype == "application/pdf"
    pages = codes_on(answer.data)
    assert sum(map(len, pages)) == 10 and len(pages) == -(-10 // layout.a_page)
    base = app.config["PORTAL_SETTINGS"].base_url
    with db.acting(made.kuang):
        numbers = {operations.code_of(one.sign): one.number for one in queries.placards(
            made.market(), queries.to_print(made.market()))}  # fmt: skip
    for text in (text for page in pages for text in page):
        assert text.startswith(f"{base}/s/")
        seen = Visitor(app).get(text.removeprefix(base))
        assert seen.status_code == 200
        assert numbers.pop(text.rpartition("/")[2]) in seen.text
    assert numbers == {}


def test_printing_is_counted_and_looking_at_the_paper_is_not(app: Flask, made: Cast) -> None:
    visitor = Visitor(app).sign_in("kuang")
    with db.acting(made.kuang):
        sign_id = the_sign(made).id
    path = f"/markets/{made.east.market_id}/signs"
    visitor.get(f"{path}/print?sign={sign_id}")
    for _ in range(2):
        assert visitor.post(f"{path}/print", {"sign": str(sign_id), "layout": "sticker"}).status_code == 303
    assert visitor.get(f"{path}/sheet?sign={sign_id}&layout=sticker").status_code == 200
    assert "2 次" in visitor.get(f"{path}/{sign_id}").text
    with db.acting(made.kuang):
        assert (the_sign(made).prints, the_sign(made).printed_at is not None) == (2, True)


def test_what_was_done_away_with_gets_no_label_and_nothing_changes(app: Flask, made: Cast) -> None:
    with db.acting(made.kuang):
        sign_id = the_sign(made).id
    close_stall(made)
    visitor = Visitor(app).sign_in("kuang")
    path = f"/markets/{made.east.market_id}/signs"
    assert "已撤销，不印" in visitor.get(f"{path}/print?sign={sign_id}").text
    answer = visitor.post(f"{path}/print", {"sign": str(sign_id), "layout": "grid"})
    assert answer.status_code == 409 and "不再印标识码" in answer.text
    assert visitor.get(f"{path}/sheet?sign={sign_id}").status_code == 404
    with db.acting(made.kuang), pytest.raises(TooLate):
        operations.replace_sign(made.market(), the_sign(made), "被撕掉了", made.kuang)
    with db.acting(made.kuang):
        assert the_sign(made).prints == 0


def test_a_sign_taken_back_opens_nothing_and_a_new_one_does(app: Flask, made: Cast) -> None:
    with db.acting(made.kuang):
        old = the_sign(made)
        old_id, code = old.id, operations.code_of(old)
    visitor = Visitor(app).sign_in("kuang")
    path = f"/markets/{made.east.market_id}/signs/{old_id}/revoke"
    visitor.get(path)
    assert visitor.post(path, {"reason": "", "is_replaced": "y"}).status_code == 422
    assert Visitor(app).get(f"/s/{code}").status_code == 200
    answer = visitor.post(path, {"reason": "被别的码盖住了", "is_replaced": "y"})
    assert "被别的码盖住了" not in visitor.get(answer.location).text
    with db.acting(made.kuang):
        new = operations.code_of(the_sign(made))
    assert Visitor(app).get(f"/s/{new}").status_code == 200
    gone = Visitor(app).get(f"/s/{code}")
    assert gone.status_code == 410 and "不再有效" in gone.text
    for secret in ("A-001", "东样", "被别的码盖住了"):
        assert secret not in gone.text
    with db.acting(made.kuang), pytest.raises(TooLate):
        operations.revoke_sign(db.session.get_one(Sign, old_id), "再作废一次", made.kuang)
    with db.acting(made.kuang), pytest.raises(Mistake):
        operations.revoke_sign(the_sign(made), " ", made.kuang)


def test_numbers_in_an_address_are_read_back_and_bounded() -> None:
    assert spans([5, 3, 4, 9, 12, 11]) == "3-5,9,11-12"
    assert ids_of(["3-5,9,11-12"]) == [3, 4, 5, 9, 11, 12]
    assert ids_of(["x", "7-", "-3", "9-1", "", "²"]) == [7]
    assert len(ids_of(["1-999999999999"])) == 500 and MOST_LABELS < 500
