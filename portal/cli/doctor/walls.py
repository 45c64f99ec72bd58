"""PostgreSQL: does the application's role have no powers, and does every wall stand as core/rls.py says it?"""

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from portal.cli.doctor.findings import Said, ok, warn, wrong
from portal.core import rls, schema
from portal.core.rls import APP_ROLE, Wall

ROLES = sa.text(
    "SELECT rolname = current_user AS is_ours, rolsuper OR rolbypassrls AS is_mighty,"
    " EXISTS (SELECT FROM pg_auth_members WHERE member = pg_roles.oid) AS is_member"
    " FROM pg_roles WHERE rolname IN (:app, current_user)"
)
TABLES = sa.text(
    "SELECT relname, relrowsecurity AND relforcerowsecurity AS is_walled, pg_get_userbyid(relowner) AS owner,"
    " has_table_privilege(:app, oid, 'UPDATE') OR has_table_privilege(:app, oid, 'DELETE') AS may_change"
    " FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
)
POLICIES = sa.text(
    "SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check"
    " FROM pg_policies WHERE schemaname = 'public'"
)
NOT_OF_ROWS = {"alembic_version"}


def standing(connection: sa.Connection) -> Said:
    """The role first: were it mighty, no wall would bind it."""
    yield from _role(connection)
    faults = list(_faults(connection))
    for fault in faults:
        yield wrong(fault)
    if not faults:
        walled = sum(bool(wall.kind) for wall in schema.walls())
        yield ok(
            f"{walled} tables are walled in, each forced and by its one policy; what is only added to stays"
        )


def _role(connection: sa.Connection) -> Said:
    roles = connection.execute(ROLES, {"app": APP_ROLE}).all()
    ours = [role for role in roles if not role.is_ours]
    if not ours:
        yield wrong(f"there is no role {APP_ROLE}, or the portal signs in as it")
        return
    if ours[0].is_mighty or ours[0].is_member:
        yield wrong(f"{APP_ROLE} is a superuser, passes row-level security or stands for another role")
    else:
        yield ok(f"{APP_ROLE} has no powers of its own")
    if any(role.is_ours and role.is_mighty for role in roles):
        yield warn("the portal signs in as a superuser; an owner without powers is enough")


def _faults(connection: sa.Connection) -> Iterator[str]:
    tables = {row.relname: row for row in connection.execute(TABLES, {"app": APP_ROLE})}
    policies: dict[str, list[tuple[str, ...]]] = {}
    for name, *policy in connection.execute(POLICIES):
        policies.setdefault(name, []).append(tuple(map(str, policy)))
    for wall in schema.walls():
        if wall.table in tables:
            yield from _faults_of(wall, tables[wall.table], policies.get(wall.table, []))
        else:
            yield f"there is no table {wall.table}"
    for name in sorted(tables.keys() - {wall.table for wall in schema.walls()} - NOT_OF_ROWS):
        yield f"{name} is no table of this version"


def _faults_of(wall: Wall, table: Any, policies: list[tuple[str, ...]]) -> Iterator[str]:
    if table.owner == APP_ROLE:
        yield f"{wall.table} belongs to {APP_ROLE}, whom its wall would not bind"
    if wall.changes is not None and table.may_change:
        yield f"{APP_ROLE} may change {wall.table}, which is only added to"
    if wall.kind and not table.is_walled:
        yield f"{wall.table} is not walled in: row-level security is not enabled and forced"
    if not _is_right(wall, policies):
        yield f"the policies of {wall.table} are not those of this version"


def _is_right(wall: Wall, policies: list[tuple[str, ...]]) -> bool:
    if not wall.kind:
        return not policies
    if len(policies) != 1:
        return False
    name, permissive, roles, command, sees, writes = policies[0]
    wanted = _bare(rls.sees(wall))
    return (name, permissive, roles, command) == ("one_reach", "PERMISSIVE", "{public}", "ALL") and (
        _bare(sees) == _bare(writes) == wanted
    )


def _bare(expression: str) -> str:
    """Without what PostgreSQL adds when it writes an expression down: casts, brackets, spaces."""
    return re.sub(r"::(character varying|\w+)(\(\d+\))?|[()\s]", "", expression)
