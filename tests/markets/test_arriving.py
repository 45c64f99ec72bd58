"""A market comes in: company, market and first manager on one page, once looked at, and a link that opens once."""

import re
from html import unescape

import pytest
import sqlalchemy as sa

from portal.accounts.models import LinkPurpose, Membership, OneTimeLink, Person
from portal.accounts.operations.people import PersonCard
from portal.core import db
from portal.core.actor import SYSTEM, Role
from portal.core.errors import Mistake, NotAllowed
from portal.markets.models import Market
from portal.markets.operations.arriving import Arrival, arrive
from portal.territory.models import Area, Organisation
from portal.territory.operations import NameCard
from tests.markets.conftest import OTHER_USCC, USCC, market_facts
from tests.people import EAST_COMMUNITY, WEST_COMMUNITY, count_rows
from tests.visitors import Visitor

pytestmark = pytest.mark.usefixtures("cast")
TYPED = {
    "company_uscc": USCC.lower(),
    "company_name": "新样市场管理有限公司",
    "community": EAST_COMMUNITY,
    "seat": "",
    "name": "新样肉菜市场",
    "kind": "wet",
    "opener_name": "新样股份经济合作社",
    "address": "新样路 8 号",
    "opens_at": "05:30",
    "closes_at": "19:00",
    "manager_name": "卢样新",
    "manager_phone": "139 0013 9000",
}


def _arrival(community=EAST_COMMUNITY, company=None, manager=None, **changes) -> Arrival:
    return Arrival(
        company or NameCard("新样市场管理有限公司", uscc=USCC),
        db.session.get_one(Area, community),
        market_facts(**changes),
        manager or PersonCard("卢样新", "13900139000"),
    )


def _known(cast) -> None:
    """East's company bears a credit code."""
    with db.acting(SYSTEM(None)):
        db.session.get_one(Organisation, cast.east.company_id).uscc = USCC


def test_the_town_enters_all_three_on_one_page_and_the_manager_begins_with_the_link(app, cast):
    town = Visitor(app).sign_in("zhen")
    town.get("/markets/arrive")
    looked = town.post("/markets/arrive", TYPED)
    assert looked.status_code == 200 and "核对后登记" in looked.text and "卢样新" in looked.text
    assert count_rows(Market) == 2, "a last look writes nothing"
    assert 'value="新样路 8 号"' in town.post("/markets/arrive", TYPED | {"edit": "y"}).text
    text = town.post("/markets/arrive/register", TYPED).text
    assert "新样肉菜市场 登记好了" in text
    link = re.search(r'value="http[^"]*(/link/[^"]+)"', unescape(text))
    manager = Visitor(app)
    assert manager.get(link.group(1)).status_code == 200
    with db.acting(cast.zhen) as session:
        market = session.scalars(sa.select(Market).where(Market.name == "新样肉菜市场")).one()
        company = session.get_one(Organisation, market.company_id)
        assert (company.name, company.uscc, company.area_code) == (
            TYPED["company_name"],
            USCC,
            EAST_COMMUNITY,
        )
    assert "新样肉菜市场" in town.get("/markets/arriving").text


def test_everything_that_is_wrong_is_said_at_once_beside_its_field(app, cast):
    _known(cast)
    town = Visitor(app).sign_in("zhen")
    town.get("/markets/arrive")
    wrong = TYPED | {"address": "路", "manager_phone": "123", "opener_uscc": "92441900MA4X00001H",
                     "name": "东样肉菜市场", "area_m2": "-3", "opens_at": "25:99"}  # fmt: skip
    answer = town.post("/markets/arrive", wrong)
    assert answer.status_code == 422
    faulty = set(re.findall(r'id="(\w+)-error"', answer.text))
    assert faulty == {
        "address",
        "manager_phone",
        "opener_uscc",
        "name",
        "company_name",
        "area_m2",
        "opens_at",
    }
    assert town.post("/markets/arrive/register", wrong).status_code == 422
    assert count_rows(Market) == 2


def test_the_same_credit_code_joins_the_company_that_is_there(cast):
    _known(cast)
    before = count_rows(Organisation)
    with db.acting(cast.zhen):
        arrived = arrive(_arrival(company=NameCard("", uscc=f" {USCC} ")), cast.zhen)
        assert arrived.company.id == cast.east.company_id and arrived.token
    assert count_rows(Organisation) == before


def test_a_company_of_the_same_name_or_an_office_of_the_same_code_makes_no_twin(cast):
    with db.acting(SYSTEM(None)):
        db.session.get_one(Organisation, cast.zhen.organisation_id).uscc = OTHER_USCC
    for card, field in (
        (NameCard("东样市场管理有限公司", uscc=USCC), "company_name"),
        (NameCard("", uscc=OTHER_USCC), "company_uscc"),
        (NameCard("", uscc=USCC), "company_name"),
    ):
        with db.acting(cast.zhen), pytest.raises(Mistake) as told:
            arrive(_arrival(company=card), cast.zhen)
        assert told.value.field == field


def test_a_manager_who_is_there_already_keeps_his_account_and_gets_no_link(cast):
    _known(cast)
    with db.acting(SYSTEM(None)):
        db.session.get_one(Person, cast.kuang.person_id).phone = "13800138001"
    people = count_rows(Membership)
    with db.acting(cast.zhen):
        manager = PersonCard("邝样安", "13800138001")
        arrived = arrive(_arrival(company=NameCard("", uscc=USCC), manager=manager), cast.zhen)
        assert arrived.manager.id == cast.kuang.membership_id and arrived.token == ""
    assert (count_rows(Membership), count_rows(OneTimeLink)) == (people, 0)


def test_a_company_of_another_town_comes_with_its_own_manager_alone(cast):
    _known(cast)
    with db.acting(cast.west_zhen), pytest.raises(Mistake) as told:
        arrive(_arrival(WEST_COMMUNITY, NameCard("", uscc=USCC)), cast.west_zhen)
    assert told.value.field == "manager_phone"
    with db.acting(cast.shi_ban):
        assert arrive(_arrival(WEST_COMMUNITY, NameCard("", uscc=USCC)), cast.shi_ban).token


def test_only_the_town_of_the_place_and_the_city_enter_it(cast):
    for actor in (cast.qu, cast.kuang, cast.west_zhen, cast.xiao):
        with db.acting(actor), pytest.raises(NotAllowed):
            arrive(_arrival(), actor)


def test_what_fails_half_way_leaves_nothing(app, cast):
    before = [count_rows(cls) for cls in (Organisation, Market, Person)]
    town = Visitor(app).sign_in("zhen")
    town.get("/markets/arrive")
    answer = town.post("/markets/arrive/register", TYPED | {"manager_phone": "9" * 11})
    assert answer.status_code == 422
    assert [count_rows(cls) for cls in (Organisation, Market, Person)] == before


def test_the_link_is_an_invitation_of_seven_days(cast):
    with db.acting(cast.zhen):
        arrived = arrive(_arrival(), cast.zhen)
        link = db.session.scalars(sa.select(OneTimeLink)).one()
        assert (link.purpose, link.person_id) == (LinkPurpose.INVITE, arrived.person.id)
        assert arrived.manager.role is Role.MARKET_MANAGER
