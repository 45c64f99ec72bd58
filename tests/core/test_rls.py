"""PostgreSQL says the wall again: the role without powers sees nothing it was not told to see."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from portal.core import db, journal
from portal.core.reach import Housed, Owned, Reach, Sight, beyond_reach, classes_of
from portal.markets.models import Stall
from tests.people import EAST_COMMUNITY, Cast

pytestmark = pytest.mark.postgres


def as_app(connection: sa.Connection, sight: str, key: str) -> None:
    """Become the application's role for one transaction, in one reach."""
    connection.exec_driver_sql("SET LOCAL ROLE portal_app")
    connection.execute(
        sa.text("SELECT set_config('portal.sight', :sight, true), set_config('portal.key', :key, true)"),
        {"sight": sight, "key": key},
    )


@pytest.mark.parametrize("cls", [*classes_of(Owned), *classes_of(Housed)], ids=lambda cls: cls.__tablename__)
def test_every_walled_table_is_forced_and_has_one_policy(database: db.Database, cls) -> None:
    with database.engine.connect() as connection:
        row = connection.execute(
            sa.text("SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE relname = :name"),
            {"name": cls.__tablename__},
        ).one()
        policies = connection.execute(
            sa.text("SELECT count(*) FROM pg_policies WHERE tablename = :name"), {"name": cls.__tablename__}
        ).scalar_one()
    assert (*row, policies) == (True, True, 1)


def test_without_a_sight_no_row_is_seen(cast: Cast, database: db.Database) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL ROLE portal_app")
        for cls in (*classes_of(Owned), *classes_of(Housed)):
            assert connection.execute(sa.select(sa.func.count()).select_from(cls.__table__)).scalar_one() == 0


@pytest.mark.parametrize(("sight", "key"), [("community", EAST_COMMUNITY), ("town", EAST_COMMUNITY[:9])])
def test_plain_sql_sees_one_side(cast: Cast, database: db.Database, sight: str, key: str) -> None:
    with database.engine.begin() as connection:
        as_app(connection, sight, key)
        seen = connection.exec_driver_sql("SELECT DISTINCT company_id FROM stall").scalars().all()
    assert seen == [cast.east.company_id]


def test_a_strangers_row_is_neither_changed_nor_made(cast: Cast, database: db.Database) -> None:
    with database.engine.begin() as connection:
        as_app(connection, "company", str(cast.east.company_id))
        stranger = sa.update(Stall.__table__).where(Stall.__table__.c.company_id == cast.west.company_id)
        assert connection.execute(stranger.values(code="X")).rowcount == 0
    with pytest.raises(ProgrammingError, match="row-level security"), database.engine.begin() as connection:
        as_app(connection, "company", str(cast.east.company_id))
        connection.execute(sa.update(Stall.__table__).values(company_id=cast.west.company_id))


def test_what_is_only_added_to_cannot_be_rewritten_by_plain_sql(cast: Cast, database: db.Database) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), database.engine.begin() as connection:
        as_app(connection, "city", "")
        connection.execute(sa.update(journal.JournalLine.__table__).values(note="nothing happened"))


def test_a_look_cannot_write(cast: Cast) -> None:
    """The session refuses it first; beneath it the transaction is read-only."""
    with (
        beyond_reach("a test writes under a look"),
        db.opened(Reach(Sight.CITY), writes=False) as session,
        pytest.raises(sa.exc.DBAPIError, match="read-only"),
    ):
        session.connection().execute(sa.update(Stall.__table__).values(code="X"))


def test_a_pooled_connection_keeps_nothing(cast: Cast, database: db.Database) -> None:
    with db.opened(cast.mai.reach, writes=False) as session:
        assert session.scalars(sa.select(Stall)).first() is not None
    with database.engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT current_setting('portal.key', true), current_user").one()
    assert kept[0] in ("", None)
    assert kept[1] != "portal_app"
