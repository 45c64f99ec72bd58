"""The list of what a market needs: what is missing shows until nothing is."""

from datetime import time

import pytest
import sqlalchemy as sa

from portal.accounts.models import Membership, Person
from portal.accounts.operations.people import PersonCard
from portal.core import clock, db
from portal.core.actor import Role
from portal.core.errors import Mistake, NotAllowed
from portal.markets import operations, queries
from portal.markets.models import Market, PostKind, Sign, SignKind, Stall
from portal.markets.operations import ZoneFacts
from portal.markets.operations.setup import invite
from portal.markets.queries import setup
from portal.markets.workflow import SignState
from portal.selfcheck.models import PlanLine, Slot
from portal.territory.models import Area, Organisation
from tests.markets.conftest import market_facts
from tests.people import EAST_COMMUNITY
from tests.selfcheck import day
from tests.visitors import Visitor


@pytest.fixture
def bare(cast) -> int:
    """A market of East's company with nothing in it."""
    with db.acting(cast.zhen) as session:
        company = session.get_one(Organisation, cast.east.company_id)
        community = session.get_one(Area, EAST_COMMUNITY)
        return operations.register_market(company, community, market_facts(), cast.zhen).id


def _missing(actor, market_id) -> list[str]:
    with db.acting(actor) as session:
        found = setup.readiness_of(session.get_one(Market, market_id), actor)
        return [line.step.code for line in found.missing]


def _posts_words(cast, market_id) -> str:
    with db.acting(cast.kuang) as session:
        lines = setup.readiness_of(session.get_one(Market, market_id), cast.kuang).lines
        return str(next(line.standing.words for line in lines if line.step.code == "posts"))


def test_an_empty_market_lacks_everything_and_each_deed_takes_a_line_away(cast, bare):
    assert _missing(cast.kuang, bare) == ["zones", "stalls", "posts", "plan", "signs", "first_check"]
    with db.acting(cast.kuang) as session:
        market = session.get_one(Market, bare)
        operations.add_zone(market, ZoneFacts("A", "猪肉区"), cast.kuang)
        operations.add_stalls(market, "A-001", "A-002", None, cast.kuang)
        head = session.get_one(Person, cast.kuang.person_id)
        for kind in queries.steps.posts_needed(market):
            operations.appoint(market, head, kind, clock.today(), cast.kuang)
        line = PlanLine(market_id=bare, slot=Slot.OPENING, starts_at=time(5), minutes=60, from_on=clock.today(),
                        set_by_id=1)  # fmt: skip
        session.add(line.stands_in(market))
    assert _missing(cast.kuang, bare) == ["signs", "first_check"]
    with db.acting(cast.kuang) as session:
        market = session.get_one(Market, bare)
        for number, stall in enumerate(session.scalars(sa.select(Stall).where(Stall.market_id == bare))):
            facts = {"market_id": bare, "kind": SignKind.STALL, "subject_id": stall.id, "code_sealed": "-"}
            sign = Sign(**facts, ref=f"10000000{number}", state=SignState.LIVE, made_by="样",
                        printed_at=clock.now())  # fmt: skip
            session.add(sign.stands_in(market))
    assert _missing(cast.kuang, bare) == ["first_check"]


def test_a_check_that_was_handed_in_is_the_last_line(cast):
    with clock.at(day.WALKING):
        day.submitted(cast)
        assert "first_check" not in _missing(cast.kuang, cast.east.market_id)
        assert "first_check" in _missing(cast.west_kuang, cast.west.market_id)


def test_which_posts_a_market_needs_hangs_on_what_it_sells(cast, bare):
    assert "食品安全员" in _posts_words(cast, bare)
    with db.acting(cast.kuang) as session:
        market = session.get_one(Market, bare)
        operations.edit_market(market, market_facts(kind="clothing"), market.version, cast.kuang)
    assert "安全管理人" in _posts_words(cast, bare) and "食品安全员" not in _posts_words(cast, bare)


def test_officers_see_what_is_missing_but_not_a_companys_own_house(app, cast, bare):
    assert "posts" not in _missing(cast.qu, bare) and "zones" in _missing(cast.qu, bare)
    for name in ("qu", "zhen"):
        officer = Visitor(app).sign_in(name)
        assert "新样肉菜市场" in officer.get("/markets/arriving").text
        text = officer.get(f"/markets/{bare}/setup").text
        assert "还没有分区" in text and f'href="/markets/{bare}/zones"' not in text.partition("<ol")[2]
    assert Visitor(app).sign_in("west_qu").get(f"/markets/{bare}/setup").status_code == 404


def test_the_gap_is_told_on_top_of_the_market_and_of_the_day(app, cast, bare):
    manager = Visitor(app).sign_in("kuang")
    assert "还差 6 样" in manager.get(f"/markets/{bare}").text
    today = manager.get("/today").text
    assert "还差 6 样" in today and "新样肉菜市场" in today
    assert "还差" not in Visitor(app).sign_in("mai").get("/today").text


def test_somebody_is_invited_with_role_and_posts_in_one_form(app, cast, bare):
    manager = Visitor(app).sign_in("kuang")
    manager.get(f"/markets/{bare}/invite")
    fields = {"name": "新来的人", "phone": "13900139000", "role": "patroller",
              "posts": ["patroller", "food_safety_officer"]}  # fmt: skip
    answer = manager.post(f"/markets/{bare}/invite", fields)
    assert answer.status_code == 200 and "/link/" in answer.text
    with db.acting(cast.kuang) as session:
        posts = queries.posts_of(session.get_one(Market, bare))
        assert {(post.person.name, post.kind) for post in posts} == {
            ("新来的人", PostKind.PATROLLER),
            ("新来的人", PostKind.FOOD_SAFETY_OFFICER),
        }
    text = manager.get("/people").text
    assert "邀请到" in text
    with clock.at(clock.now() + day.timedelta(days=8)):
        assert "邀请已过期" in Visitor(app).sign_in("kuang").get("/people").text


def test_a_colleague_only_gets_the_posts_and_a_stranger_invites_nobody(cast, bare):
    with db.acting(cast.kuang) as session:
        session.get_one(Person, cast.mai.person_id).phone = "13800138002"
    card = PersonCard("麦小禾", "13800138002")
    with db.acting(cast.kuang) as session:
        market, before = (
            session.get_one(Market, bare),
            session.scalar(sa.select(sa.func.count(Membership.id))),
        )
        invited = invite(market, card, Role.PATROLLER, [PostKind.PATROLLER], cast.kuang)
        assert invited.token == "" and invited.membership.id == cast.mai.membership_id
        assert session.scalar(sa.select(sa.func.count(Membership.id))) == before
        with pytest.raises(Mistake):
            invite(market, card, Role.PATROLLER, [], cast.kuang)
        for actor in (cast.mai, cast.zhen):
            with pytest.raises(NotAllowed):
                invite(market, card, Role.PATROLLER, [PostKind.TESTER], actor)


def test_many_markets_and_all_steps_are_one_statement(cast, bare, statements):
    with db.acting(cast.zhen):
        found = queries.list_markets(cast.zhen).rows
        before = len(statements)
        assert len(setup.readiness_of_all(found, cast.zhen)) == len(found) > 1
        assert len(statements) - before == 1


def test_a_second_step_of_one_code_is_refused(cast):
    with pytest.raises(ValueError, match="zones"):
        setup.register(setup.steps()[0])
