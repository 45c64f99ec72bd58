"""The scene of the self-check's benchmark: one market, people who are signed in, and a stock of open checks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import islice
from random import Random
from typing import Any

import sqlalchemy as sa
from flask import Flask, session
from flask_wtf.csrf import generate_csrf

from portal.accounts import queries as accounts
from portal.accounts.models import Membership, Person, SignIn, Stage
from portal.accounts.signin import USER
from portal.core import clock, db, refs, workdays
from portal.core.actor import SYSTEM, Role
from portal.core.digests import digest_of
from portal.core.reach import Reach, Sight, beyond_reach
from portal.markets.models import Market, MarketKind, Post, PostKind
from portal.markets.workflow import MarketState
from portal.selfcheck import cli as facts
from portal.selfcheck.models import Evidence, ItemKind, Occurrence, PlanLine, Sheet, Slot
from portal.selfcheck.operations import lists
from portal.selfcheck.queries import sheets
from portal.selfcheck.workflow import CheckState
from portal.territory.cli import read
from portal.territory.models import Area, Kind, Level, Organisation

ITEMS = 20
A_DAY = 10
"""Checks a market walks a day; more would make the week the sample is drawn from longer than it is."""
CITY, TOWN, COMMUNITY = "441900", "441900121", "441900121001"
AREAS = (
    (CITY, "东莞市", Level.CITY, None),
    (TOWN, "虎门镇", Level.TOWN, CITY),
    (COMMUNITY, "测速社区", Level.COMMUNITY, TOWN),
)
SEED = 2026


@dataclass(frozen=True)
class SignedIn:
    """A patroller's browser: the cookie of the session, and the token its forms carry."""

    cookie: str
    csrf_token: str


@dataclass(frozen=True)
class Scene:
    """What the clients need to know of the database that was prepared."""

    people: Sequence[SignedIn]
    items: Sequence[str]
    checks: Sequence[int]


def prepare(app: Flask, people: int, checks: int) -> Scene:
    """Write the scene into an empty database: so many patrollers, so many open checks of twenty items."""
    with beyond_reach("bench"), db.opened(Reach(Sight.CITY), writes=True) as own:
        company = add_territory()
        _official_facts(company)
        market = add_market(company)
        items = _twenty(market)
        checks_made = _open_checks(market, items, checks)
        signed_in = [_patroller(app, number, company, market) for number in range(people)]
        own.commit()
        return Scene(signed_in, [str(item["code"]) for item in items], checks_made)


def wake() -> None:
    """Let everybody have been seen just now, in the copy of the database that is in use."""
    with db.opened(None, writes=True) as own:
        own.execute(sa.update(SignIn).values(last_seen_at=clock.now()))
        own.commit()


def add_territory() -> Organisation:
    """A city, a town, a community, and a company in it."""
    for code, name, level, parent in AREAS:
        db.session.add(Area(code=code, name=name, level=level, parent_code=parent))
        db.session.flush()
    company = Organisation(
        kind=Kind.COMPANY, name="测速市场管理有限公司", short_name="测速公司", area_code=COMMUNITY
    )
    db.session.add(company)
    db.session.flush()
    return company


def _official_facts(company: Organisation) -> None:
    """What every installation loads, for submissions read it."""
    who = SYSTEM(Reach(Sight.CITY))
    workdays.load(read(facts.DATA / "workdays.csv"), "bench")
    lists.load_categories(read(facts.DATA / "categories.csv"), who)
    lists.load_lists(read(facts.DATA / "selfcheck_items.csv"), company.id, who)


def add_market(company: Organisation) -> Market:
    """The one market of a company."""
    market = Market(
        company_id=company.id,
        community_code=COMMUNITY,
        town_code=TOWN,
        code=f"{COMMUNITY}M001",
        name="测速肉菜市场",
        kind=MarketKind.WET,
        opener_name=company.name,
        address="测速路 1 号",
        opens_at=time(6),
        closes_at=time(19),
        state=MarketState.OPEN,
    )
    db.session.add(market)
    db.session.flush()
    return market


def _twenty(market: Market) -> list[dict[str, Any]]:
    """Items of the official lists that are ticked and want no photo of what is well."""
    official = sheets.official_items(market, clock.today())
    wanted = (
        item for item in official
        if item["kind"] == ItemKind.TICK and item["evidence_pass"] == Evidence.NONE
    )  # fmt: skip
    return list(islice(wanted, ITEMS))


def _open_checks(market: Market, items: list[dict[str, Any]], number: int) -> list[int]:
    line = PlanLine(
        market_id=market.id,
        slot=Slot.PATROL,
        starts_at=time(6),
        minutes=120,
        from_on=date(2026, 1, 1),
        set_by_id=0,
    ).stands_in(market)
    sheet = Sheet(
        market_id=market.id, slot=Slot.PATROL, digest=digest_of(items), items=items, skipped=[]
    ).stands_in(market)
    db.session.add_all([line, sheet])
    db.session.flush()
    made = [
        Occurrence(
            market_id=market.id, plan_line_id=line.id, sheet_id=sheet.id, slot=Slot.PATROL, ref=ref,
            item_count=len(items), **_facts(n, lot),
        ).stands_in(market)
        for n, (ref, lot) in enumerate(islice(_lots(), number))
    ]  # fmt: skip
    db.session.add_all(made)
    db.session.flush()
    return [one.id for one in made]


def _lots() -> Iterator[tuple[str, int]]:
    """A reference that did not come before, and a seed, again and again."""
    lots, given = Random(SEED), set[str]()
    while True:
        ref = refs.new_ref()
        if ref not in given:
            given.add(ref)
            yield ref, lots.randrange(2**31)


def _facts(number: int, lot: int) -> dict[str, Any]:
    """A check that was begun an hour ago and is in time for two more; the days it belongs to go back."""
    now = clock.now()
    return {
        "service_day": clock.today() - timedelta(days=number // A_DAY),
        "round_no": number % A_DAY + 1,
        "opens_at": now - timedelta(hours=1),
        "due_at": now + timedelta(hours=2),
        "missed_at": now + timedelta(hours=5),
        "opened_at": now - timedelta(minutes=50),
        "opened_by_name": "测速",
        "seed": lot,
        "state": CheckState.OPEN,
    }


def _patroller(app: Flask, number: int, company: Organisation, market: Market) -> SignedIn:
    person = Person(username=f"bench{number}", name=f"测样{number}")
    db.session.add(person)
    db.session.flush()
    membership = Membership(
        person_id=person.id, organisation_id=company.id, role=Role.PATROLLER, from_on=date(2026, 1, 1)
    )
    post = Post(
        company_id=company.id, market_id=market.id, person_id=person.id, kind=PostKind.PATROLLER,
        from_on=date(2026, 1, 1),
    )  # fmt: skip
    db.session.add_all([membership, post])
    db.session.flush()
    token = f"bench-{person.id}"
    db.session.add(
        SignIn(
            token_hash=accounts.hashed(token), stage=Stage.FULL, person_id=person.id,
            membership_id=membership.id, expires_at=clock.now() + timedelta(days=1),
        )
    )  # fmt: skip
    return _browser(app, token)


def _browser(app: Flask, token: str) -> SignedIn:
    """The cookie as the app itself signs it, and the token as it stands in every form."""
    with app.test_request_context():
        session[USER] = token
        csrf_token = generate_csrf()
        signer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
        return SignedIn(f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(dict(session))}", csrf_token)
