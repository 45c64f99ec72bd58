"""What is sent to each route that writes: a form a real person would send, so that being let in shows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp

from portal.accounts.models import Person
from portal.accounts.operations import second_factor
from portal.core import clock, db
from portal.core.actor import Actor, Role
from portal.core.reach import beyond_reach
from portal.markets.models import CheckPoint, Equipment, Market, Paper, Stall, Vendor, Worker, Zone
from portal.selfcheck.models import PlanLine
from tests.people import PASSWORD, TOTP_SECRET, Cast
from tests.selfcheck import day
from tests.site.access_imports import sent_workbook
from tests.site.access_people import EAST_COMMUNITY_TWO, WEST_COMMUNITY_TWO
from tests.site.access_things import FIRST_ITEM, NEXT_MONTH, sent_photo
from tests.site.access_world import OTHER_AREA, OWN, PLACES, World

NEW_PASSWORD = "一句只有我想得到的很长的话"
TODAY = day.FRIDAY.isoformat()
SOON = (day.FRIDAY + timedelta(days=20)).isoformat()
MARKET = {
    "name": "改了名的市场",
    "kind": "wet",
    "opener_name": "样板股份经济合作社",
    "address": "样板路 8 号",
    "opens_at": "05:30",
    "closes_at": "19:00",
}
ITEM = {
    "title": "看一看新加的一处",
    "slots": ["opening"],
    "kind": "tick",
    "category": "FIR",
    "grade": "minor",
    "rotation": "none",
    "basis": "样板规定",
    "function_code": "",
}
VENDOR = {"kind": "individual", "name": "新样肉档", "keeper_name": "梁样肉", "phone": "13800138000",
          "started_on": TODAY}  # fmt: skip


@dataclass(frozen=True)
class Ask:
    """Who asks, on which side, in which world."""

    world: World
    endpoint: str
    role: str
    side: str

    def find(self, name: str) -> Any:
        """A thing of the side, as the route and the role take it."""
        return self.world.find(name, self.side, self.role)

    @property
    def cast(self) -> Cast:
        return self.world.people[PLACES[self.side]]

    @property
    def who(self) -> Actor:
        """Whoever asks; the public holds what a manager's browser would send."""
        return self.world.roles.get(self.role, self.cast.kuang)

    def row(self, model: type[Any], name: str) -> Any:
        """The row behind a thing."""
        with beyond_reach("a test fills in a form"), db.opened(None, writes=False) as session:
            return session.get_one(model, self.find(name))

    def version(self, model: type[Any], name: str) -> str:
        return str(self.row(model, name).version)


Body = Callable[[Ask], dict[str, Any]]


def _nothing(ask: Ask) -> dict[str, Any]:
    """A button: the deed says it all."""
    return {}


def _always(**fields: Any) -> Body:
    return lambda ask: dict(fields)


def _pending_code(ask: Ask) -> dict[str, Any]:
    """The first code of the telephone one is binding."""
    with db.reading() as session:
        secret = second_factor.pending_secret(session.get_one(Person, ask.who.person_id))
    return _code(secret or "")


def _code(secret: str) -> dict[str, Any]:
    return {"code": pyotp.TOTP(secret).at(clock.now())}


def _new_person(ask: Ask) -> dict[str, Any]:
    """Everybody lets in what is his to give."""
    given = {
        Role.MARKET_MANAGER.value: Role.PATROLLER,
        Role.DEPARTMENT_OFFICER.value: Role.DEPARTMENT_OFFICER,
    }
    role = given.get(ask.role, Role.MARKET_MANAGER)
    return {"name": "新来的人", "phone": "13900139000", "role": role.value}


def _own_part(ask: Ask) -> dict[str, Any]:
    return {"membership": str(ask.who.membership_id)}


def _new_market(ask: Ask) -> dict[str, Any]:
    return MARKET | {"community": EAST_COMMUNITY_TWO, "company": "东样公司"}


def _arriving(ask: Ask) -> dict[str, Any]:
    """A company, its market and its first manager, none of whom is here yet."""
    own = {"company_uscc": "91441900MA9Y00018U", "company_name": "初样市场管理有限公司", "seat": ""}
    manager = {"manager_name": "初样安", "manager_phone": "13900139002"}
    return MARKET | own | manager | {"community": EAST_COMMUNITY_TWO, "name": "初样肉菜市场"}


def _other_community(ask: Ask) -> dict[str, Any]:
    where = WEST_COMMUNITY_TWO if ask.side == OTHER_AREA else EAST_COMMUNITY_TWO
    return {"community": where, "reason": "两个社区划了新界"}


def _operator(ask: Ask) -> dict[str, Any]:
    """Another company of the town takes over."""
    return {"company": "南样公司" if ask.side == OWN else "东样公司", "reason": "合同到期，另找公司"}


def _market(ask: Ask) -> dict[str, Any]:
    return MARKET | {"version": ask.version(Market, "market")}


def _stall(ask: Ask) -> dict[str, Any]:
    return {"code": "A-009", "zone": "", "version": ask.version(Stall, "vacant stall")}


def _zone(ask: Ask) -> dict[str, Any]:
    return {"code": "B", "name": "水产冰鲜区", "kind": "", "version": ask.version(Zone, "zone")}


def _point(ask: Ask) -> dict[str, Any]:
    return {"code": "P-77", "name": "配电间", "zone": "", "version": ask.version(CheckPoint, "point")}


def _equipment(ask: Ask) -> dict[str, Any]:
    return {
        "kind": "extinguisher_powder",
        "code": "M-001",
        "place": "西门楼梯口",
        "point": "",
        "version": ask.version(Equipment, "equipment"),
    }


def _vendor(ask: Ask) -> dict[str, Any]:
    vendor = ask.row(Vendor, "vendor")
    return VENDOR | {"uscc": vendor.uscc, "name": "改了名的烧腊", "version": str(vendor.version)}


def _paper(ask: Ask) -> dict[str, Any]:
    """The number put right, the days as they were."""
    paper = ask.row(Paper, "paper")
    return {
        "number": "JY24419001234575",
        "issued_on": paper.issued_on.isoformat(),
        "expires_on": paper.expires_on.isoformat(),
        "reason": "抄错了一位",
        "version": str(paper.version),
    }


def _renewal(ask: Ask) -> dict[str, Any]:
    return {"number": "JY24419001234567", "issued_on": TODAY, "expires_on": "2030-12-31"}


def _line(ask: Ask) -> dict[str, Any]:
    line = ask.row(PlanLine, "line")
    return {"slot": line.slot.value, "starts_at": "05:00", "ends_at": "06:00", "rounds": "1"}


def _answers(ask: Ask) -> dict[str, Any]:
    return {f"{FIRST_ITEM}-outcome": "pass", f"{FIRST_ITEM}-seen": "0"}


def _clean_check(ask: Ask) -> dict[str, Any]:
    return {"check": str(ask.find("clean check"))}


def _list_item(ask: Ask) -> dict[str, Any]:
    return ITEM | {"title_en": "Look at one more place", "evidence_fail": ["photo"]}


FORMS: dict[str, Body] = {
    "insight.try_errand_again": _nothing,
    "site.prefer": _always(large="1"),
    "accounts.sign_in": _always(username="west_mai", password=PASSWORD),
    "accounts.second_factor_step": lambda ask: _code(TOTP_SECRET),
    "accounts.enrol": lambda ask: _code(ask.find("newcomer")),
    "accounts.open_link": _always(new_password=NEW_PASSWORD, again=NEW_PASSWORD),
    "accounts.sign_out": _nothing,
    "accounts.switch": _own_part,
    "accounts.end_sign_in": _nothing,
    "accounts.end_others": _nothing,
    "accounts.change_password": _always(password=PASSWORD, new_password=NEW_PASSWORD, again=NEW_PASSWORD),
    "accounts.set_pin": _always(password=PASSWORD, new_pin="7391"),
    "accounts.confirm": _always(password=PASSWORD),
    "accounts.begin_enrolment": _nothing,
    "accounts.change_second_factor": _pending_code,
    "accounts.add_person": _new_person,
    "accounts.issue_link": _nothing,
    "accounts.end_membership": _nothing,
    "accounts.leave": _always(successor=""),
    "accounts.disable": _nothing,
    "accounts.enable": _nothing,
    "accounts.reset_factor": _nothing,
    "markets.register": _new_market,
    "markets.arrive": _arriving,
    "markets.register_arrival": _arriving,
    "markets.invite": _always(name="新来的人", phone="13900139001", role="patroller", posts=["patroller"]),
    "markets.restamp": _other_community,
    "markets.operator": _operator,
    "markets.change_operator": _operator,
    "markets.close": _always(note="整体拆迁"),
    "markets.edit": _market,
    "markets.add_zone": _always(code="Z9", name="熟食区", kind=""),
    "markets.edit_zone": _zone,
    "markets.move_zone": _always(way="up"),
    "markets.add_stall": _always(code="D-001", zone=""),
    "markets.add_stalls": _always(first="E-001", last="E-003", zone=""),
    "markets.edit_stall": _stall,
    "markets.change_stall": _always(verb="close_stall", note=""),
    "markets.move_in": lambda ask: {"vendor": str(ask.find("free vendor")), "from_on": TODAY},
    "markets.move_out": _always(to_on=TODAY),
    "markets.register_vendor": _always(**VENDOR, uscc="91441900MA9Y00018U"),
    "markets.edit_vendor": _vendor,
    "markets.move_vendor_in": _always(stall="A-002", from_on=TODAY),
    "markets.end_vendor": _always(ended_on=TODAY),
    "markets.resume_vendor": _nothing,
    "markets.open_account": _always(name="样老板", phone="13900139001"),
    "markets.reveal_identity": _always(reason="签合同核对本人"),
    "markets.add_worker": _always(name="陈样收", job="收银", from_on=TODAY),
    "markets.edit_worker": lambda ask: {
        "name": "陈样切",
        "job": "收银",
        "from_on": TODAY,
        "version": ask.version(Worker, "worker"),
    },
    "markets.end_worker": _always(to_on=TODAY),
    "markets.ask_correction": _always(field="phone", wished="13900139003", reason="换了手机号"),
    "markets.accept_correction": lambda ask: {"answer": "改好了", "version": ask.version(Vendor, "vendor")},
    "markets.decline_correction": _always(refusal="和执照上的不一样"),
    "markets.record_market_paper": _always(
        kind="lift_inspection", holder_name="1 号货梯", issued_on=TODAY, expires_on="2027-10-01"
    ),
    "markets.record_paper": _always(kind="business_licence", issued_on=TODAY, is_long_term="y"),
    "markets.confirm_paper": _nothing,
    "markets.renew_paper": _renewal,
    "markets.correct_paper": _paper,
    "markets.add_point": _always(code="P-09", name="水泵房", zone=""),
    "markets.edit_point": _point,
    "markets.end_point": _nothing,
    "markets.move_point": _always(way="up"),
    "markets.add_equipment": _always(
        kind="lift", code="DT-1", name="1 号货梯", point="", checked_on=TODAY, due_on="2027-10-08"
    ),
    "markets.edit_equipment": _equipment,
    "markets.date_equipment": _always(issued_on=TODAY, expires_on="2030-10-08"),
    "markets.end_equipment": _always(ended_on=TODAY),
    "markets.resume_equipment": _nothing,
    "markets.make_signs": _nothing,
    "markets.print_signs": _always(which="all", layout="grid"),
    "markets.revoke_sign": _always(reason="被别的码盖住了", is_replaced="y"),
    "markets.appoint": lambda ask: {
        "person": str(ask.cast.mai.person_id),
        "kind": "tester",
        "from_on": TODAY,
    },
    "markets.end_post": _always(to_on=TODAY),
    "exchange.list_imports": lambda ask: {"kind": "stalls", "workbook": sent_workbook()},
    "exchange.apply_import": _nothing,
    "exchange.drop_import": _nothing,
    "exchange.make_export": _always(listing="organisations", format="csv"),
    "notices.open_notice": _nothing,
    "notices.read": _nothing,
    "notices.read_all": _nothing,
    "territory.register": lambda ask: {
        "name": "新样市场管理有限公司",
        "kind": "company",
        "area_code": EAST_COMMUNITY_TWO,
    },
    "territory.rename": _always(name="改了名的管理有限公司"),
    "selfcheck.start": _nothing,
    "selfcheck.save_check": _answers,
    "selfcheck.submit": _nothing,
    "selfcheck.note_visit": _nothing,
    "selfcheck.add_photo": lambda ask: {"photo": sent_photo()},
    "selfcheck.remove_photo": _nothing,
    "selfcheck.backfill": _always(reason="手机没电了", walked_by="麦小禾", walked_at="2026-10-08T05:30"),
    "selfcheck.start_event": _always(event="", other="台风要来了"),
    "selfcheck.excuse_check": _always(reason="设备检修，现场没有人"),
    "selfcheck.accept": _nothing,
    "selfcheck.note": _clean_check,
    "selfcheck.send_back": _always(reason="请补一张配电房的照片"),
    "selfcheck.sign_record": _always(measures="已经处理好", password=PASSWORD),
    "selfcheck.take_usual_plan": _nothing,
    "selfcheck.add_line": _always(slot="daily", starts_at="09:00", ends_at="11:00", rounds="1"),
    "selfcheck.change_line": _line,
    "selfcheck.end_line": _nothing,
    "selfcheck.add_not_applicable": _always(item_code="WM-09", reason="本市场不卖活禽"),
    "selfcheck.lift_not_applicable": _nothing,
    "selfcheck.add_own_item": _always(**ITEM),
    "selfcheck.end_own_item": _nothing,
    "selfcheck.close_days": _always(from_on=SOON, to_on=SOON, reason="清淤停业一天"),
    "selfcheck.withdraw_closed_days": _nothing,
    "selfcheck.close_town": lambda ask: {
        "area_code": ask.cast.east.town_code,
        "from_on": SOON,
        "to_on": SOON,
        "reason": "台风要来全镇休市",
    },
    "selfcheck.lift_closure": _nothing,
    "selfcheck.draft_checklist": _always(note="样板改版"),
    "selfcheck.add_item": _list_item,
    "selfcheck.change_item": _list_item,
    "selfcheck.drop_item": _nothing,
    "selfcheck.publish_checklist": _always(effective_on=NEXT_MONTH.isoformat()),
    "selfcheck.withdraw_checklist": _nothing,
}

SCRIPTS: dict[str, Callable[[Ask], Any]] = {
    "selfcheck.visit_point": lambda ask: {"at": "2026-10-09T05:31:00+08:00"},
    "selfcheck.save_answer": lambda ask: {"outcome": "pass", "seen": 0},
}
"""What the portal's own scripts send, as JSON."""
