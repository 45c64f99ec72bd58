"""Reading and writing stay within one reach; what cannot be narrowed is refused.  A new way is a new line here."""

from datetime import date

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from portal.core import db
from portal.core.reach import (
    Housed,
    Machinery,
    Owned,
    Reach,
    ReachRefused,
    Shared,
    Sight,
    beyond_reach,
    classes_of,
)
from portal.markets.models import Market, MarketMove, Occupancy, Post, PostKind, Stall, Zone
from portal.markets.workflow import StallState
from tests.people import EAST_COMMUNITY, EAST_TOWN, Cast

ALIAS = aliased(Stall)
INNER = sa.select(Stall.id, Stall.code).subquery()
CTE = sa.select(Stall.code).cte()

NARROWED = {
    "entities": lambda: sa.select(Stall),
    "columns": lambda: sa.select(Stall.code),
    "count": lambda: sa.select(Stall.code, sa.func.count()).group_by(Stall.code, Stall.id),
    "alias": lambda: sa.select(ALIAS),
    "alias column": lambda: sa.select(ALIAS.code),
    "join": lambda: sa.select(Stall).join(Zone, Zone.id == Stall.zone_id),
    "alias join": lambda: sa.select(Stall.id).join(ALIAS, ALIAS.id == Stall.id),
    "subquery": lambda: sa.select(INNER.c.code),
    "cte": lambda: sa.select(CTE.c.code),
    "union": lambda: sa.select(Stall.id).union(sa.select(Stall.id)),
    "in": lambda: sa.select(Stall.code).where(Stall.id.in_(sa.select(Stall.id))),
    "exists inside": lambda: sa.select(Stall.id).where(sa.exists().where(Zone.id == Stall.zone_id)),
    "scalar subquery": lambda: sa.select(Stall.id, sa.select(sa.func.count(Zone.id)).scalar_subquery()),
    "lateral order": lambda: sa.select(Stall).order_by(Stall.sort_key).limit(100),
    "distinct": lambda: sa.select(Stall.id).distinct(),
    "case": lambda: sa.select(sa.case((Stall.code == "A-001", 1), else_=0)).select_from(Stall),
    "entity and table column": lambda: sa.select(Stall.id, Zone.name).where(Zone.id == Stall.zone_id),
}
REFUSED = {
    "core": lambda: sa.select(Stall.__table__),
    "core column": lambda: sa.select(Stall.__table__.c.code),
    "core beside entity": lambda: sa.select(Zone.id, Stall.__table__.c.code),
    "core in subquery": lambda: sa.select(Zone.id).where(Zone.id.in_(sa.select(Stall.__table__.c.zone_id))),
    "core from": lambda: sa.select(Zone.id).select_from(Stall.__table__),
    "core join": lambda: sa.select(Zone.id).join(Stall.__table__, Stall.__table__.c.zone_id == Zone.id),
    "core where": lambda: sa.select(Zone.id).where(Stall.__table__.c.zone_id == Zone.id),
    "core alias": lambda: sa.select(Stall.__table__.alias().c.code),
    "core count inside": lambda: sa.select(
        Stall.id, sa.select(sa.func.count()).select_from(Stall.__table__).scalar_subquery()
    ),
    "text": lambda: sa.text("SELECT code FROM stall"),
    "text as entities": lambda: sa.select(Stall).from_statement(sa.text("SELECT * FROM stall")),
    "table by its name": lambda: sa.select(sa.column("code")).select_from(
        sa.table("stall", sa.column("code"))
    ),
    "table by its name, joined": lambda: sa.select(Zone.id).join(sa.table("stall"), sa.true()),
    "words as a column": lambda: sa.select(sa.literal_column("(SELECT max(code) FROM stall)")),
    "bare exists": lambda: sa.select(sa.exists().where(Stall.code == "A-001")),
    "insert": lambda: sa.insert(Stall).values(code="X"),
    "core update": lambda: sa.update(Stall.__table__).values(code="X"),
    "core delete": lambda: sa.delete(Stall.__table__),
    "moving update": lambda: sa.update(Stall).values(company_id=2),
    "moving update by column": lambda: sa.update(Stall).values({Stall.community_code: "1"}),
}
SIGHTS = {
    "company": lambda cast: Reach(Sight.COMPANY, str(cast.east.company_id)),
    "community": lambda cast: Reach(Sight.COMMUNITY, EAST_COMMUNITY),
    "town": lambda cast: Reach(Sight.TOWN, EAST_TOWN),
}


@pytest.fixture(params=SIGHTS, ids=SIGHTS)
def narrow(request: pytest.FixtureRequest, cast: Cast) -> Reach:
    """Each sight that sees one side alone."""
    return SIGHTS[request.param](cast)


@pytest.mark.parametrize("query", NARROWED.values(), ids=NARROWED.keys())
def test_reading_sees_one_side(cast: Cast, narrow: Reach, query) -> None:
    with db.opened(narrow, writes=False) as session:
        seen = len(session.execute(query()).all())
    assert seen in {len(cast.east.stall_ids), 3}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_narrowed_is_refused(narrow: Reach, query) -> None:
    with db.opened(narrow, writes=True) as session, pytest.raises(ReachRefused):
        session.execute(query())


@pytest.mark.parametrize(
    "change", [sa.update(Zone).values(name="改"), sa.delete(Zone)], ids=["update", "delete"]
)
def test_who_came_to_read_changes_nothing_by_a_statement(narrow: Reach, change: sa.Executable) -> None:
    with db.opened(narrow, writes=False) as session, pytest.raises(ReachRefused):
        session.execute(change)


def test_rows_named_by_their_numbers_are_not_written_past_the_wall(cast: Cast, narrow: Reach) -> None:
    foreign = Zone(id=cast.west.zone_ids[0], name="改")
    for deed in (
        lambda session: session.execute(sa.update(Occupancy), [{"id": 1, "stall_code": "X"}]),
        lambda session: session.bulk_insert_mappings(Zone, [{"name": "改"}]),
        lambda session: session.bulk_update_mappings(Zone, [{"id": foreign.id, "name": "改"}]),
        lambda session: session.bulk_save_objects([foreign]),
    ):
        with db.opened(narrow, writes=True) as session, pytest.raises(ReachRefused):
            deed(session)


@pytest.mark.parametrize(
    "query", [lambda: sa.select(Stall), lambda: sa.select(Post)], ids=["owned", "housed"]
)
def test_without_a_reach_nothing_is_read(database: db.Database, query) -> None:
    with db.opened(None, writes=False) as session, pytest.raises(ReachRefused):
        session.execute(query())


def test_the_city_sees_both_sides_of_what_is_owned_and_nothing_that_is_housed(cast: Cast) -> None:
    with db.opened(Reach(Sight.CITY), writes=False) as session:
        assert len(session.scalars(sa.select(Market)).all()) == 2
        assert session.scalars(sa.select(Post)).all() == []


def test_officers_do_not_enter_a_companys_house(cast: Cast) -> None:
    with db.opened(cast.gu.reach, writes=False) as session:
        assert session.scalars(sa.select(Post)).all() == []
    with db.opened(cast.mai.reach, writes=False) as session:
        assert session.scalars(sa.select(Post)).all()


def test_a_vendor_sees_no_row_of_a_class_without_vendors(cast: Cast) -> None:
    reach = Reach(Sight.VENDOR, f"{cast.east.company_id}:1")
    with db.opened(reach, writes=False) as session:
        assert session.scalars(sa.select(Stall)).all() == []


def test_get_and_refresh_keep_to_the_reach(cast: Cast, narrow: Reach) -> None:
    with db.opened(narrow, writes=False) as session:
        assert session.get(Stall, cast.west.stall_ids[0]) is None
        own = session.get_one(Stall, cast.east.stall_ids[0])
        session.expire(own)
        assert own.code == "A-001"


@pytest.mark.parametrize(
    "statement",
    [
        lambda: sa.update(Stall).values(area_m2=1),
        lambda: sa.delete(Stall).where(Stall.id > 0),
    ],
    ids=["update", "delete"],
)
def test_statements_that_write_touch_one_side(cast: Cast, narrow: Reach, statement) -> None:
    with db.opened(narrow, writes=True) as session:
        assert session.execute(statement()).rowcount == len(cast.east.stall_ids)


def test_a_strangers_row_is_not_saved(cast: Cast) -> None:
    with pytest.raises(ReachRefused), db.acting(cast.kuang) as session:
        session.add(
            Stall(
                company_id=cast.west.company_id,
                community_code=cast.west.community_code,
                town_code=cast.west.town_code,
                market_id=cast.west.market_id,
                code="Z-1",
                sort_key="Z",
                state=StallState.VACANT,
            )
        )


def test_a_row_without_its_codes_is_not_saved(cast: Cast) -> None:
    with pytest.raises(ReachRefused), db.acting(cast.kuang) as session:
        session.add(Stall(market_id=cast.east.market_id, code="Z-1", sort_key="Z", state=StallState.VACANT))


def test_a_row_is_not_moved_out_of_the_reach(cast: Cast) -> None:
    with pytest.raises(ReachRefused), db.acting(cast.kuang) as session:
        session.get_one(Stall, cast.east.stall_ids[0]).company_id = cast.west.company_id


def test_an_officer_saves_nothing_in_a_companys_house(cast: Cast) -> None:
    with pytest.raises(ReachRefused), db.acting(cast.gu) as session:
        session.add(
            Post(
                company_id=cast.east.company_id,
                market_id=cast.east.market_id,
                person_id=cast.gu.person_id,
                kind=PostKind.HEAD,
                from_on=date(2026, 1, 1),
            )
        )


def test_a_session_for_reading_does_not_write(cast: Cast) -> None:
    with db.opened(cast.mai.reach, writes=False) as session, pytest.raises(ReachRefused):
        session.get_one(Stall, cast.east.stall_ids[0]).area_m2 = 3
        session.flush()


def test_what_is_only_added_to_is_not_changed(cast: Cast) -> None:
    with db.acting(cast.kuang) as session:
        market = cast.market()
        session.add(
            MarketMove(
                market_id=market.id,
                from_community_code="1",
                to_community_code="2",
                reason="并",
                moved_by="某",
            ).stands_in(market)
        )
    with pytest.raises(ReachRefused), db.acting(cast.kuang) as session:
        session.scalars(sa.select(MarketMove)).one().reason = "改"


def test_looking_beyond_takes_a_reason_and_sees_everything(cast: Cast) -> None:
    with beyond_reach("a test looks"), db.opened(cast.mai.reach, writes=False) as session:
        assert len(session.scalars(sa.select(Market)).all()) == 2


def test_a_bare_connection_is_refused(cast: Cast) -> None:
    with db.opened(cast.mai.reach, writes=False) as session, pytest.raises(ReachRefused):
        session.connection()


def test_every_table_is_of_exactly_one_class(database: db.Database) -> None:
    kinds = (Owned, Housed, Shared, Machinery)
    wrong = [
        mapper.class_.__name__
        for mapper in db.Base.registry.mappers
        if sum(issubclass(mapper.class_, kind) for kind in kinds) != 1
    ]
    assert wrong == []


def test_unique_keys_of_owned_facts_start_with_the_company(database: db.Database) -> None:
    """Else an error would tell that a stranger's row exists; random references and hashes tell nothing."""
    telling = {
        f"{cls.__table__.name}.{constraint.columns.keys()}"
        for cls in classes_of(Owned)
        for constraint in cls.__table__.constraints
        if isinstance(constraint, sa.UniqueConstraint)
        and constraint.columns.keys()[0] != "company_id"
        and constraint.columns.keys() not in (["ref"], ["digest"])
    }
    assert telling == set()
