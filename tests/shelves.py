"""Shelves: databases at an address that stays, each put back as it was before every test.

The engine stays with the address, and with it every statement it has compiled: that was a third of a test.
A file of SQLite is copied.  To copy a database of PostgreSQL takes its server 50 ms, so there the tables that
changed are put back one by one; what else there is to change, a copy puts right.
"""

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg import sql

from portal.core import db, workdays

LONGEST_WAIT = "2s"
"""How long a lock somebody forgot to let go is waited for; then the database is copied and the forgetful are cut."""


class Shelf:
    """A database that is put back as it was as often as one likes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._database = db.Database(url)
        self._grown: set[str] = set()

    def serve(self) -> db.Database:
        """Put the portal on it."""
        return db.use(self._database, strict=True)

    def keep(self) -> None:
        """From now on it is put back to what it is now."""
        self.disconnect()
        self._keep()

    def put_back(self) -> None:
        """Bring it back to what was kept."""
        workdays.forget()
        self._put_back()

    def grow(self, name: str, deed: Callable[[], None]) -> None:
        """Do what many tests begin with, the first time; afterwards bring the database to what came of it.

        The deed must come out the same each time.  Where something was written before it, it is done.
        """
        if not self._is_fresh():
            deed()
        elif name in self._grown:
            self._regrow(name)
        else:
            deed()
            self._remember(name)
            self._grown.add(name)

    def disconnect(self) -> None:
        """Close every connection."""
        self._database.engine.dispose()

    def _is_fresh(self) -> bool:
        raise NotImplementedError

    def _remember(self, name: str) -> None:
        raise NotImplementedError

    def _regrow(self, name: str) -> None:
        raise NotImplementedError

    def _keep(self) -> None:
        raise NotImplementedError

    def _put_back(self) -> None:
        raise NotImplementedError


class FileShelf(Shelf):
    """A file of SQLite and the one it is copied from."""

    def __init__(self, source: str, folder: Path) -> None:
        self._live, self._kept = folder / "portal.db", folder / "kept.db"
        shutil.copy(_name(source), self._kept)
        self._log = Path(f"{self._live}-wal")
        super().__init__(f"sqlite:///{self._live}")
        self._put_back()

    def _keep(self) -> None:
        shutil.copy(self._live, self._kept)

    def _put_back(self) -> None:
        self._take(self._kept)

    def _take(self, source: Path) -> None:
        self.disconnect()
        for ending in ("", "-wal", "-shm"):  # a new file: who still holds the old one writes into nothing
            Path(f"{self._live}{ending}").unlink(missing_ok=True)
        shutil.copy(source, self._live)
        self._taken_at = self._live.stat().st_mtime_ns

    def _is_fresh(self) -> bool:
        has_log = self._log.exists() and self._log.stat().st_size > 0
        return not has_log and self._live.stat().st_mtime_ns == self._taken_at

    def _remember(self, name: str) -> None:
        self.disconnect()
        shutil.copy(self._live, self._live.with_name(name))

    def _regrow(self, name: str) -> None:
        self._take(self._live.with_name(name))


class Server:
    """A PostgreSQL in which databases can be made and dropped."""

    def __init__(self, url: str) -> None:
        self.url = sa.make_url(url).set(drivername="postgresql+psycopg")
        self.made: list[str] = []

    def create(self, template: str = "template1", name: str = "") -> str:
        """Make an empty database, or a copy of another, and return its URL."""
        name = name or f"portal_test_{uuid.uuid4().hex[:12]}"
        # Copied as files: in memory that is a third quicker than by the log.
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        self.made.append(name)
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database made here, ending what is still connected to it."""
        name = sa.make_url(url).database or ""
        self.made.remove(name)
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def drop_all(self) -> None:
        """Drop every database made here."""
        for name in list(self.made):
            self.drop(f"postgresql:///{name}")

    def connect(self, name: str, *, autocommit: bool = False) -> psycopg.Connection:
        """A connection that no wall stops."""
        address = self.url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)
        return psycopg.connect(address, autocommit=autocommit)

    def _run(self, statement: str) -> None:
        with self.connect(str(self.url.database), autocommit=True) as connection:
            connection.execute(statement.encode())


@dataclass
class Table:
    """What a table held when it was kept."""

    name: str
    rows: int
    content: bytes
    sequences: list[tuple[str, int, bool]] = field(default_factory=list)
    """Name, value, and whether that value was given out."""


class ServerShelf(Shelf):
    """A database of a PostgreSQL, the template it was copied from, and the content of each of its tables."""

    def __init__(self, source: str, server: Server) -> None:
        self._server, self._kept = server, _name(source)
        self._growths: dict[str, list[Table]] = {}
        super().__init__(server.create(self._kept))
        self._look()

    def disconnect(self) -> None:
        super().disconnect()
        self._admin.close()

    def _is_fresh(self) -> bool:
        return not self._changed()

    def _remember(self, name: str) -> None:
        self._growths[name] = [self._remembered(table.name) for table in self._changed()]
        self._admin.commit()

    def _regrow(self, name: str) -> None:
        for table in self._growths[name]:
            self._fill(table)
        self._admin.commit()

    def _keep(self) -> None:
        self._kept = _name(self._server.create(_name(self.url)))
        self._look()

    def _put_back(self) -> None:
        try:
            is_back = self._put_tables_back()
        except psycopg.errors.LockNotAvailable:
            is_back = False
        if not is_back:
            self.disconnect()
            self._server.drop(self.url)
            self._server.create(self._kept, _name(self.url))
            self._connect()

    def _look(self) -> None:
        """Remember what every table holds."""
        self._connect()
        tables = self._admin.execute(TABLES).fetchall()
        self._tables = {name: self._remembered(name) for (name,) in tables}
        counts = (COUNT.format(name=name, table=sql.Identifier(name)) for name in self._tables)
        self._count = sql.SQL(" UNION ALL ").join(counts)
        self._admin.commit()

    def _connect(self) -> None:
        self._admin = self._server.connect(_name(self.url))
        self._admin.execute(sql.SQL("SET lock_timeout = {}").format(LONGEST_WAIT))
        self._admin.execute("SET session_replication_role = replica")  # rows go back without rules and walls
        self._scheme = self._admin.execute(SCHEME).fetchone()
        self._set_mark()

    def _set_mark(self) -> None:
        """Rows written from now on bear a number as high as this or a higher one."""
        mark = self._admin.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint").fetchone()
        self._mark = mark[0] if mark else 0
        self._admin.commit()

    def _remembered(self, name: str) -> Table:
        with self._admin.cursor() as cursor:
            with cursor.copy(
                sql.SQL("COPY {} TO STDOUT (FORMAT binary)").format(sql.Identifier(name))
            ) as copy:
                content = b"".join(copy)
            sequences = cursor.execute(SEQUENCES, (name,)).fetchall()
            return Table(name, self._rows(name), content, [self._value(*row) for row in sequences])

    def _rows(self, name: str) -> int:
        row = self._admin.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        return int(row[0]) if row else 0

    def _value(self, name: str) -> tuple[str, int, bool]:
        query = sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name))
        last, is_called = self._admin.execute(query).fetchone() or (1, False)
        return name, last, is_called

    def _put_tables_back(self) -> bool:
        """Whether putting rows back was enough."""
        if self._admin.execute(SCHEME, prepare=True).fetchone() != self._scheme:
            return False
        changed = self._changed()
        for table in changed:
            self._fill(table)
        self._admin.commit()  # a rollback would lose what is prepared
        if changed:
            self._set_mark()
        return True

    def _changed(self) -> list[Table]:
        """The tables that no longer hold what was kept, as they were kept."""
        found = self._admin.execute(self._count, prepare=True).fetchall()
        self._admin.commit()
        return [
            self._tables[name]
            for name, rows, newest in found
            if newest >= self._mark or rows != self._tables[name].rows
        ]

    def _fill(self, table: Table) -> None:
        name = sql.Identifier(table.name)
        with self._admin.cursor() as cursor:
            cursor.execute(sql.SQL("DELETE FROM {}").format(name))
            if table.rows:
                with cursor.copy(sql.SQL("COPY {} FROM STDIN (FORMAT binary)").format(name)) as copy:
                    copy.write(table.content)
            for sequence in table.sequences:
                cursor.execute("SELECT setval(%s, %s, %s)", sequence)


TABLES = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
SEQUENCES = """
SELECT s.relname FROM pg_class s JOIN pg_depend d ON d.objid = s.oid AND d.classid = 'pg_class'::regclass
WHERE s.relkind = 'S' AND d.refobjid = %s::regclass
"""
COUNT = sql.SQL("SELECT {name}, count(*), coalesce(max(xmin::text::bigint), 0) FROM {table}")
SCHEME = """
SELECT (SELECT (count(*), max(xmin::text::bigint)) FROM pg_class)::text,
       (SELECT (count(*), max(xmin::text::bigint)) FROM pg_policy)::text,
       (SELECT (count(*), max(xmin::text::bigint)) FROM pg_trigger)::text,
       (SELECT (count(*), max(xmin::text::bigint)) FROM pg_proc)::text
"""
"""What shows that a table, a wall, a trigger or a function was made, changed or dropped."""


def _name(url: str) -> str:
    return str(sa.make_url(url).database)
