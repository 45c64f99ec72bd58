"""Who is who in the access table: East's people by role, South's company, West under East's names."""

from dataclasses import replace
from datetime import date
from typing import Any

from portal.accounts.models import Membership, Person
from portal.accounts.queries import actor_in
from portal.core import clock, db, secrets_box
from portal.core.actor import SYSTEM, Actor, Role
from portal.core.reach import beyond_reach
from portal.markets import operations as markets
from portal.markets.models import Post, PostKind
from portal.markets.operations import ZoneFacts
from portal.territory.models import Area, Kind, Level, Organisation
from tests import people
from tests.markets.conftest import market_facts
from tests.people import EAST_COMMUNITY, EAST_TOWN, HASHER, PASSWORD, PIN, TOTP_SECRET, WEST_TOWN, Cast, Side

EAST_COMMUNITY_TWO, WEST_COMMUNITY_TWO = "441900121002", "441900119002"
"""Where a market may be moved to inside its town."""
POSTS = {
    Role.MARKET_MANAGER: (PostKind.HEAD, PostKind.SAFETY_MANAGER, PostKind.FOOD_SAFETY_DIRECTOR),
    Role.PATROLLER: (PostKind.PATROLLER, PostKind.FOOD_SAFETY_OFFICER),
}
WEST_NAMES = {"kuang": "west_kuang", "mai": "west_mai", "fu": "west_fu", "gu": "west_gu", "qu": "west_qu",
              "zhen": "west_zhen", "xiao": "west_xiao"}  # fmt: skip

BY_ROLE = {
    Role.PLATFORM_ADMIN: "guan",
    Role.AUDITOR: "shen",
    Role.CITY_OFFICER: "shi_ban",
    Role.DEPARTMENT_OFFICER: "xiao",
    Role.TOWN_DISPATCHER: "zhen",
    Role.COMMUNITY_DISPATCHER: "qu",
    Role.GRID_OFFICER: "gu",
    Role.MARKET_MANAGER: "kuang",
    Role.PATROLLER: "mai",
    Role.SERVICE_CLERK: "fu",
}


def settle(cast: Cast) -> dict[str, Cast]:
    """Add South and the second communities; everybody's cast by place."""
    _add_areas()
    side, own = _south(cast)
    return {
        "east": cast,
        "south": replace(cast, east=side, west=cast.west, actors={**cast.actors, **own}),
        "west": replace(
            cast,
            east=cast.west,
            west=cast.east,
            actors={**cast.actors, **{name: cast.actors[there] for name, there in WEST_NAMES.items()}},
        ),
    }


def _add_areas() -> None:
    with db.acting(SYSTEM(None)) as session:
        session.add_all(
            Area(code=code, name=name, level=Level.COMMUNITY, parent_code=town)
            for code, name, town in (
                (EAST_COMMUNITY_TWO, "东样第二社区", EAST_TOWN),
                (WEST_COMMUNITY_TWO, "西样第二社区", WEST_TOWN),
            )
        )


def _south(cast: Cast) -> tuple[Side, dict[str, Actor]]:
    """A company with its market in East's community, entered by the town, and two people who run it."""
    with db.acting(SYSTEM(None)) as session:
        company = Organisation(
            kind=Kind.COMPANY,
            name="南样市场管理有限公司",
            short_name="南样公司",
            area_code=EAST_COMMUNITY,
            version=1,
        )
        session.add(company)
        session.flush()
        manager = add_person("nan_kuang", "南样安", Role.MARKET_MANAGER, company.id)
        patroller = add_person("nan_mai", "南样禾", Role.PATROLLER, company.id)
    with db.acting(cast.zhen) as session:
        community = session.get_one(Area, EAST_COMMUNITY)
        facts = market_facts(name="南样肉菜市场")
        market = markets.register_market(
            session.get_one(Organisation, company.id), community, facts, cast.zhen
        )
    side = Side(company.id, market.id, EAST_COMMUNITY, EAST_TOWN)
    own = {"kuang": actor(manager), "mai": actor(patroller)}
    for short, role in (("kuang", Role.MARKET_MANAGER), ("mai", Role.PATROLLER)):
        _give_posts(side, own[short], role)
    _lay_out(replace(cast, east=side, actors={**cast.actors, **own}))
    return side, own


def _give_posts(side: Side, who: Actor, role: Role) -> None:
    with db.acting(who) as session:
        session.add_all(
            Post(
                company_id=side.company_id,
                market_id=side.market_id,
                person_id=who.person_id,
                kind=kind,
                from_on=date(2026, 1, 1),
            )
            for kind in POSTS[role]
        )


def _lay_out(cast: Cast) -> None:
    """Zones and stalls like those of East and West."""
    side = cast.east
    with db.acting(cast.kuang):
        market = cast.market()
        for number, name in enumerate(people.WET_ZONES):
            zone = markets.add_zone(market, ZoneFacts("ABC"[number], name), cast.kuang)
            row = markets.add_stalls(market, f"{zone.code}-001", f"{zone.code}-002", zone, cast.kuang)
            db.session.flush()
            side.zone_ids.append(zone.id)
            side.stall_ids.extend(stall.id for stall in row)


def add_person(username: str, name: str, role: Role, organisation_id: int, **facts: Any) -> int:
    """Somebody with an account and a part, in the session that is open; the part's number."""
    has_factor = facts.pop("has_factor", True)
    person = Person(
        username=username,
        name=name,
        password_hash=HASHER.hash(PASSWORD),
        pin_hash=HASHER.hash(PIN),
        totp_secret=secrets_box.seal(TOTP_SECRET.encode()) if has_factor else None,
        totp_confirmed_at=clock.now() if has_factor else None,
    )
    db.session.add(person)
    db.session.flush()
    part = Membership(
        person_id=person.id, organisation_id=organisation_id, role=role, from_on=date(2026, 1, 1), **facts
    )
    db.session.add(part)
    db.session.flush()
    return part.id


def actor(membership_id: int) -> Actor:
    """Whoever acts in this part."""
    with beyond_reach("a test looks up an actor"), db.opened(None, writes=False):
        return actor_in(membership_id)
