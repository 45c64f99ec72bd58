"""The world of the access table with much in it: a market as it is after a year, lists as long as they get.

What is counted on a page that shows two rows says nothing about the page that shows thirty.
"""

import secrets
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from stdnum.cn import uscc

from portal.accounts.models import Person, SignIn
from portal.accounts.operations import sessions
from portal.accounts.operations.sessions import Visitor as Browser
from portal.core import clock, db
from portal.core.actor import SYSTEM, Role
from portal.core.reach import Reach, Sight
from portal.evidence.models import Attachment
from portal.evidence.staging import Staged, stage
from portal.exchange.models import Export, ExportFormat, Listed
from portal.exchange.workflow import ExportState
from portal.markets import operations as markets
from portal.markets.models import EquipmentKind, PostKind, Zone
from portal.markets.operations import EquipmentFacts, PointFacts, signs
from portal.notices import operations as notices
from portal.selfcheck import notices as events
from portal.selfcheck.models import Outcome, PlanLine, Slot
from portal.selfcheck.operations import checks, plans
from portal.selfcheck.operations.checks import Given
from portal.territory.models import Area, Kind, Level, Organisation
from tests import people
from tests.evidence import pictures
from tests.evidence.pictures import sent
from tests.markets.conftest import kind_of, market_facts, paper_facts, vendor_facts
from tests.markets.conftest import rows as facts_of
from tests.people import Cast
from tests.selfcheck import day, rules, walked
from tests.site import full_files
from tests.site.access_people import add_person
from tests.site.access_world import World

MANY = 30
"""As many as fill a page of a list."""
PHOTOGRAPHED = ("C-01", "C-05", "C-09", "C-12")
FAILED = ("C-02", "C-06", "C-11")


def load() -> None:
    """The facts an installation loads: papers, trades, categories and the official lists."""
    with db.acting(SYSTEM(Reach(Sight.CITY))) as session:
        who = SYSTEM(session.reach)
        markets.load_papers(facts_of("papers"), who)
        markets.load_trades(facts_of("trades"), who)
    rules.load()


def fill(world: World) -> None:
    """Put thirty of everything into East, and a full check behind the pages of one check."""
    cast = world.people["east"]
    _add_vendors(cast)
    world.things["point", "east", ""] = _add_equipment(cast)
    full_files.fill(world)
    _add_colleagues(cast)
    _add_places(cast)
    _hang_signs(cast)
    _arrange(cast)
    _walk(cast)
    _keep_records(cast)
    _tell(world)
    _take_out(world)
    for name, check in (("open check", _full_check(cast, 18)), ("walked check", _answered(cast))):
        world.things[name, "east", ""] = check
    world.things["full check", "east", ""] = _handed_in(cast)
    _end_lines(cast)
    world.things["photo", "east", ""] = _photo_of(cast, world.things["open check", "east", ""])


def _add_vendors(cast: Cast) -> None:
    """Thirty stalls, each with a vendor who has three papers, one of which runs out."""
    today = clock.today()
    with db.acting(cast.kuang) as session:
        market = cast.market()
        zone = session.get_one(Zone, cast.east.zone_ids[1])
        stalls = markets.add_stalls(market, "F-001", f"F-{MANY:03d}", zone, cast.kuang)
        session.flush()
        for number, stall in enumerate(stalls):
            facts = vendor_facts(
                name=f"样记第 {number} 档", uscc=code_of(number), trade_codes=["food_catering"]
            )
            vendor = markets.register_vendor(market, facts, cast.kuang)
            session.flush()
            markets.move_in(stall, vendor, today - timedelta(days=40), cast.kuang)
            for kind, ends in (
                ("food_permit", 10 + number),
                ("business_licence", 900),
                ("lease_contract", number - 9),
            ):
                given = paper_facts(
                    number="JY24419001234567" if kind == "food_permit" else "",
                    expires_on=today + timedelta(days=ends),
                    is_original_seen=bool(number % 2),
                )
                markets.record_paper(vendor, kind_of(kind), given, cast.kuang)
        for number in range(6):
            lift = paper_facts(
                expires_on=today + timedelta(days=30 * number + 5), holder_name=f"{number + 1} 号货梯"
            )
            markets.record_paper(market, kind_of("lift_inspection"), lift, cast.kuang)


def _add_equipment(cast: Cast) -> int:
    """Thirty check points, each with an extinguisher; thirty more at the first of them, whose id it gives."""
    made_on = date(2022, 1, 1)
    with db.acting(cast.kuang) as session:
        market, points = cast.market(), []
        for number in range(MANY):
            points.append(
                markets.add_point(market, PointFacts(f"W-{number:02d}", f"第 {number} 巡查点"), cast.kuang)
            )
            session.flush()
        for number in range(2 * MANY):
            kind = EquipmentKind.EXTINGUISHER_WATER if number % 3 else EquipmentKind.FRIDGE
            point = points[number] if number < MANY else points[0]
            facts = EquipmentFacts(
                kind, f"S-{number:03d}", point=point, made_on=made_on + timedelta(days=20 * number)
            )
            markets.add_equipment(market, facts, cast.kuang)
        return points[0].id


def code_of(number: int) -> str:
    """A social credit code that holds, for one of many."""
    body = f"92441900MA7{number:06d}"
    return body + uscc.calc_check_digit(body)


def _add_colleagues(cast: Cast) -> None:
    """Thirty patrollers in the company, each with a post, and thirty officers in the fire office."""
    with db.acting(SYSTEM(None)):
        for number in range(MANY):
            add_person(f"xun_{number}", f"巡样{number}", Role.PATROLLER, cast.east.company_id)
            add_person(f"xiao_{number}", f"消样{number}", Role.DEPARTMENT_OFFICER, cast.xiao.organisation_id)
    with db.acting(cast.kuang) as session:
        market = cast.market()
        query = sa.select(Person).where(Person.username.like("xun\\_%", escape="\\"))
        for person in session.scalars(query).all():
            markets.appoint(market, person, PostKind.PATROLLER, date(2026, 3, 1), cast.kuang)


def _add_places(cast: Cast) -> None:
    """Thirty communities and thirty companies in East's town, twenty markets of East's company."""
    with db.acting(SYSTEM(None)) as session:
        areas = [
            Area(code=f"{people.EAST_TOWN}{number:03d}", name=f"样板第 {number} 社区", level=Level.COMMUNITY,
                 parent_code=people.EAST_TOWN)
            for number in range(100, 100 + MANY)
        ]  # fmt: skip
        session.add_all(areas)
        session.flush()
        session.add_all(
            Organisation(kind=Kind.COMPANY, name=f"样板第 {area.code[-3:]} 公司", short_name="样板", version=1,
                         area_code=area.code)
            for area in areas
        )  # fmt: skip
    with db.acting(cast.zhen) as session:
        community = session.get_one(Area, cast.east.community_code)
        company = session.get_one(Organisation, cast.east.company_id)
        for number in range(20):
            markets.register_market(company, community, market_facts(name=f"样板第 {number} 市场"), cast.zhen)


def _hang_signs(cast: Cast) -> None:
    """A sign on every stall, zone and point."""
    with db.acting(cast.kuang):
        signs.make_signs(cast.market(), cast.kuang)


def _arrange(cast: Cast) -> None:
    """A plan with much in it: own items, items left out, closed days; closures of the town."""
    with db.acting(cast.kuang):
        market = cast.market()
        for number in range(MANY):
            item = rules.HOUSE_ITEM | {"title": f"自加的第 {number} 项"}
            plans.add_house_item(market, item, cast.kuang)
            day_off = clock.today() + timedelta(days=40 + 3 * number)
            plans.close_market_days(market, day_off, day_off, "设备检修一天", cast.kuang)
        for number in range(11, 25):
            plans.set_not_applicable(market, f"WM-{number:02d}", "本市场没有这一类", cast.kuang)
    with db.acting(cast.zhen):
        for number in range(MANY):
            day_off = clock.today() + timedelta(days=60 + 2 * number)
            plans.close_town(rules.town(cast), day_off, day_off, "台风预演休市", cast.zhen)


def _walk(cast: Cast) -> None:
    """Thirty checks that wait to be looked at, some clean and some not; rounds of today still to come or missed."""
    for number in range(MANY):
        opens = day.OPENS - timedelta(days=1 + number % 3, minutes=number)
        failed = ("C-02",) if number % 3 == 0 else ()
        _submit(cast, opens, failed)
    for number in range(10):
        day.make_check(cast, items=day.TICKS, seed=day.QUIET, slot=Slot.PATROL, round_no=number + 2,
                       opens_at=day.OPENS + timedelta(hours=number - 4), grace=timedelta(hours=1))  # fmt: skip


def _submit(cast: Cast, opens: datetime, failed: tuple[str, ...]) -> int:
    check = day.make_check(cast, items=day.TICKS, seed=day.QUIET, opens_at=opens)
    with clock.at(opens + timedelta(minutes=20)):
        day.walk_through(cast, check, failed=failed)
        _hand_in(cast, check)
    return check


def _hand_in(cast: Cast, check: int) -> None:
    with db.acting(cast.mai):
        checks.submit(day.the(cast.mai, check), cast.mai)


def _end_lines(cast: Cast) -> None:
    """Each made check brought a line of its own; a plan has no more than forty that run."""
    with db.acting(rules.own(cast.east)) as session:
        lines = session.scalars(sa.select(PlanLine).order_by(PlanLine.id)).all()
        for line in lines[MANY:]:
            line.to_on = clock.today() - timedelta(days=1)


def _keep_records(cast: Cast) -> None:
    """The records of a month, formed and not signed."""
    for number in range(2, MANY):
        on = day.FRIDAY - timedelta(days=number)
        check = walked.make(cast, day=on)
        walked.walk(cast, cast.mai, check, walked.moment(on, 5))
        walked.form(cast.mai, cast.east.market_id, on, walked.moment(on, 21))


def _tell(world: World) -> None:
    """Everybody has thirty notices more, one of them of thirty lines, and thirty sessions."""
    with db.acting(SYSTEM(None)) as session:
        for who in world.roles.values():
            person = session.get_one(Person, who.person_id)
            for number in range(MANY):
                soon = {"slot": Slot.OPENING, "due": day.DUE}
                missed = {"slot": Slot.DAILY, "day": day.FRIDAY - timedelta(days=number), "until": day.MISSED}
                notices.tell(person.id, events.DUE_SOON, "/account", market="东样肉菜市场", **soon)
                notices.tell(person.id, events.MISSED, "/account", "missed", market="东样肉菜市场", **missed)
            _sign_in_often(sessions.advance(sessions.begin(person, Browser()).sign_in, Browser()).sign_in)


def _sign_in_often(first: SignIn) -> None:
    """As many sessions more as fill a page, each like the first."""
    names = [
        column.key for column in sa.inspect(SignIn).column_attrs if column.key not in {"id", "token_hash"}
    ]
    kept = {name: getattr(first, name) for name in names}
    db.session.add_all(SignIn(**kept, token_hash=secrets.token_hex(32)) for _ in range(MANY))


def _take_out(world: World) -> None:
    """Everybody has had thirty lists made that have expired."""
    with db.acting(SYSTEM(None)) as session:
        session.add_all(
            Export(
                person_id=who.person_id,
                membership_id=who.membership_id,
                organisation_id=who.organisation_id,
                listing=Listed.STALLS.value,
                format=ExportFormat.XLSX,
                state=ExportState.GONE,
                asked_at=clock.now() - timedelta(days=9 + number),
            )
            for who in world.roles.values()
            for number in range(MANY)
        )


def _items(number: int) -> list[dict[str, Any]]:
    """So many items to be looked at, one to be measured, one to be written down."""
    ticks = [
        day.item(f"C-{n:02d}", title=f"第 {n} 项", place=f"第 {(n - 1) // 4 + 1} 处", may_be_major=n == 1)
        for n in range(1, number + 1)
    ]
    return [*ticks, *(one for one in day.EIGHT if one["kind"] != "tick")]


def _full_check(cast: Cast, number: int, opens: datetime = day.OPENS) -> int:
    """Begun, some answered, some failed, with photos."""
    check = day.make_check(cast, items=_items(number), seed=day.QUIET, opens_at=opens, round_no=9)
    with clock.at(opens + timedelta(minutes=20)), db.acting(cast.mai):
        occurrence = day.the(cast.mai, check)
        checks.start(occurrence, cast.mai)
        checks.save_answers(occurrence, dict(_answers(number - 2)), cast.mai)
    _photograph(cast, check, opens, (*PHOTOGRAPHED, *FAILED))
    return check


def _answers(number: int) -> Iterator[tuple[str, Given]]:
    problem = Given(Outcome.FAIL, phrases=("通道堆了货",), note="已告知档主")
    for n in range(1, number + 1):
        code = f"C-{n:02d}"
        yield code, problem if code in FAILED else Given(Outcome.PASS)
    yield "WM-14", Given(number=Decimal(2))
    yield "WM-02", Given(text="粤A 00123456")


def _photograph(cast: Cast, check: int, opens: datetime, codes: tuple[str, ...]) -> None:
    for number, code in enumerate(codes):
        staged = stage(sent(pictures.photo(seed=number + 10)))
        assert isinstance(staged, Staged)
        with clock.at(opens + timedelta(minutes=21)), db.acting(cast.mai):
            checks.add_photo(day.the(cast.mai, check), code, staged, cast.mai)


def _answered(cast: Cast, opens: datetime = day.OPENS) -> int:
    """Everything answered, ready to be handed in."""
    check = _full_check(cast, 18, opens)
    with clock.at(opens + timedelta(minutes=22)), db.acting(cast.mai):
        checks.save_answers(day.the(cast.mai, check), dict(_answers(18)), cast.mai)
    return check


def _handed_in(cast: Cast) -> int:
    """Twenty answers, three of them problems, seven photos, handed in yesterday."""
    opens = day.OPENS - timedelta(days=1, hours=2)
    check = _answered(cast, opens)
    with clock.at(opens + timedelta(minutes=25)):
        _hand_in(cast, check)
    return check


def _photo_of(cast: Cast, check: int) -> int:
    with db.acting(cast.mai) as session:
        query = sa.select(Attachment.id).where(Attachment.owner_id == check, Attachment.part == "C-01")
        return session.scalars(query.limit(1)).one()
