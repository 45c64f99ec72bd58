"""Row-level security: PostgreSQL repeats the wall of core/reach.py for every Owned and Housed table.

The CASE is opaque to the planner, so the equality the session adds picks the index.  ``role`` and both settings
live inside the transaction; a pooled connection keeps nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from portal.core.reach import STAMPS, Housed, OfVendor, Owned

APP_ROLE = "portal_app"

MAKE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{APP_ROLE}') THEN
        CREATE ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
"""

ADMIT = f"""
DO $$ BEGIN
    IF NOT pg_has_role(current_user, '{APP_ROLE}', 'MEMBER') THEN
        GRANT {APP_ROLE} TO CURRENT_USER;
    END IF;
END $$;
"""

SIGHT = "current_setting('portal.sight', true)"
KEY = "current_setting('portal.key', true)"


@dataclass(frozen=True)
class Wall:
    """How one table is walled: owned or housed, by which column a vendor knows it, and what of it may change.

    ``changes`` is None where the application's role may do everything, else the columns it may update.
    """

    table: str
    kind: str = ""
    vendor_key: str = ""
    changes: tuple[str, ...] | None = None


def wall_of(cls: Any) -> Wall:
    """The wall of a mapped class."""
    kind = "owned" if issubclass(cls, Owned) else "housed" if issubclass(cls, Housed) else ""
    vendor_key = getattr(cls, "__vendor_key__", "vendor_id") if issubclass(cls, OfVendor) else ""
    changes = None
    if getattr(cls, "__append_only__", False):
        stamps = [stamp for stamp in STAMPS if kind and stamp in cls.__table__.columns]
        changes = (*getattr(cls, "__may_change__", ()), *stamps)
    return Wall(cls.__table__.name, kind, vendor_key, changes)


def raise_wall(wall: Wall) -> Iterator[str]:
    """The statements that let the application's role at a table, and wall the table in where it is owned or housed."""
    if wall.changes is None:
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {wall.table} TO {APP_ROLE}"
    else:
        yield f"GRANT SELECT, INSERT ON {wall.table} TO {APP_ROLE}"
        if wall.changes:
            yield f"GRANT UPDATE ({', '.join(wall.changes)}) ON {wall.table} TO {APP_ROLE}"
    if wall.kind:
        seen = sees(wall)
        yield f"ALTER TABLE {wall.table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {wall.table} FORCE ROW LEVEL SECURITY"
        yield f"CREATE POLICY one_reach ON {wall.table} USING ({seen}) WITH CHECK ({seen})"


def raise_walls(connection: sa.Connection, walls: Iterable[Wall]) -> None:
    """On PostgreSQL: let the application's role in, and wall these tables in; elsewhere nothing."""
    if connection.dialect.name != "postgresql":
        return
    for statement in (MAKE_ROLE, ADMIT):
        connection.exec_driver_sql(statement)
    for wall in walls:
        for statement in raise_wall(wall):
            connection.exec_driver_sql(statement)
    connection.exec_driver_sql(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {APP_ROLE}")


def sees(wall: Wall) -> str:
    """Which rows of a walled table a transaction sees and may write, in SQL."""
    cases = {"company": f"company_id::text = {KEY}", "beyond": "true"}
    if wall.kind == "owned":
        cases |= {"community": f"community_code = {KEY}", "town": f"town_code = {KEY}", "city": "true"}
    if wall.vendor_key:
        cases["vendor"] = f"company_id || ':' || {wall.vendor_key} = {KEY}"
    whens = " ".join(f"WHEN '{sight}' THEN {test}" for sight, test in cases.items())
    return f"CASE {SIGHT} {whens} ELSE false END"
