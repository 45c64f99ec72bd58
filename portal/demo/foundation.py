"""The first chapter: facts are loaded, people come in, markets open with stalls, vendors, papers and plans."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyotp
import sqlalchemy as sa

from portal.accounts import queries as accounts
from portal.accounts.models import Person
from portal.accounts.operations import links, own, passwords, people, second_factor
from portal.accounts.operations.people import PersonCard
from portal.accounts.operations.sessions import Visitor
from portal.accounts.policy import NEEDS_SECOND_FACTOR
from portal.core import clock, db, workdays
from portal.core.actor import SYSTEM, Actor, Role
from portal.core.reach import Reach, Sight
from portal.demo import cast
from portal.demo.cast import Place, Quarter
from portal.markets import operations as markets
from portal.markets.models import Market, PaperKind, Stall, Vendor, VendorKind, Zone
from portal.markets.operations.facts import MarketFacts, PaperFacts, VendorFacts, ZoneFacts
from portal.selfcheck.operations import lists, plans
from portal.territory import operations as territory
from portal.territory.cli import read
from portal.territory.models import Area, Function, Kind, Organisation
from portal.territory.operations import NameCard

DATA = Path(__file__).parents[1] / "data"
THE_CITY = SYSTEM(Reach(Sight.CITY))
LET_SHARE = 92  # percent of the stalls somebody trades in


class Company:
    """The people of the story by username, and the organisations by key; filled as the story goes."""

    def __init__(self) -> None:
        self.actors: dict[str, Actor] = {}
        self.bodies: dict[str, int] = {}

    @contextmanager
    def acting(self, username: str) -> Iterator[Actor]:
        """Do something in this person's name."""
        actor = self.actors[username]
        with db.acting(actor):
            yield actor


def is_told() -> bool:
    """Whether the first chapter stands in the database, whole."""
    with db.opened(Reach(Sight.CITY), writes=False) as session:
        return (
            len(session.scalars(sa.select(Market.id).where(Market.name == cast.PLACES[-1].name)).all()) == 1
        )


def tell(began_on: date) -> Company:
    """Tell it, or find it told; gives the people and organisations."""
    company = Company()
    password_hash, pin_hash = passwords.hashed(cast.PASSWORD), passwords.hashed(cast.PIN)
    _load_facts()
    _let_in_the_platform(company, password_hash)
    _register(company, password_hash, pin_hash)
    _load_lists(company)
    for place in cast.PLACES:
        _open_market(company, place, began_on)
        _open_vendors_account(company, place, password_hash)
    return company


def find() -> Company:
    """The people and organisations of a story that was told before."""
    company = Company()
    with db.reading() as session:
        for person in session.scalars(sa.select(Person)).all():
            parts = accounts.current_memberships(person.id)
            if parts:
                company.actors[person.username] = accounts.actor_in(parts[0].id)
        names = {one.name: one.key for one in cast.BODIES}
        for body in session.scalars(sa.select(Organisation)).all():
            company.bodies[names.get(body.name, body.name)] = body.id
    return company


def _load_facts() -> None:
    with db.acting(THE_CITY):
        territory.load_divisions(read(DATA / "dongguan_divisions.csv"), THE_CITY)
        territory.load_functions(read(DATA / "functions.csv"), THE_CITY)
        workdays.load(map(dict, read(DATA / "workdays.csv")), "State Council notices")
        markets.load_papers(read(DATA / "papers.csv"), THE_CITY)
        markets.load_trades(read(DATA / "trades.csv"), THE_CITY)
        lists.load_categories(read(DATA / "categories.csv"), THE_CITY)


def _load_lists(company: Company) -> None:
    with db.acting(THE_CITY):
        lists.load_lists(read(DATA / "selfcheck_items.csv"), company.bodies["city"], THE_CITY)


def _let_in_the_platform(company: Company, password_hash: str) -> None:
    nobody = SYSTEM(None)
    with db.acting(nobody):
        city = db.session.get_one(Area, cast.CITY)
        body = territory.register_organisation(
            Kind.PLATFORM, city, NameCard("平台运维组（样例）", "平台"), nobody
        )
        _let_in(company, "platform", "管样平", body, Role.PLATFORM_ADMIN, nobody, password_hash)


def _register(company: Company, password_hash: str, pin_hash: str) -> None:
    """Organisations as soon as their registrar is in, people as soon as theirs are."""
    bodies, parts = list(cast.BODIES), list(cast.PARTS)
    while bodies or parts:
        for body in [one for one in bodies if _actor_name(one.by) in company.actors]:
            _register_body(company, body)
            bodies.remove(body)
        for part in [one for one in parts if one.by in company.actors and one.body in company.bodies]:
            with company.acting(part.by) as actor:
                home = db.session.get_one(Organisation, company.bodies[part.body])
                _let_in(company, part.username, part.name, home, part.role, actor, password_hash, pin_hash)
            parts.remove(part)


def _actor_name(by: str) -> str:
    return "shi_ban" if by == "city" else by


def _register_body(company: Company, body: cast.Body) -> None:
    serial = cast.BODIES.index(body) + 1
    code = cast.credit_code(serial, is_company=True) if body.kind is Kind.COMPANY else ""
    with company.acting(_actor_name(body.by)) as actor:
        area = db.session.get_one(Area, body.area)
        card = NameCard(body.name, body.short_name, code, cast.phone(serial))
        new = territory.register_organisation(body.kind, area, card, actor)
        if body.functions:
            territory.set_functions(
                new, [db.session.get_one(Function, code) for code in body.functions], actor
            )
        db.session.flush()
        company.bodies[body.key] = new.id


def _let_in(
    company: Company, username: str, name: str, body: Organisation, role: Role, actor: Actor,
    password_hash: str, pin_hash: str = "", vendor_id: int | None = None,
) -> None:  # fmt: skip
    """Invite somebody, have the invitation taken up, and bind the second factor where the role needs one."""
    part = people.add_person(PersonCard(name, username=username), body, role, actor, vendor_id)
    db.session.flush()
    person = links.use(links.issue(part.person, actor), password_hash)
    me = accounts.actor_in(part.id)
    if role in NEEDS_SECOND_FACTOR:
        second_factor.prepare(person)
        secret = second_factor.pending_secret(person) or ""
        second_factor.enrol(person, pyotp.TOTP(secret).at(clock.now()), Visitor())
    elif pin_hash and own.may_have_pin(me):
        own.set_pin(person, pin_hash, me)
    company.actors[username] = me


def _open_market(company: Company, place: Place, began_on: date) -> None:
    town = next(one.by for one in cast.BODIES if one.key == place.company)
    with company.acting(town) as actor:
        body = db.session.get_one(Organisation, company.bodies[place.company])
        facts = MarketFacts(
            place.name, place.kind, body.name, place.address, place.opens_at, place.closes_at,
            phone=cast.phone(9000 + cast.PLACES.index(place)), is_key_unit=place.stalls > 200,
        )  # fmt: skip
        market_id = markets.register_market(body, db.session.get_one(Area, body.area_code), facts, actor).id
    manager = f"{place.company}_fuze"
    for chapter in (_appoint, _furnish, _let_vendors_in, _plan):
        with company.acting(manager) as actor:
            chapter(company, place, db.session.get_one(Market, market_id), actor, began_on)


def _open_vendors_account(company: Company, place: Place, password_hash: str) -> None:
    """The first vendor of the market is let in to his own file."""
    with company.acting(f"{place.company}_fuze") as actor:
        home = db.session.get_one(Organisation, company.bodies[place.company])
        own_file = db.session.scalars(sa.select(Vendor).order_by(Vendor.id).limit(1)).one()
        _let_in(company, f"{place.company}_shanghu", own_file.keeper_name, home, Role.VENDOR, actor, password_hash,
                vendor_id=own_file.id)  # fmt: skip


def _appoint(company: Company, place: Place, market: Market, actor: Actor, began_on: date) -> None:
    for part in cast.PARTS:
        if part.body == place.company:
            person = accounts.get_person(company.actors[part.username].person_id)
            for kind in part.posts:
                markets.appoint(market, person, kind, began_on, actor)


def _furnish(company: Company, place: Place, market: Market, actor: Actor, began_on: date) -> None:
    for quarter in place.quarters:
        zone = markets.add_zone(market, ZoneFacts(quarter.code, quarter.name), actor)
        db.session.flush()
        markets.add_stalls(market, f"{quarter.code}-001", f"{quarter.code}-{quarter.stalls:03d}", zone, actor)


def _let_vendors_in(company: Company, place: Place, market: Market, actor: Actor, began_on: date) -> None:
    chance = Random(place.name)
    kinds = {kind.code: kind for kind in db.session.scalars(sa.select(PaperKind)).all()}
    zones = {zone.id: zone.code for zone in db.session.scalars(sa.select(Zone)).all()}
    quarters = {one.code: one for one in place.quarters}
    stalls = db.session.scalars(
        sa.select(Stall).where(Stall.market_id == market.id).order_by(Stall.sort_key)
    ).all()
    for number, stall in enumerate(stalls, start=1):
        if chance.randrange(100) < LET_SHARE:
            _let(
                place,
                market,
                stall,
                quarters[zones[stall.zone_id or 0]],
                number,
                kinds,
                chance,
                actor,
                began_on,
            )


def _let(
    place: Place, market: Market, stall: Stall, quarter: Quarter, number: int, kinds: dict[str, PaperKind],
    chance: Random, actor: Actor, began_on: date,
) -> None:  # fmt: skip
    """One vendor comes in: three in a hundred sell what they grew, five in a hundred still lack a paper."""
    serial = (cast.PLACES.index(place) + 1) * 10_000 + number
    is_farmer = quarter.trade == "farm_products" and chance.randrange(100) < 3
    facts = VendorFacts(
        VendorKind.OWN_PRODUCE if is_farmer else VendorKind.INDIVIDUAL,
        f"{place.phrase}{stall.code}",
        f"样{'甲乙丙丁戊己庚辛'[number % 8]}{number:03d}",
        cast.phone(number),
        uscc="" if is_farmer else cast.credit_code(serial, is_company=False),
        identity=cast.identity(number) if is_farmer else "",
        trade_codes=["own_produce" if is_farmer else quarter.trade],
        goods=quarter.name.removesuffix("区"),
        started_on=began_on,
    )
    vendor = markets.register_vendor(market, facts, actor)
    db.session.flush()
    markets.move_in(stall, vendor, began_on, actor)
    if not is_farmer and chance.randrange(100) >= 5:
        _papers(vendor, quarter, serial, kinds, chance, actor)


def _papers(
    vendor: Any, quarter: Quarter, serial: int, kinds: dict[str, PaperKind], chance: Random, actor: Actor
) -> None:
    today = clock.today()
    licence = PaperFacts(vendor.uscc, "样板市场监管局", today - timedelta(days=700), is_long_term=True,
                         is_original_seen=True)  # fmt: skip
    markets.record_paper(vendor, kinds["business_licence"], licence, actor)
    if quarter.trade == "food_catering":
        ends = today + timedelta(days=chance.choice((25, 45, 200, 400, 900)))
        permit = PaperFacts(f"JY2{serial:013d}", "样板市场监管局", ends - timedelta(days=1800), ends,
                            is_original_seen=True)  # fmt: skip
        markets.record_paper(vendor, kinds["food_permit"], permit, actor)


def _plan(company: Company, place: Place, market: Market, actor: Actor, began_on: date) -> None:
    plans.default_plan(market, actor)
    for code, reason in place.not_applicable:
        plans.set_not_applicable(market, code, reason, actor)
