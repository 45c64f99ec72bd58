"""Posts: given to people of the company, from a day to a day."""

from datetime import date, timedelta

import pytest

from portal.accounts.models import Person
from portal.core import db
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.markets import operations, queries
from portal.markets.models import PostKind
from tests.markets.conftest import MONDAY

pytestmark = pytest.mark.usefixtures("monday")


def _person(actor) -> Person:
    return db.session.get_one(Person, actor.person_id)


def test_a_manager_appoints_and_ends(cast):
    with db.acting(cast.kuang):
        market = cast.market()
        post = operations.appoint(market, _person(cast.fu), PostKind.TESTER, MONDAY, cast.kuang)
        assert queries.holds_post(cast.fu.person_id, market.id, [PostKind.TESTER])
        operations.end_post(post, MONDAY - timedelta(days=0), cast.kuang)
        assert queries.holds_post(cast.fu.person_id, market.id, [PostKind.TESTER])
        with pytest.raises(TooLate):
            operations.end_post(post, MONDAY, cast.kuang)


def test_a_post_that_ended_yesterday_opens_nothing_today(cast):
    with db.acting(cast.kuang):
        market = cast.market()
        for post in queries.posts_of(market):
            if post.person_id == cast.mai.person_id:
                operations.end_post(post, MONDAY - timedelta(days=1), cast.kuang)
    with db.acting(cast.mai), pytest.raises(NotThere):
        queries.get_market(cast.mai, cast.east.market_id)


def test_nobody_holds_the_same_post_twice_at_once(cast):
    with db.acting(cast.kuang), pytest.raises(Mistake) as told:
        operations.appoint(cast.market(), _person(cast.kuang), PostKind.HEAD, MONDAY, cast.kuang)
    assert told.value.field == "kind"


def test_only_people_of_the_company_are_appointed(cast):
    for stranger in (cast.west_mai, cast.gu):
        with db.acting(cast.kuang), pytest.raises(Mistake) as told:
            operations.appoint(cast.market(), _person(stranger), PostKind.TESTER, MONDAY, cast.kuang)
        assert told.value.field == "person"


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(9999, 12, 31)])
def test_no_post_begins_in_another_age(cast, day):
    with db.acting(cast.kuang), pytest.raises(Mistake):
        operations.appoint(cast.market(), _person(cast.fu), PostKind.TESTER, day, cast.kuang)


def test_a_post_does_not_end_before_it_begins(cast):
    with db.acting(cast.kuang):
        post = queries.posts_of(cast.market())[0]
        with pytest.raises(Mistake) as told:
            operations.end_post(post, post.from_on - timedelta(days=1), cast.kuang)
        assert told.value.field == "to_on"


@pytest.mark.parametrize("who", ["mai", "fu", "zhen", "shi_ban"])
def test_only_the_manager_appoints(cast, who):
    actor = getattr(cast, who)
    with db.acting(actor), pytest.raises(NotAllowed):
        operations.appoint(cast.market(), _person(cast.fu), PostKind.TESTER, MONDAY, actor)


@pytest.mark.parametrize("who", ["qu", "gu", "zhen", "shi_ban"])
def test_officers_do_not_enter_the_companys_house(cast, who):
    with db.acting(getattr(cast, who)):
        assert queries.posts_of(cast.market()) == []


def test_colleagues_are_those_who_work_here_now(cast):
    with db.acting(cast.kuang):
        names = {person.name for person in queries.colleagues(cast.east.company_id)}
    assert names == {"麦小禾", "邝样安", "施样替", "符样帮"}
