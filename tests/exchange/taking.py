"""A market with one of everything in its books, and lists of it as they lie in the storage."""

import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

from python_calamine import CalamineWorkbook

from portal.core import clock, db, errands
from portal.core.actor import Actor
from portal.evidence import storage
from portal.exchange.models import Export, ExportFormat
from portal.exchange.operations import exports
from portal.exchange.queries import listings
from portal.markets import operations as markets
from portal.markets.models import EquipmentKind, PaperKind
from portal.markets.operations import PointFacts, StallFacts, equipment, points, signs, workers
from portal.markets.operations.equipment import EquipmentFacts
from portal.markets.operations.workers import WorkerFacts
from tests.markets.conftest import paper_facts, stall_of, vendor_facts
from tests.people import Cast
from tests.selfcheck import day, walked

FORMULA = '=HYPERLINK("http://样.invalid","点我")'
FULL_WIDTH = "＝1+1 号档"
USCC = "92441900MA4X00001G"
PHONE = "13800138000"


def fill(cast: Cast) -> None:
    """One of everything in East's books; the names are what a spreadsheet should not believe."""
    with db.acting(cast.kuang) as session:
        market, who = cast.market(), cast.kuang
        vendor = markets.register_vendor(
            market,
            vendor_facts(name=FORMULA, keeper_name=FULL_WIDTH, goods="-青菜", trade_codes=["farm_products"]),
            who,
        )
        session.flush()
        markets.move_in(stall_of(cast), vendor, clock.today() - timedelta(days=30), who)
        for code, number in (("business_licence", ""), ("food_permit", "JY14419000000001")):
            kind = session.get_one(PaperKind, code)
            markets.record_paper(vendor, kind, paper_facts(number=number), who)
        workers.add_worker(vendor, WorkerFacts("陈样妹", "帮工", True), who)
        points.add_point(market, PointFacts("P-01", "配电房"), who)
        equipment.add_equipment(
            market, EquipmentFacts(EquipmentKind.EXTINGUISHER_POWDER, "000123", made_on=clock.today()), who
        )
        signs.make_signs(market, who)
        stall = stall_of(cast, 1)
        markets.edit_stall(market, stall, StallFacts("007", None, Decimal("12.5")), stall.version, who)
    _walk(cast)


def _walk(cast: Cast) -> None:
    """A check with a problem handed in, and the records of its day."""
    check = day.make_check(cast, seed=day.QUIET)
    with clock.at(day.WALKING):
        day.walk_through(cast, check, failed=("WM-24",))
        with db.acting(cast.mai):
            day.operations.submit(day.the(cast.mai, check), cast.mai)
    walked.form(cast.mai, cast.east.market_id, day.FRIDAY, walked.moment(day.FRIDAY, 21))


def ask(who: Actor, listing: str, format_: str = "xlsx", **filters: str) -> int:
    """Ask for a list; its export's number."""
    with db.acting(who):
        return exports.ask(listings.get_listing(listing), filters, ExportFormat(format_), who).id


def take(who: Actor, listing: str, format_: str = "xlsx", **filters: str) -> Export:
    """A list as it stands once the worker has been there."""
    export_id = ask(who, listing, format_, **filters)
    errands.drain()
    return kept(export_id)


def kept(export_id: int) -> Export:
    """An export as it stands."""
    with db.reading() as session:
        return session.get_one(Export, export_id)


def content_of(export: Export) -> bytes:
    """The bytes of its file."""
    return storage.store().read(export.sha256)


def sheets_of(export: Export) -> tuple[list[list[Any]], list[list[Any]]]:
    """The two sheets of its workbook."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content_of(export)))
    data, about = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    return data, about


def text_of(export: Export) -> str:
    """Its CSV, without the mark at the beginning."""
    return content_of(export).decode("utf-8-sig")
