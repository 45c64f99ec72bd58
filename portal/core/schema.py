"""The schema as a whole: made at once for tests, brought up by migrations, made anew by a restore."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from portal.core import db, rls
from portal.core.db import Base
from portal.core.settings import Settings

MIGRATIONS = Path(__file__).parents[2] / "migrations"
STAMPED = "alembic_version"
SEE_ALL = sa.text(
    "SELECT set_config('portal.sight', 'beyond', true), set_config('lock_timeout', '10s', true)"
)


class NotOurs(RuntimeError):
    """The database holds tables that no migration of ours made."""


def create(engine: sa.Engine) -> None:
    """Make every table of the metadata, walls included, in an empty database."""
    with engine.begin() as connection:
        Base.metadata.create_all(connection)
        rls.raise_walls(connection, walls())


def walls() -> list[rls.Wall]:
    """The wall of every table there is, by name."""
    return sorted(
        (rls.wall_of(mapper.class_) for mapper in Base.registry.mappers), key=lambda wall: wall.table
    )


def upgrade(settings: Settings) -> None:
    """Bring the database of these settings to the newest migration."""
    settings.home.mkdir(parents=True, exist_ok=True)
    database = db.use(settings.database_url)
    with database.engine.begin() as connection:
        command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: sa.Connection | None = None) -> Config:
    """Alembic told where the migrations are and on which connection to run them."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The newest migration this version brings."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def revision(connection: sa.Connection) -> str:
    """The migration a database stands at; "" where none was run."""
    return MigrationContext.configure(connection).get_current_revision() or ""


@contextmanager
def owning(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One write transaction of the schema's owner that sees every row and in which references are checked at the end.

    For a restore alone: everything in it is kept or nothing.  Raises OperationalError where somebody else holds the
    database, IntegrityError where a reference leads nowhere.
    """
    is_sqlite = engine.dialect.name == "sqlite"
    with engine.execution_options(**{db.WRITES: True}).connect() as connection:
        if is_sqlite:  # cannot be said inside a transaction, and dies with the connection
            raw = connection.connection.driver_connection
            assert raw is not None, "it was just opened"
            raw.execute("PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                if not is_sqlite:
                    connection.execute(SEE_ALL)
                yield connection
                if is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise sa.exc.IntegrityError(
                        "foreign_key_check", {}, ValueError("a reference leads nowhere")
                    )
        finally:
            connection.invalidate()


def tables_there(connection: sa.Connection) -> list[str]:
    """Every table of the database but the one the migrations keep; raises NotOurs where they never ran."""
    names = sa.inspect(connection).get_table_names()
    if names and STAMPED not in names:
        raise NotOurs(f"the database holds tables that are not the portal's: {', '.join(sorted(names)[:5])}")
    return sorted(set(names) - {STAMPED})


def make_anew(connection: sa.Connection) -> None:
    """Drop what is there and run every migration, inside the transaction of ``owning``."""
    names = [f'"{name}"' for name in tables_there(connection)]
    if connection.dialect.name == "sqlite":
        for name in names:
            connection.exec_driver_sql(f"DROP TABLE {name}")
    elif names:
        connection.exec_driver_sql(f"DROP TABLE {', '.join(names)} CASCADE")
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {STAMPED}")
    command.upgrade(alembic_config(connection), "head")


@contextmanager
def filling(connection: sa.Connection) -> Iterator[None]:
    """Rows may come before the rows of their own table they speak of; numbers given afterwards begin behind theirs."""
    if connection.dialect.name == "sqlite":
        yield
        return
    own = [(table.name, key.name) for table in Base.metadata.sorted_tables for key in _keys_to_itself(table)]
    for name, key in own:
        connection.exec_driver_sql(
            f'ALTER TABLE "{name}" ALTER CONSTRAINT "{key}" DEFERRABLE INITIALLY DEFERRED'
        )
    yield
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    for name, key in own:
        connection.exec_driver_sql(f'ALTER TABLE "{name}" ALTER CONSTRAINT "{key}" NOT DEFERRABLE')
    for table in Base.metadata.sorted_tables:
        if table.autoincrement_column is not None:
            connection.execute(_behind(table, table.autoincrement_column))


def _keys_to_itself(table: sa.Table) -> list[sa.ForeignKeyConstraint]:
    return [key for key in table.foreign_key_constraints if key.referred_table is table]


def _behind(table: sa.Table, number: sa.Column[int]) -> sa.Select[tuple[int]]:
    """The next number a table gives is one more than its largest, or 1."""
    sequence = sa.func.pg_get_serial_sequence(f'"{table.name}"', number.name)
    largest = sa.select(sa.func.max(number)).scalar_subquery()
    return sa.select(sa.func.setval(sequence, sa.func.coalesce(largest, 1), largest.is_not(None)))


def in_order(table: sa.Table, dialect: str) -> list[sa.ColumnElement[Any]]:
    """The primary key as what to order by, the same on every database whatever its language."""
    is_text = {column: isinstance(column.type, sa.String) for column in table.primary_key.columns}
    return [
        sa.collate(column, "C") if text and dialect == "postgresql" else column
        for column, text in is_text.items()
    ]
