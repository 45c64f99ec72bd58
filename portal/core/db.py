"""The database: how rows are typed, how a transaction is opened, and whose session is the current one.

A session is opened for reading (deferred, refused to write) or for writing (on SQLite the write lock is taken
at its first statement), with the reach of the person it serves.  ``session`` is the current one.
"""

import enum
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from werkzeug.local import LocalProxy

from portal.core.reach import PortalSession, Reach

if TYPE_CHECKING:
    from portal.core.actor import Actor

log = logging.getLogger(__name__)

WRITES = "portal_writes"
BUSY_SECONDS = 5


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment: aware going in, kept in UTC, aware coming out."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment must know its zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


LARGEST_ID = 2**63 - 1
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Json = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


class Base(DeclarativeBase):
    """The root of every table."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {
        datetime: Moment,
        dict[str, Any]: Json,
        list[Any]: Json,
        list[str]: Json,
        list[int]: Json,
        enum.Enum: sa.Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda words: [member.value for member in words],
        ),
    }


class Identified:
    """A row with a number of its own, first in the table."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True, sort_order=-10)


class Database:
    """One engine, and the two ways a session of it is opened."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._turn = threading.RLock()
        self._writer = self.engine.execution_options(**{WRITES: True})

    @contextmanager
    def turn(self, *, writes: bool) -> Iterator[None]:
        """Wait for one's turn to write.  SQLite has one writer and lets the waiting poll, unfairly; here they queue.

        Raises OperationalError, as SQLite does, when the turn does not come within five seconds.
        """
        if not writes or self.engine.dialect.name != "sqlite":
            yield
            return
        if not self._turn.acquire(timeout=BUSY_SECONDS):
            raise sa.exc.OperationalError("BEGIN IMMEDIATE", {}, TimeoutError("database is locked"))
        try:
            yield
        finally:
            self._turn.release()

    def open(self, reach: Reach | None, *, writes: bool) -> PortalSession:
        """A session for one reach; the caller closes it."""
        bind = self._writer if writes else self.engine
        return PortalSession(bind, reach=reach, writes=writes)


_database: Database | None = None
_session: ContextVar[PortalSession | None] = ContextVar("portal session", default=None)
_afterwards: ContextVar[list[Callable[[], None]] | None] = ContextVar("afterwards", default=None)
_strict = False

session: PortalSession = cast(PortalSession, LocalProxy(_session, unbound_message="no session is open"))


def use(where: str | Database, *, strict: bool = False) -> Database:
    """Serve from now on from the database at this URL, or from one served before with what it has compiled.

    ``strict`` turns slow work inside a write into an error (tests).
    """
    global _database, _strict
    if _database is not None and _database is not where:
        _database.engine.dispose()
    _database, _strict = where if isinstance(where, Database) else Database(where), strict
    return _database


def database() -> Database:
    """The database in use; raises RuntimeError before ``use``."""
    if _database is None:
        raise RuntimeError("no database has been chosen")
    return _database


@contextmanager
def opened(reach: Reach | None, *, writes: bool) -> Iterator[PortalSession]:
    """Make a new session the current one; whoever opens it says commit or leaves it to be rolled back.

    What was put off with ``afterwards`` is done when the outermost session has let go of its locks.
    """
    new = database().open(reach, writes=writes)
    token = _session.set(new)
    outermost = _afterwards.get() is None
    put_off = _afterwards.set([]) if outermost else None
    try:
        with database().turn(writes=writes):
            yield new
            new.close()
    finally:
        _session.reset(token)
        new.close()
        if put_off is not None:
            deeds = _afterwards.get() or []
            _afterwards.reset(put_off)
            for deed in deeds:
                deed()


def afterwards(deed: Callable[[], None]) -> None:
    """Do this once the outermost session is closed, kept or not; at once where none is open."""
    deeds = _afterwards.get()
    if deeds is None:
        deed()
    else:
        deeds.append(deed)


def as_id(text: str) -> int | None:
    """The number of a row that somebody wrote down; None where it is none a database could hold."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    return int(text) if is_number and int(text) <= LARGEST_ID else None


def insert_if_new(cls: type[Any], **values: Any) -> bool:
    """Insert a Machinery row unless its unique key is taken; say whether it was new.  Never fails on a twin."""
    statement = _insert_if_new(cls.__table__, session.get_bind().dialect.name)
    # By what comes back, not by the row count, which PostgreSQL's driver gives as -1 here.
    return session.execute(statement, values).first() is not None


def insert_all_new(cls: type[Any], rows: Sequence[dict[str, Any]]) -> None:
    """Insert Machinery rows in one statement, leaving out those whose unique key is taken."""
    if rows:
        insert = _insert_of(session.get_bind().dialect.name)
        session.execute(insert(cls.__table__).values(rows).on_conflict_do_nothing())


@cache
def _insert_if_new(table: sa.Table, dialect: str) -> Any:
    return _insert_of(dialect)(table).on_conflict_do_nothing().returning(*table.primary_key.columns)


def _insert_of(dialect: str) -> Any:
    return postgresql.insert if dialect == "postgresql" else sqlite.insert


@contextmanager
def reading() -> Iterator[PortalSession]:
    """A short look at tables that need no reach, over before any write begins."""
    with opened(None, writes=False) as short:
        yield short


@contextmanager
def acting(actor: "Actor") -> Iterator[PortalSession]:
    """Do something in this actor's name outside a request: kept at the end, dropped on any error."""
    with opened(actor.reach, writes=True) as own:
        yield own
        own.commit()


def is_open() -> bool:
    """Whether somebody has a session open here."""
    return _session.get() is not None


def no_open_write() -> None:
    """Say that slow work begins: it must not hold the write lock.

    In tests this raises; in production it is logged, for a slow answer is better than none.
    """
    current = _session.get()
    if current is None or not current.writes or not current.in_transaction():
        return
    if _strict:
        raise RuntimeError("slow work inside a write transaction")
    log.warning("slow work inside a write transaction", stack_info=True)


def let_go() -> None:
    """End the look that is open, if one is: what was read stays, and whatever is asked next begins another.

    A connection and its snapshot are not kept waiting while something slow is made of what was read.
    """
    current = _session.get()
    if current is not None and not current.writes:
        current.commit()


def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = sa.create_engine(parsed, pool_size=24, max_overflow=40, hide_parameters=True)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.drivername in {"postgres", "postgresql"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    return sa.create_engine(
        parsed,
        pool_size=24,
        max_overflow=40,
        pool_pre_ping=True,
        hide_parameters=True,  # what a failing statement was given is nothing for a log
        connect_args={"prepare_threshold": None},  # a transaction pooler keeps no prepared statement
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, so that savepoints hold
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL loses acknowledged rows at a power cut
        f"busy_timeout={BUSY_SECONDS * 1_000}",
        "trusted_schema=OFF",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


__all__ = ["Base", "Identified", "Mapped", "Moment", "Session", "mapped_column", "session"]
