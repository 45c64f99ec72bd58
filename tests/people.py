"""The cast: two companies in two communities of two towns, and one person of every role with a twin elsewhere.

East stands in 虎门镇, West in 长安镇.  Everybody is invented, and looks it.
"""

from dataclasses import dataclass, field
from datetime import date, time

import argon2
import pyotp
import sqlalchemy as sa

from portal.accounts.models import Membership, Person
from portal.accounts.policy import reach_of
from portal.core import clock, db, secrets_box
from portal.core.actor import Actor, Role
from portal.core.reach import beyond_reach
from portal.markets.models import Market, MarketKind, Post, PostKind, Stall, Zone, natural_key
from portal.markets.workflow import MarketState, StallState
from portal.territory.models import Area, Kind, Level, Organisation

CITY = "441900"
EAST_TOWN, WEST_TOWN = "441900121", "441900119"
EAST_COMMUNITY, WEST_COMMUNITY = "441900121001", "441900119001"
PASSWORD = "ceshi-yong-de-mima-2026"
PIN = "2580"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
# Cheap on purpose: a test signs in a hundred times.
HASHER = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WET_ZONES = ("猪肉区", "水产区", "蔬菜区")


@dataclass
class Side:
    """One company with its market, its community and its town."""

    company_id: int
    market_id: int
    community_code: str
    town_code: str
    stall_ids: list[int] = field(default_factory=list)
    zone_ids: list[int] = field(default_factory=list)


@dataclass
class Cast:
    """Everybody by a short name, and where they stand."""

    east: Side
    west: Side
    actors: dict[str, Actor]
    usernames: dict[str, str]

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.__dict__["actors"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    def market(self, side: Side | None = None) -> Market:
        """The market of a side, in the session that is open."""
        return db.session.get_one(Market, (side or self.east).market_id)


# short name, role, which organisation, what people call them, posts
PEOPLE = (
    ("mai", Role.PATROLLER, "east", "麦小禾", (PostKind.PATROLLER, PostKind.FOOD_SAFETY_OFFICER)),
    (
        "kuang",
        Role.MARKET_MANAGER,
        "east",
        "邝样安",
        (PostKind.HEAD, PostKind.SAFETY_MANAGER, PostKind.FOOD_SAFETY_DIRECTOR),
    ),
    ("shi", Role.PATROLLER, "east", "施样替", (PostKind.PATROLLER,)),
    ("fu", Role.SERVICE_CLERK, "east", "符样帮", (PostKind.SERVICE_CLERK,)),
    ("west_mai", Role.PATROLLER, "west", "西样禾", (PostKind.PATROLLER, PostKind.FOOD_SAFETY_OFFICER)),
    ("west_kuang", Role.MARKET_MANAGER, "west", "西样安", (PostKind.HEAD, PostKind.SAFETY_MANAGER)),
    ("west_fu", Role.SERVICE_CLERK, "west", "西样帮", (PostKind.SERVICE_CLERK,)),
    ("gu", Role.GRID_OFFICER, "east_community", "古样文", ()),
    ("qu", Role.COMMUNITY_DISPATCHER, "east_community", "区样度", ()),
    ("west_gu", Role.GRID_OFFICER, "west_community", "西样网", ()),
    ("west_qu", Role.COMMUNITY_DISPATCHER, "west_community", "西样度", ()),
    ("zhen", Role.TOWN_DISPATCHER, "east_town", "甄样镇", ()),
    ("west_zhen", Role.TOWN_DISPATCHER, "west_town", "西样镇", ()),
    ("xiao", Role.DEPARTMENT_OFFICER, "east_fire", "肖样消", ()),
    ("west_xiao", Role.DEPARTMENT_OFFICER, "west_fire", "西样消", ()),
    ("city_xiao", Role.DEPARTMENT_OFFICER, "city_fire", "市样消", ()),
    ("shi_ban", Role.CITY_OFFICER, "city", "史样办", ()),
    ("shi_er", Role.CITY_OFFICER, "city", "史样二", ()),
    ("guan", Role.PLATFORM_ADMIN, "platform", "管样平", ()),
    ("shen", Role.AUDITOR, "platform", "沈样审", ()),
)

AREAS = (
    (CITY, "东莞市", Level.CITY, None),
    (EAST_TOWN, "虎门镇", Level.TOWN, CITY),
    (WEST_TOWN, "长安镇", Level.TOWN, CITY),
    (EAST_COMMUNITY, "东样社区", Level.COMMUNITY, EAST_TOWN),
    (WEST_COMMUNITY, "西样社区", Level.COMMUNITY, WEST_TOWN),
)

ORGANISATIONS = (
    ("east", Kind.COMPANY, "东样市场管理有限公司", "东样公司", EAST_COMMUNITY),
    ("west", Kind.COMPANY, "西样市场管理有限公司", "西样公司", WEST_COMMUNITY),
    ("east_community", Kind.COMMUNITY, "东样社区工作站", "东样社区", EAST_COMMUNITY),
    ("west_community", Kind.COMMUNITY, "西样社区工作站", "西样社区", WEST_COMMUNITY),
    ("east_town", Kind.TOWN, "虎门镇指挥中心", "虎门镇", EAST_TOWN),
    ("west_town", Kind.TOWN, "长安镇指挥中心", "长安镇", WEST_TOWN),
    ("east_fire", Kind.DEPARTMENT, "虎门消防所", "虎门消防", EAST_TOWN),
    ("west_fire", Kind.DEPARTMENT, "长安消防所", "长安消防", WEST_TOWN),
    ("city_fire", Kind.DEPARTMENT, "市消防救援支队", "市消防", CITY),
    ("city", Kind.CITY, "市监管统筹办", "市监管办", CITY),
    ("platform", Kind.PLATFORM, "平台运维组", "平台", CITY),
)


def gather() -> Cast:
    """Write everybody into an empty database."""
    with beyond_reach("the cast of the tests"), db.opened(None, writes=True) as session:
        session.add_all(
            Area(code=code, name=name, level=level, parent_code=up) for code, name, level, up in AREAS
        )
        session.flush()
        bodies = {
            key: Organisation(kind=kind, name=name, short_name=short, area_code=area, version=1)
            for key, kind, name, short, area in ORGANISATIONS
        }
        session.add_all(bodies.values())
        session.flush()
        sides = {key: _market(bodies[key], key) for key in ("east", "west")}
        actors = {
            short: _person(short, role, bodies[where], name, posts, sides.get(where))
            for short, role, where, name, posts in PEOPLE
        }
        session.commit()
    return Cast(sides["east"], sides["west"], actors, {short: short for short in actors})


def _market(company: Organisation, side: str) -> Side:
    codes = {
        "company_id": company.id,
        "community_code": company.area_code,
        "town_code": company.area_code[:9],
    }
    market = Market(
        **codes,
        code=f"{company.area_code}M001",
        name=f"{company.short_name[:2]}肉菜市场",
        kind=MarketKind.WET,
        opener_name=company.name,
        address="样板路 1 号",
        opens_at=time(6),
        closes_at=time(19),
        state=MarketState.OPEN,
    )
    db.session.add(market)
    db.session.flush()
    zones = [
        Zone(**codes, market_id=market.id, code="ABC"[n], name=name, position=n + 1)
        for n, name in enumerate(WET_ZONES)
    ]
    db.session.add_all(zones)
    db.session.flush()
    stalls = [
        Stall(
            **codes,
            market_id=market.id,
            zone_id=zone.id,
            code=f"{zone.code}-{n:03d}",
            sort_key=natural_key(f"{zone.code}-{n:03d}"),
            state=StallState.VACANT,
        )
        for zone in zones
        for n in (1, 2)
    ]
    db.session.add_all(stalls)
    db.session.flush()
    return Side(
        company.id,
        market.id,
        codes["community_code"],
        codes["town_code"],
        [stall.id for stall in stalls],
        [zone.id for zone in zones],
    )


def _person(
    short: str, role: Role, body: Organisation, name: str, posts: tuple[PostKind, ...], side: Side | None
) -> Actor:
    person = Person(
        username=short,
        name=name,
        password_hash=HASHER.hash(PASSWORD),
        pin_hash=HASHER.hash(PIN),
        totp_secret=secrets_box.seal(TOTP_SECRET.encode()),
        totp_confirmed_at=clock.now(),
    )
    db.session.add(person)
    db.session.flush()
    membership = Membership(person_id=person.id, organisation_id=body.id, role=role, from_on=date(2026, 1, 1))
    db.session.add(membership)
    db.session.flush()
    if side is not None:
        db.session.add_all(
            Post(
                company_id=side.company_id,
                market_id=side.market_id,
                person_id=person.id,
                kind=kind,
                from_on=date(2026, 1, 1),
            )
            for kind in posts
        )
    return Actor(
        person_id=person.id,
        name=name,
        role=role,
        organisation_id=body.id,
        organisation_name=body.name,
        membership_id=membership.id,
        reach=reach_of(role, body),
        company_id=body.id if body.kind is Kind.COMPANY else None,
        area_code=body.area_code,
        functions=frozenset({"fire"}) if body.kind is Kind.DEPARTMENT else frozenset(),
    )


def code_now() -> str:
    """The second factor of everybody in the cast, by the portal's clock."""
    return pyotp.TOTP(TOTP_SECRET).at(clock.now())


def count_rows(model: type) -> int:
    """How many rows of a model there are, whosoever."""
    with beyond_reach("a test counts"), db.opened(None, writes=False) as session:
        return session.scalar(sa.select(sa.func.count()).select_from(model)) or 0
