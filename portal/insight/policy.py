"""Who sees the markets of an area together, the journal, the read log and the portal's own health."""

from enum import StrEnum

from portal.core.actor import OFFICERS, Role
from portal.core.policy import grant, role


class May(StrEnum):
    """The rights of this package."""

    SEE_LOG = "insight:see_log"
    SEE_READS = "insight:see_reads"
    SEE_HEALTH = "insight:see_health"
    TEND_ERRANDS = "insight:tend_errands"
    SEE_AREA = "insight:see_area"


grant(
    {
        May.SEE_LOG: [role(Role.AUDITOR)],
        May.SEE_READS: [role(Role.AUDITOR, Role.MARKET_MANAGER, Role.VENDOR)],
        May.SEE_HEALTH: [role(Role.PLATFORM_ADMIN, Role.AUDITOR)],
        May.TEND_ERRANDS: [role(Role.PLATFORM_ADMIN)],
        May.SEE_AREA: [role(*OFFICERS)],
    }
)
