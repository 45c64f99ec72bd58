"""What stands behind the parameters of the routes: for each a factory of one on a side, in its state."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db
from portal.core.actor import SYSTEM
from portal.core.errands import Errand, State
from portal.evidence.models import Attachment
from portal.evidence.staging import Staged, stage
from portal.markets import operations as markets
from portal.markets import queries as market_queries
from portal.markets.models import (
    CorrectedField,
    Equipment,
    EquipmentKind,
    Sign,
    SignKind,
    Stall,
    Vendor,
    VendorKind,
)
from portal.markets.operations import EquipmentFacts, PointFacts, corrections, signs, workers
from portal.markets.operations.workers import WorkerFacts
from portal.selfcheck.models import PlanLine, RecordKind, Slot, Submission
from portal.selfcheck.operations import checks, plans
from portal.territory.models import Area, Organisation
from tests.evidence import pictures
from tests.markets.conftest import (
    OWN_ID,
    kind_of,
    market_facts,
    paper_facts,
    vendor_actor,
    vendor_facts,
    vendor_of,
)
from tests.people import Cast
from tests.selfcheck import day, rules, walked
from tests.site.access_imports import judged_import, right_import

THURSDAY = day.FRIDAY - timedelta(days=1)
NEXT_MONTH = date(2026, 11, 2)
CODES = {"kept": "92441900MA4X00001G", "free": "92441900MA00000020", "gone": "92441900MA9Y00017M"}
FIRST_ITEM = "C-01"

Factory = Callable[[Cast], Any]

PARAMETERS = {
    "market_id": "market",
    "zone_id": "zone",
    "stall_id": "vacant stall",
    "vendor_id": "vendor",
    "paper_id": "paper",
    "sign_id": "sign",
    "worker_id": "worker",
    "correction_id": "correction",
    "post_id": "post",
    "point_id": "point",
    "equipment_id": "equipment",
    "attachment_id": "photo",
    "photo_id": "photo",
    "occurrence_id": "open check",
    "record_id": "record",
    "line_id": "line",
    "row_id": "not applicable",
    "item_id": "item",
    "closed_id": "closed days",
    "closure_id": "closure",
    "checklist_id": "checklist",
    "organisation_id": "company",
    "membership_id": "part",
    "sign_in_id": "other session",
    "notice_id": "notice",
    "token": "link",
    "code": "item code",
    "errand_id": "parked errand",
    "export_id": "export",
    "listing": "listing",
    "import_id": "import",
    "kind": "import kind",
}
"""What a parameter of a path stands for, where the route does not say otherwise below."""

IN_STATE = {
    ("markets.close", "market_id"): "bare market",
    ("markets.move_out", "stall_id"): "kept stall",
    ("markets.move_vendor_in", "vendor_id"): "free vendor",
    ("markets.end_vendor", "vendor_id"): "free vendor",
    ("markets.resume_vendor", "vendor_id"): "gone vendor",
    ("markets.resume_equipment", "equipment_id"): "equipment out of use",
    ("markets.open_account", "vendor_id"): "free vendor",
    ("markets.reveal_identity", "vendor_id"): "farmer",
    ("selfcheck.start", "occurrence_id"): "due check",
    ("selfcheck.submit", "occurrence_id"): "walked check",
    ("selfcheck.confirm_check", "occurrence_id"): "walked check",
    ("selfcheck.receipt", "occurrence_id"): "clean check",
    ("selfcheck.check_pdf", "occurrence_id"): "clean check",
    ("selfcheck.show_review", "occurrence_id"): "clean check",
    ("selfcheck.accept", "occurrence_id"): "clean check",
    ("selfcheck.send_back", "occurrence_id"): "clean check",
    ("selfcheck.backfill", "occurrence_id"): "missed check",
    ("selfcheck.excuse_check", "occurrence_id"): "check ahead",
    ("selfcheck.sign_record", "record_id"): "record to sign",
    ("selfcheck.take_usual_plan", "market_id"): "bare market",
    ("selfcheck.end_own_item", "item_id"): "own item",
    ("selfcheck.publish_checklist", "checklist_id"): "draft to publish",
    ("selfcheck.add_item", "checklist_id"): "draft",
    ("selfcheck.change_item", "checklist_id"): "draft",
    ("selfcheck.drop_item", "checklist_id"): "draft",
    ("selfcheck.withdraw_checklist", "checklist_id"): "draft",
    ("selfcheck.draft_checklist", "code"): "list without a draft",
    ("frontdoor.verify", "code"): "digest",
    ("frontdoor.scan", "code"): "sign code",
    ("exchange.apply_import", "import_id"): "right import",
    ("accounts.enable", "membership_id"): "part shut out",
    ("accounts.kept_form", "token"): "kept form",
}
"""Where a route takes its thing in another state."""

ASKED = {
    "accounts.list_people": {"organisation": "workplace"},
    "accounts.add_person": {"organisation": "workplace"},
    "territory.register": {"town": "town"},
    "markets.register": {"town": "town"},
    "markets.show_printed": {"sign": "sign"},
    "markets.sign_sheet": {"sign": "sign"},
    "frontdoor.by_number": {"number": "sign number"},
    "markets.arrive": {"town": "town"},
    "markets.register_arrival": {"town": "town"},
}
"""Things a route takes in its query."""


def _market(cast: Cast) -> int:
    return cast.east.market_id


def _bare_market(cast: Cast) -> int:
    """Another market of the company, without a plan."""
    with db.acting(cast.zhen) as session:
        community = session.get_one(Area, cast.east.community_code)
        company = session.get_one(Organisation, cast.east.company_id)
        facts = market_facts(name="新开的市场")
        return markets.register_market(company, community, facts, cast.zhen).id


def _vendor(cast: Cast, key: str, name: str) -> int:
    with db.acting(cast.kuang):
        facts = vendor_facts(uscc=CODES[key], name=name, trade_codes=["food_catering"])
        return markets.register_vendor(cast.market(), facts, cast.kuang).id


def _kept_vendor(cast: Cast) -> int:
    vendor_id = _vendor(cast, "kept", "样记烧腊")
    with db.acting(cast.kuang) as session:
        stall = session.get_one(Stall, cast.east.stall_ids[0])
        markets.move_in(stall, vendor_of(vendor_id), clock.today() - timedelta(days=30), cast.kuang)
    return vendor_id


def _gone_vendor(cast: Cast) -> int:
    vendor_id = _vendor(cast, "gone", "走了的商户")
    with db.acting(cast.kuang):
        markets.end_vendor(vendor_of(vendor_id), clock.today(), cast.kuang)
    return vendor_id


def _paper(cast: Cast) -> int:
    """A permit of the vendor who keeps a stall, not compared with the original yet."""
    with db.acting(cast.kuang) as session:
        stall = session.get_one(Stall, cast.east.stall_ids[0])
        occupancy = market_queries.occupant_of(stall)
        assert occupancy is not None
        facts = paper_facts(number="JY24419001234567", is_original_seen=False)
        return markets.record_paper(
            vendor_of(occupancy.vendor_id), kind_of("food_permit"), facts, cast.kuang
        ).id


def _farmer(cast: Cast) -> int:
    """Somebody without a credit code, known by an identity number."""
    with db.acting(cast.kuang):
        facts = vendor_facts(kind=VendorKind.OWN_PRODUCE, uscc="", identity=OWN_ID, name="自家菜")
        return markets.register_vendor(cast.market(), facts, cast.kuang).id


def _kept(cast: Cast) -> Vendor:
    """The vendor who keeps a stall."""
    stall = db.session.get_one(Stall, cast.east.stall_ids[0])
    occupancy = market_queries.occupant_of(stall)
    assert occupancy is not None
    return occupancy.vendor


def _worker(cast: Cast) -> int:
    with db.acting(cast.kuang):
        facts = WorkerFacts("陈样切", "切配", handles_ready_food=True, from_on=clock.today())
        return workers.add_worker(_kept(cast), facts, cast.kuang).id


def _correction(cast: Cast) -> int:
    """The vendor who keeps a stall has another telephone."""
    with db.acting(cast.kuang):
        vendor_id = _kept(cast).id
    who = vendor_actor(cast, vendor_id)
    with db.acting(who):
        return corrections.ask_correction(
            vendor_of(vendor_id), CorrectedField.PHONE, "13900139002", "换了手机号", who
        ).id


def _post(cast: Cast) -> int:
    with db.acting(cast.kuang):
        return market_queries.posts_of(cast.market())[0].id


def _point(cast: Cast) -> int:
    with db.acting(cast.kuang) as session:
        point = markets.add_point(cast.market(), PointFacts("P-01", "配电房"), cast.kuang)
        session.flush()
        return point.id


def _equipment(cast: Cast, code: str) -> int:
    """An extinguisher of the market, due in some years."""
    with db.acting(cast.kuang) as session:
        facts = EquipmentFacts(EquipmentKind.EXTINGUISHER_POWDER, code, made_on=date(2025, 3, 1))
        equipment = markets.add_equipment(cast.market(), facts, cast.kuang)
        session.flush()
        return equipment.id


def _old_equipment(cast: Cast) -> int:
    number = _equipment(cast, "M-002")
    with db.acting(cast.kuang) as session:
        markets.end_equipment(session.get_one(Equipment, number), clock.today(), "报废", cast.kuang)
    return number


def _open_check(cast: Cast) -> int:
    """Begun, nothing answered yet, one photo in it."""
    occurrence_id, staged = day.make_check(cast), photo()
    with db.acting(cast.mai):
        occurrence = day.the(cast.mai, occurrence_id)
        checks.start(occurrence, cast.mai)
        checks.add_photo(occurrence, FIRST_ITEM, staged, cast.mai)
    return occurrence_id


def photo() -> Staged:
    """A photo as it lies ready for an operation."""
    staged = stage(pictures.sent(pictures.photo()))
    assert isinstance(staged, Staged)
    return staged


def sent_photo() -> tuple[io.BytesIO, str]:
    """A photo as a browser sends it."""
    return io.BytesIO(pictures.photo(seed=2)), "photo.jpg"


def _walked_check(cast: Cast) -> int:
    occurrence_id = day.make_check(cast, items=day.TICKS, seed=day.QUIET)
    day.walk_through(cast, occurrence_id)
    return occurrence_id


def _photo(cast: Cast) -> int:
    with db.acting(cast.mai) as session:
        return session.scalars(sa.select(Attachment.id)).one()


def _digest(cast: Cast) -> str:
    with db.acting(cast.mai) as session:
        return session.scalars(sa.select(Submission.digest)).first() or ""


def _records(cast: Cast) -> dict[RecordKind, int]:
    """The records of yesterday, formed and not signed."""
    check = walked.make(cast, day=THURSDAY)
    walked.walk(cast, cast.mai, check, walked.moment(THURSDAY, 5))
    walked.form(cast.mai, cast.east.market_id, THURSDAY, walked.moment(THURSDAY, 21))
    with db.acting(cast.mai):
        return {
            kind: walked.the_record(cast.mai, cast.east.market_id, kind, THURSDAY).id
            for kind in (RecordKind.DAILY, RecordKind.PATROL)
        }


def _line(cast: Cast) -> int:
    """The opening check, which others of its kind cover as well."""
    with db.acting(cast.kuang) as session:
        query = sa.select(PlanLine.id).where(PlanLine.slot == Slot.OPENING).order_by(PlanLine.id)
        return session.scalars(query.limit(1)).one()


def _not_applicable(cast: Cast) -> int:
    with db.acting(cast.kuang):
        return plans.set_not_applicable(cast.market(), "WM-10", "本市场不卖活禽", cast.kuang).id


def _own_item(cast: Cast) -> int:
    with db.acting(cast.kuang):
        return plans.add_house_item(cast.market(), rules.HOUSE_ITEM, cast.kuang).id


def _closed_days(cast: Cast) -> int:
    with db.acting(cast.kuang):
        last = NEXT_MONTH + timedelta(days=1)
        return plans.close_market_days(cast.market(), NEXT_MONTH, last, "设备检修两天", cast.kuang).id


def _closure(cast: Cast) -> int:
    with db.acting(cast.zhen):
        return plans.close_town(rules.town(cast), NEXT_MONTH, NEXT_MONTH, "台风要来全镇休市", cast.zhen).id


def _sign(cast: Cast) -> Sign:
    """The sign of the stall that is kept."""
    with db.acting(cast.kuang) as session:
        signs.make_signs(cast.market(), cast.kuang)
        of_stall = Sign.kind == SignKind.STALL, Sign.subject_id == cast.east.stall_ids[0]
        return session.scalars(sa.select(Sign).where(*of_stall)).one()


def _company(cast: Cast) -> int:
    return cast.east.company_id


def _parked_errand(cast: Cast) -> int:
    """An errand that was tried too often."""
    errand = Errand(
        name="core.seal",
        key=f"of {cast.east.company_id}",
        sight="",
        reach_key="",
        data={},
        due_at=clock.now(),
    )
    errand.status, errand.attempts, errand.error = State.PARKED, 7, "OSError: no room"
    with db.acting(SYSTEM(None)) as session:
        session.add(errand)
        session.flush()
        return errand.id


FACTORIES: dict[str, Factory] = {
    "parked errand": _parked_errand,
    "market": _market,
    "bare market": _bare_market,
    "company": _company,
    "town": lambda cast: cast.east.town_code,
    "zone": lambda cast: cast.east.zone_ids[1],
    "kept stall": lambda cast: cast.east.stall_ids[0],
    "vacant stall": lambda cast: cast.east.stall_ids[1],
    "vendor": _kept_vendor,
    "free vendor": lambda cast: _vendor(cast, "free", "没有档口的商户"),
    "gone vendor": _gone_vendor,
    "paper": _paper,
    "farmer": _farmer,
    "worker": _worker,
    "correction": _correction,
    "post": _post,
    "sign": lambda cast: _sign(cast).id,
    "sign code": lambda cast: signs.code_of(_sign(cast)),
    "sign number": lambda cast: _sign(cast).ref,
    "point": _point,
    "equipment": lambda cast: _equipment(cast, "M-001"),
    "equipment out of use": _old_equipment,
    "due check": day.make_check,
    "open check": _open_check,
    "photo": _photo,
    "walked check": _walked_check,
    "sampled check": day.submitted,
    "clean check": day.submitted,
    "digest": _digest,
    "missed check": lambda cast: day.make_check(cast, opens_at=day.OPENS - timedelta(days=1)),
    "check ahead": lambda cast: day.make_check(cast, opens_at=day.OPENS + timedelta(days=1)),
    "records": _records,
    "line": _line,
    "not applicable": _not_applicable,
    "own item": _own_item,
    "closed days": _closed_days,
    "closure": _closure,
    "item code": lambda cast: FIRST_ITEM,
    "listing": lambda cast: "organisations",
    "import": judged_import,
    "right import": right_import,
    "import kind": lambda cast: "stalls",
}
"""In the order they are made; what a later one stands on comes first."""
