"""The area view: figures of many markets in few statements, the records behind them, and who sees which."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from portal.core import clock, db
from portal.core.actor import SYSTEM, Actor
from portal.core.reach import Reach, Sight, beyond_reach
from portal.insight.queries import coverage, overview, permits
from portal.insight.queries.coverage import Fate
from portal.insight.queries.part import Part, choose
from portal.markets import operations
from portal.markets.models import Market, MarketKind, VendorKind
from portal.markets.workflow import MarketState
from tests.markets.conftest import OTHER_USCC, OWN_ID, USCC, kind_of, paper_facts, record, rows, vendor_facts
from tests.people import Cast
from tests.selfcheck import day
from tests.visitors import Visitor


@pytest.fixture(autouse=True)
def noon(cast: Cast) -> Iterator[None]:
    """Friday noon: the opening check is over, patrols are under way; the kinds of paper and the trades are loaded."""
    with clock.at(day.OPENS + timedelta(hours=7)):
        with db.acting(SYSTEM(Reach(Sight.CITY))) as session:
            who = SYSTEM(session.reach)
            operations.load_papers(rows("papers"), who)
            operations.load_trades(rows("trades"), who)
        yield


def part_of(actor: Actor, **asked: Any) -> Part:
    return choose(actor, **{"town": "", "community": "", "kind": None, "function": ""} | asked)


def make_checks(cast: Cast) -> None:
    """In time, late, missed, overdue and still to come: one of each, and one missed yesterday."""
    day.submitted(cast)
    hours = timedelta(hours=1)
    offsets = ((-24, 1), (2, 1), (5, 12), (11, 1))
    for number, (opens, grace) in enumerate(offsets, start=2):
        first, last = day.OPENS + opens * hours, grace * hours
        day.make_check(cast, opens_at=first, grace=last, round_no=number)


def test_every_check_has_one_fate_and_the_list_behind_a_figure_is_as_long_as_the_figure(cast):
    make_checks(cast)
    with db.acting(cast.zhen):
        part = part_of(cast.zhen)
        found = coverage.coverage_of(part)
        assert found.today.numbers == {
            Fate.ON_TIME: 1,
            Fate.LATE: 0,
            Fate.OVERDUE: 1,
            Fate.MISSED: 1,
            Fate.AHEAD: 1,
        }
        assert (found.window.numbers[Fate.MISSED], found.window.due, found.window.percent) == (2, 4, 25)
        for tally, only_today in ((found.today, True), (found.window, False)):
            for fate, number in tally.numbers.items():
                assert len(coverage.list_checks(part, fate, only_today=only_today).rows) == number
        market = cast.market()
        assert coverage.coverage_by_market(part, [market])[market.id] == found
        slots = coverage.coverage_by_slot(part, [market])[market.id]
        assert sum(tally.due for tally in slots.values()) == found.window.due


def test_others_see_nothing_of_it(cast):
    make_checks(cast)
    for actor, sees in (
        (cast.qu, 4),
        (cast.xiao, 4),
        (cast.shi_ban, 4),
        (cast.west_zhen, 0),
        (cast.west_qu, 0),
    ):
        with db.acting(actor):
            assert coverage.coverage_of(part_of(actor)).window.due == sees, actor.role


def lacking(cast: Cast) -> list[int]:
    """Four vendors: one without a permit, one whose permit ran out, one in order, one farmer who needs none."""
    ids = []
    with db.acting(cast.kuang) as session:
        for name, uscc, facts in (
            ("甲样", USCC, {}),
            ("乙样", OTHER_USCC, {}),
            ("丙样", "92441900MA9Y00017M", {}),
            ("丁样", "", {"kind": VendorKind.OWN_PRODUCE, "identity": OWN_ID}),
        ):
            trades = ["food_catering", "farm_products"]
            given = vendor_facts(name=name, uscc=uscc, trade_codes=trades, **facts)
            vendor = operations.register_vendor(cast.market(), given, cast.kuang)
            session.flush()
            ids.append(vendor.id)
    for vendor_id, kinds in (
        (ids[0], ()),
        (ids[1], ("food_permit",)),
        (ids[2], ("food_permit", "business_licence")),
    ):
        for kind in kinds:
            ends = date(2026, 9, 30) if vendor_id == ids[1] else date(2027, 12, 31)
            record(
                cast,
                vendor_id,
                kind,
                number="JY24419001234567" if kind == "food_permit" else "",
                expires_on=ends,
            )
    return ids


def test_what_the_law_asks_for_and_is_not_in_force_is_counted_once_a_vendor_and_paper(cast):
    ids = lacking(cast)
    with db.acting(cast.zhen):
        part = part_of(cast.zhen)
        assert permits.count_gaps(part) == permits.Gaps(vendors=2, papers=4)
        assert permits.gaps_by_market(part, [cast.market()]) == {cast.east.market_id: permits.Gaps(2, 4)}
        lines = {line.vendor.id: [kind.code for kind in line.kinds] for line in permits.list_gaps(part).rows}
        both = ["business_licence", "food_permit"]
        assert lines == {ids[0]: both, ids[1]: both}
        assert overview.count_running(part) == overview.Running(expired=1, soon=0)
    with db.acting(cast.west_zhen):
        assert permits.count_gaps(part_of(cast.west_zhen)) == permits.Gaps()


def test_a_department_counts_the_papers_of_its_functions_alone(cast):
    lacking(cast)
    with db.acting(cast.kuang):
        soon = paper_facts(expires_on=clock.today() + timedelta(days=9), holder_name="消防")
        operations.record_paper(cast.market(), kind_of("fire_facility_test"), soon, cast.kuang)
    fire = officer_of(cast.xiao, "fire")
    supervision = officer_of(cast.xiao, "market_supervision")
    for actor, gaps, running in (
        (fire, 0, (0, 1)),
        (supervision, 4, (1, 0)),
        (officer_of(cast.xiao), 0, (0, 0)),
    ):
        with db.acting(actor):
            part = part_of(actor)
            assert permits.count_gaps(part).papers == gaps
            assert overview.count_running(part) == overview.Running(*running)
    with db.acting(cast.zhen):
        assert overview.count_running(part_of(cast.zhen)) == overview.Running(1, 1)


def officer_of(actor: Actor, *functions: str) -> Actor:
    """A department's officer with these functions."""
    return replace(actor, functions=frozenset(functions))


@pytest.fixture
def city(cast: Cast) -> int:
    """Six hundred markets in both towns."""
    with beyond_reach("a test fills a city"), db.opened(None, writes=True) as session:
        for number in range(300):
            for side in (cast.east, cast.west):
                codes = {"company_id": side.company_id, "community_code": side.community_code,
                         "town_code": side.town_code}  # fmt: skip
                session.add(Market(**codes, code=f"{side.community_code}M9{number:03d}", name=f"样{number}市场",
                                   kind=MarketKind.CLOTHING, opener_name="样", address="样板路", opens_at=time(6),
                                   closes_at=time(19), state=MarketState.OPEN))  # fmt: skip
        session.commit()
    return 602


def test_a_city_of_six_hundred_markets_is_told_in_a_dozen_statements(app, cast, city, statements):
    make_checks(cast)
    lacking(cast)
    visitor = Visitor(app).sign_in("shi_ban")
    for path in (
        "/area",
        "/area/markets",
        "/area/coverage",
        "/area/checks?what=missed",
        "/area/papers",
        "/area/permits",
    ):
        statements.statements.clear()
        answer = visitor.get(path)
        assert answer.status_code == 200 and len(statements) <= 12, (path, len(statements))
    shown = visitor.get("/area")
    assert f"有 {city} 个市场在营" in shown.text and "600 个" in shown.text
    assert "有 301 个市场在营" in visitor.get(f"/area?town={cast.east.town_code}").text
    assert "有 1 个市场在营" in visitor.get(f"/area?town={cast.east.town_code}&kind=wet").text
    assert visitor.get("/area/markets").text.count("样板") < 60


def test_only_officers_of_an_area_open_it(app, cast):
    for who, status in (
        ("zhen", 200),
        ("qu", 200),
        ("gu", 200),
        ("xiao", 200),
        ("kuang", 403),
        ("shen", 403),
    ):
        assert Visitor(app).sign_in(who).get("/area").status_code == status
