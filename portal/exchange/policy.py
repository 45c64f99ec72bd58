"""Who brings workbooks in and takes lists out."""

from enum import StrEnum
from typing import Any

from portal.core.actor import COMPANY_ROLES, OFFICERS, Actor, Role
from portal.core.policy import both, grant, role, the_portal
from portal.markets.policy import is_own_house


class May(StrEnum):
    """The rights of this package."""

    IMPORT = "exchange:import"
    RUN_IMPORT = "exchange:run_import"
    EXPORT = "exchange:export"
    READ_EXPORTS = "exchange:read_exports"
    RUN_EXPORT = "exchange:run_export"


def is_own_export(actor: Actor, export: Any) -> bool:
    """An export is its membership's alone, not its organisation's: what it holds depends on who asked."""
    return export is None or bool(export.membership_id == actor.membership_id)


takes_out = both(role(*COMPANY_ROLES, *OFFICERS, Role.AUDITOR, Role.PLATFORM_ADMIN), is_own_export)

grant(
    {
        May.IMPORT: [both(role(Role.MARKET_MANAGER), is_own_house)],
        May.RUN_IMPORT: [the_portal],
        May.EXPORT: [takes_out],
        May.READ_EXPORTS: [takes_out],
        May.RUN_EXPORT: [the_portal],
    }
)
