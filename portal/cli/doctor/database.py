"""The database: is it there, is it the newest, and is it whole?"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from portal.cli.doctor import walls
from portal.cli.doctor.findings import Look, Said, ok, warn, wrong
from portal.core import clock, db, schema
from portal.core.journal import JournalLine
from portal.core.reach import beyond_reach

APART = timedelta(minutes=1)
"""How far the clocks of two machines may be apart."""
FULL = 2


def there(look: Look) -> Said:
    """Reachable, and at the migration this version brings.  Nothing further can be asked of any other."""
    url = sa.make_url(look.settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        yield wrong(f"there is no database at {url.database}")
        return
    try:
        with db.use(look.settings.database_url).engine.connect() as connection:
            stands_at = schema.revision(connection)
    except sa.exc.DBAPIError as error:
        yield wrong(f"cannot be reached: {type(error.orig).__name__}")
        return
    if stands_at == schema.newest():
        yield ok(f"{url.get_backend_name()}, at migration {stands_at}")
    else:
        yield wrong(
            f"at migration {stands_at or 'none'}, this version brings {schema.newest()}: portal upgrade"
        )


def whole(_: Look) -> Said:
    """What each kind of database can say of itself."""
    with db.database().engine.connect() as connection:
        yield from _sqlite(connection) if connection.dialect.name == "sqlite" else walls.standing(connection)


def _sqlite(connection: sa.Connection) -> Said:
    mode, synced = _pragma(connection, "journal_mode"), _pragma(connection, "synchronous")
    is_safe = mode == "wal" and synced == FULL
    words = f"journal_mode {mode}, synchronous {synced}"
    yield ok(words) if is_safe else wrong(f"{words}: a power cut may lose what was kept")
    faults = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
    yield (
        ok("integrity_check") if faults == ["ok"] else wrong(f"integrity_check: {len(faults)} faults or more")
    )
    strays = [row[0] for row in connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(1_000)]
    if strays:
        yield wrong(
            f"foreign_key_check: {len(strays)} rows lead nowhere, in {', '.join(sorted(set(strays)))}"
        )
    else:
        yield ok("foreign_key_check")


def _pragma(connection: sa.Connection, name: str) -> Any:
    return connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


def moment(_: Look) -> Said:
    """A clock that is wrong makes checks missed and codes refused."""
    now = clock.now()
    with beyond_reach("the doctor"), db.opened(None, writes=False) as look:
        latest = look.scalars(sa.select(JournalLine.at).order_by(JournalLine.id.desc()).limit(1)).first()
        theirs = (
            look.scalar(sa.select(sa.func.now())) if db.database().engine.dialect.name != "sqlite" else now
        )
    if latest is not None and latest > now + APART:
        yield wrong(f"the journal was last written at {latest.isoformat()}, which is still to come")
    elif theirs is None or abs(theirs - now) > APART:
        yield wrong(f"this machine says {now.isoformat()}, the database {theirs}")
    elif latest is None:
        yield warn(f"{now.isoformat()}; nothing was ever written to compare it with")
    else:
        yield ok(now.isoformat(timespec="seconds"))
