"""Who brings workbooks in and takes lists out."""

from enum import StrEnum

from portal.core.actor import Role
from portal.core.policy import both, grant, role, the_portal
from portal.markets.policy import is_own_house


class May(StrEnum):
    """The rights of this package."""

    IMPORT = "exchange:import"
    RUN_IMPORT = "exchange:run_import"


grant(
    {
        May.IMPORT: [both(role(Role.MARKET_MANAGER), is_own_house)],
        May.RUN_IMPORT: [the_portal],
    }
)
