"""Row-level security: PostgreSQL repeats the wall of core/reach.py for every Owned and Housed table.

The CASE is opaque to the planner, so the equality the session adds picks the index.  ``role`` and both settings
live inside the transaction; a pooled connection keeps nothing.
"""

from collections.abc import Iterator
from typing import Any

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


def _sees(cls: Any) -> str:
    cases = {"company": f"company_id::text = {KEY}", "beyond": "true"}
    if issubclass(cls, Owned):
        cases |= {"community": f"community_code = {KEY}", "town": f"town_code = {KEY}", "city": "true"}
    if issubclass(cls, OfVendor):
        own = getattr(cls, "__vendor_key__", "vendor_id")
        cases["vendor"] = f"company_id || ':' || {own} = {KEY}"
    whens = " ".join(f"WHEN '{sight}' THEN {test}" for sight, test in cases.items())
    return f"CASE {SIGHT} {whens} ELSE false END"


def raise_wall(cls: Any) -> Iterator[str]:
    """The statements that wall in the table of an Owned or Housed class."""
    table = cls.__table__.name
    yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY one_reach ON {table} USING ({_sees(cls)}) WITH CHECK ({_sees(cls)})"


def admit_app(cls: Any) -> Iterator[str]:
    """What the role without powers may do with a table; append-only ones keep all but their codes."""
    table = cls.__table__.name
    if not getattr(cls, "__append_only__", False):
        yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP_ROLE}"
        return
    yield f"GRANT SELECT, INSERT ON {table} TO {APP_ROLE}"
    changing = [*getattr(cls, "__may_change__", ())]
    if issubclass(cls, Owned | Housed):
        changing += [stamp for stamp in STAMPS if stamp in cls.__table__.columns]
    if changing:
        yield f"GRANT UPDATE ({', '.join(changing)}) ON {table} TO {APP_ROLE}"


def is_walled(cls: Any) -> bool:
    return issubclass(cls, Owned | Housed)
