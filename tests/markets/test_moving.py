"""A market that comes to be counted with another community takes every row with it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.core import clock, db, door, errands
from portal.core.actor import SYSTEM
from portal.core.door import Door
from portal.core.errors import Mistake, NotAllowed, NotThere, TooLate
from portal.core.reach import Owned, Reach, Sight, beyond_reach, classes_of
from portal.markets import operations, queries
from portal.markets.models import Paper, PaperWarning, Vendor
from portal.markets.operations.stamping import rows_of
from portal.territory.models import Area, Level
from tests.markets.conftest import MONDAY, kind_of, paper_facts, stall_of, vendor_of
from tests.people import EAST_COMMUNITY, EAST_TOWN, WEST_COMMUNITY, WEST_TOWN

pytestmark = pytest.mark.usefixtures("monday")

NEIGHBOUR = "441900121002"


@pytest.fixture
def neighbour(cast):
    """Another community of the eastern town."""
    with db.acting(cast.shi_ban):
        db.session.add(Area(code=NEIGHBOUR, name="邻样社区", level=Level.COMMUNITY, parent_code=EAST_TOWN))


@pytest.fixture
def lived_in(cast, new_vendor):
    """A market with a vendor, a stay, a paper and a warning."""
    vendor_id = new_vendor()
    with db.acting(cast.kuang):
        operations.move_in(stall_of(cast), vendor_of(vendor_id), MONDAY, cast.kuang)
        facts = paper_facts(expires_on=MONDAY + timedelta(days=7))
        operations.record_paper(vendor_of(vendor_id), kind_of("tobacco_permit"), facts, cast.kuang)
    with db.acting(SYSTEM(Reach(Sight.COMPANY, str(cast.east.company_id)))):
        operations.remind_of_papers(cast.east.company_id)


def _decide(cast, actor, code, reason="社区合并"):
    with db.acting(actor):
        community = db.session.get_one(Area, code)
        return operations.restamp(cast.market(), community, reason, actor).id


def _move(cast, actor, code):
    """Decided, and the errand done."""
    _decide(cast, actor, code)
    errands.drain()


def _codes(cls) -> set[tuple[str, str]]:
    with beyond_reach("a test looks"), db.opened(None, writes=False) as session:
        return {tuple(row) for row in session.execute(sa.select(cls.community_code, cls.town_code)).all()}


def test_every_row_takes_the_new_codes_append_only_ones_included(cast, lived_in):
    _move(cast, cast.shi_ban, WEST_COMMUNITY)
    for cls in (Vendor, Paper, PaperWarning):
        assert _codes(cls) == {(WEST_COMMUNITY, WEST_TOWN)}
    with db.acting(cast.qu), pytest.raises(NotThere):
        queries.get_market(cast.qu, cast.east.market_id)
    with db.acting(cast.west_qu):
        market = queries.get_market(cast.west_qu, cast.east.market_id)
        assert len(queries.list_stalls(market).rows) == 6
        assert len(queries.due_papers(cast.west_qu).rows) == 1


def test_the_other_market_stays_where_it_is(cast, lived_in):
    _move(cast, cast.shi_ban, WEST_COMMUNITY)
    with db.acting(cast.shi_ban):
        assert cast.market(cast.west).community_code == WEST_COMMUNITY
        assert len(queries.list_stalls(cast.market(cast.west)).rows) == 6


def test_history_keeps_where_it_was(cast, lived_in):
    _move(cast, cast.shi_ban, WEST_COMMUNITY)
    with db.acting(cast.west_zhen):
        line = queries.moves_of(cast.market())[0]
        assert (line.from_community_code, line.to_community_code) == (EAST_COMMUNITY, WEST_COMMUNITY)
        assert (line.moved_by, line.reason) == (cast.shi_ban.name, "社区合并")


def test_the_code_on_the_sign_stays_the_same(cast, lived_in):
    with db.acting(cast.kuang):
        before = cast.market().code
    _move(cast, cast.shi_ban, WEST_COMMUNITY)
    with db.acting(cast.kuang):
        assert cast.market().code == before


def test_a_town_moves_a_market_inside_itself_and_not_out(cast, lived_in, neighbour):
    _move(cast, cast.zhen, NEIGHBOUR)
    assert _codes(Paper) == {(NEIGHBOUR, EAST_TOWN)}
    with pytest.raises(NotAllowed):
        _decide(cast, cast.zhen, WEST_COMMUNITY)


def test_a_move_to_the_same_place_or_to_a_town_is_a_mistake(cast):
    for code in (EAST_COMMUNITY, WEST_TOWN):
        with pytest.raises(Mistake):
            _decide(cast, cast.shi_ban, code)


def test_a_company_moves_nothing(cast, neighbour):
    with pytest.raises(NotAllowed):
        _decide(cast, cast.kuang, NEIGHBOUR)


def test_from_every_owned_table_a_way_leads_to_its_market(cast):
    for cls in classes_of(Owned):
        assert rows_of(cls, 1) is not None, cls.__name__


def test_a_class_without_a_way_is_refused_and_not_left_behind():
    class Lost:
        __table__ = sa.table("lost")

    with pytest.raises(LookupError):
        rows_of(Lost, 1)


def test_until_the_errand_is_done_the_page_says_so_and_nothing_else_is_decided(cast, neighbour):
    _decide(cast, cast.zhen, NEIGHBOUR)
    with db.acting(cast.zhen):
        assert queries.past_of(cast.market()).is_on_the_way
        with pytest.raises(TooLate):
            operations.restamp(cast.market(), db.session.get_one(Area, EAST_COMMUNITY), "改回去", cast.zhen)
    errands.drain()
    with db.acting(cast.zhen):
        assert not queries.past_of(cast.market()).is_on_the_way


def test_what_was_begun_under_the_old_codes_follows_a_little_later(cast, neighbour, lived_in):
    with db.acting(cast.kuang):
        late = cast.market().community_code
    _move(cast, cast.zhen, NEIGHBOUR)
    with beyond_reach("a test is slow"), db.opened(None, writes=True) as session:
        session.execute(
            sa.update(Vendor).values(community_code=late), execution_options={"synchronize_session": False}
        )
        session.commit()
    with clock.at(clock.now() + timedelta(minutes=11)):
        errands.drain()
    assert _codes(Vendor) == {(NEIGHBOUR, EAST_TOWN)}


def test_what_opens_without_an_account_looks_where_the_market_is_now(cast, neighbour):
    with db.acting(cast.kuang):
        code = door.make("stall", stall_of(cast))
    _move(cast, cast.zhen, NEIGHBOUR)
    with db.reading() as session:
        assert session.scalars(sa.select(Door.community_code)).one() == NEIGHBOUR
        assert door.find("stall", code) is not None
