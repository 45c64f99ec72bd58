"""Another company comes to run a market: the market goes over whole, the people of the company before do not."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.accounts.models import Membership, Person
from portal.accounts.operations import sessions
from portal.accounts.queries import actor_in, standing_of
from portal.core import clock, db, errands, journal
from portal.core.actor import SYSTEM, Role
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.core.reach import Owned, beyond_reach, classes_of
from portal.evidence import queries as evidence
from portal.evidence.models import Attachment, Blob
from portal.markets import operations, queries
from portal.markets.models import Market, Post, Sign, SignKind, Vendor
from portal.markets.operations.operators import loose_keys
from portal.markets.operations.stamping import rows_of
from portal.markets.workflow import SignState
from portal.territory.models import Organisation
from tests.markets.conftest import MONDAY, kind_of, paper_facts, stall_of, vendor_of
from tests.site.access_people import add_person
from tests.visitors import Visitor

pytestmark = pytest.mark.usefixtures("monday")


@pytest.fixture
def lived_in(cast, new_vendor, photo):
    """A market with a vendor who has an account, a stay, and a paper with a photo."""
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        operations.move_in(stall_of(cast), vendor_of(vendor_id), MONDAY, cast.kuang)
        paper = operations.record_paper(
            vendor_of(vendor_id), kind_of("tobacco_permit"), paper_facts(), cast.kuang
        )
        operations.add_photos(paper, [photo], cast.kuang)
    with db.acting(SYSTEM(None)):
        add_person("dang", "梁样烧", Role.VENDOR, cast.east.company_id, vendor_id=vendor_id)
    return vendor_id


def _decide(cast, actor, company_id=None, reason="合同到期，另找公司"):
    with db.acting(actor):
        market = queries.get_market(actor, cast.east.market_id)
        company = db.session.get_one(Organisation, company_id or cast.west.company_id)
        operations.change_operator(market, company, reason, actor)


def _change(cast):
    _decide(cast, cast.zhen)
    errands.drain()


def _beyond(query):
    with beyond_reach("a test looks"), db.opened(None, writes=False) as session:
        return session.scalars(query).all()


def test_every_row_goes_over_and_the_manager_before_sees_nothing_more(cast, lived_in):
    _change(cast)
    for cls in classes_of(Owned):
        companies = set(_beyond(sa.select(cls.company_id).where(rows_of(cls, cast.east.market_id))))
        assert companies <= {cast.west.company_id}, cls.__name__
    with db.acting(cast.kuang), pytest.raises(NotThere):
        queries.get_market(cast.kuang, cast.east.market_id)
    with db.acting(cast.west_kuang):
        market = queries.get_market(cast.west_kuang, cast.east.market_id)
        assert len(queries.list_stalls(market).rows) == 6
        attachment = db.session.scalars(sa.select(Attachment.id)).one()
        assert evidence.get_shown(attachment, cast.west_kuang).blob.company_id == cast.west.company_id


def test_posts_of_the_company_before_end_that_day_and_its_people_stay_its_people(cast, lived_in):
    _change(cast)
    of_east = sa.select(Post.to_on).where(Post.company_id == cast.east.company_id)
    assert set(_beyond(of_east)) == {MONDAY}
    with db.reading():
        assert actor_in(cast.mai.membership_id).company_id == cast.east.company_id
    with db.acting(cast.west_kuang):
        assert queries.posts_of(db.session.get_one(Market, cast.east.market_id)) == []


def test_a_vendor_signed_in_goes_on_with_his_own_file(cast, lived_in):
    with db.acting(SYSTEM(None)) as session:
        person = session.scalars(sa.select(Person).where(Person.username == "dang")).one()
        token = sessions.advance(sessions.begin(person, sessions.Visitor()).sign_in, sessions.Visitor()).token
    _change(cast)
    with db.reading():
        standing = standing_of(token)
    assert standing is not None and standing.actor.company_id == cast.west.company_id
    with db.acting(standing.actor):
        assert [one.id for one in db.session.scalars(sa.select(Vendor))] == [lived_in]


def test_the_history_says_who_ran_it_and_the_page_that_it_is_under_way(app, cast, lived_in):
    path = f"/markets/{cast.east.market_id}"
    town, company = Visitor(app).sign_in("zhen"), "西样市场管理有限公司"
    town.get(f"{path}/operator")
    answer = town.post(f"{path}/operator", {"company": "西样公司", "reason": "合同到期"})
    assert answer.status_code == 200 and company in answer.text and "确定改由" in answer.text
    fields = {"company": "西样公司", "reason": "合同到期"}
    assert (
        'action="/markets/1/operator/change"'
        not in town.post(f"{path}/operator", fields | {"edit": "y"}).text
    )
    assert town.post(f"{path}/operator/change", fields).status_code == 303
    assert "正在更新" in town.get(path).text
    assert town.post(f"{path}/operator/change", fields).status_code == 409
    errands.drain()
    text = town.get(path).text
    assert "正在更新" not in text and "东样市场管理有限公司" in text and company in text
    old, new = Visitor(app).sign_in("kuang"), Visitor(app).sign_in("west_kuang")
    assert old.get(path).status_code == 404
    assert new.get(path).status_code == 200 and "东样肉菜市场" in new.get("/notices").text


def test_only_its_own_town_and_the_city_change_the_operator(cast):
    with db.acting(cast.shi_ban):
        market = queries.get_market(cast.shi_ban, cast.east.market_id)
        company = db.session.get_one(Organisation, cast.west.company_id)
        for actor in (cast.kuang, cast.qu, cast.west_zhen, cast.xiao):
            with pytest.raises(NotAllowed):
                operations.change_operator(market, company, "合同到期", actor)


def test_not_to_the_same_company_nor_to_an_office_nor_twice_at_once(cast):
    for number in (cast.east.company_id, cast.zhen.organisation_id):
        with pytest.raises(Mistake) as told:
            _decide(cast, cast.zhen, number)
        assert told.value.field == "company"
    _decide(cast, cast.zhen)
    with pytest.raises(TooLate):
        _decide(cast, cast.zhen)


def test_done_twice_it_is_done_once(cast, lived_in):
    _change(cast)
    with clock.at(clock.now() + timedelta(minutes=11)):
        errands.drain()
    parts = _beyond(sa.select(Membership.id).where(Membership.role == Role.VENDOR))
    assert len(parts) == 2, "one that ended, one that goes on"


def test_a_spoken_number_that_is_taken_over_there_is_given_anew(cast, lived_in):
    with beyond_reach("a test makes twins"), db.opened(None, writes=True) as session:
        for side in (cast.east, cast.west):
            facts = {"market_id": side.market_id, "kind": SignKind.MARKET, "subject_id": side.market_id}
            sign = Sign(**facts, ref="123456789", code_sealed="-", state=SignState.LIVE, made_by="样")
            session.add(sign.stands_in(session.get_one(Market, side.market_id)))
        session.commit()
    _change(cast)
    with db.acting(cast.west_kuang):
        moved, own = db.session.scalars(sa.select(Sign).order_by(Sign.id))
        assert own.ref == "123456789" != moved.ref
        assert [line.verb for line in journal.of(moved)] == ["renumber"]


def test_no_other_unique_key_can_clash(cast):
    assert {names for _, names in loose_keys()} == {("ref",), ("code",)}, (
        "say in operators.py what becomes of it"
    )
    assert {table for table, names in loose_keys() if names == ("code",)} == {"market"}, "never given twice"
    assert _beyond(sa.select(Blob.id)) == []
