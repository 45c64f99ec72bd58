"""The migrations make exactly the tables the models describe, walls included, on both databases."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from portal import tables
from portal.core import db, schema
from portal.core.db import Base

POLICIES = "SELECT tablename, qual, with_check FROM pg_policies ORDER BY tablename"
GRANTS = (
    "SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = 'portal_app'"
    " AND table_name <> 'alembic_version' ORDER BY 1, 2"
)


@pytest.fixture
def migrated(new_database: Callable[[], str]) -> sa.Engine:
    """A database as the migrations make it."""
    tables.load()
    engine = db.use(new_database()).engine
    with engine.begin() as connection:
        command.upgrade(schema.alembic_config(connection), "head")
    return engine


def test_the_migrations_make_what_the_models_describe(migrated: sa.Engine) -> None:
    with migrated.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_there_is_one_head(migrated: sa.Engine) -> None:
    with migrated.connect() as connection:
        assert len(MigrationContext.configure(connection).get_current_heads()) == 1


@pytest.mark.postgres
def test_the_walls_are_those_of_the_models(migrated: sa.Engine, new_database: Callable[[], str]) -> None:
    made = sa.create_engine(db.database().engine.url.set(database=sa.make_url(new_database()).database))
    schema.create(made)
    for question in (POLICIES, GRANTS):
        with migrated.connect() as one, made.connect() as other:
            assert one.exec_driver_sql(question).all() == other.exec_driver_sql(question).all()
    made.dispose()


def test_the_way_back_is_empty(migrated: sa.Engine) -> None:
    with migrated.begin() as connection:
        command.downgrade(schema.alembic_config(connection), "base")
    with migrated.connect() as connection:
        assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}
