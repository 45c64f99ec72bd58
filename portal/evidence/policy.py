"""Who reads evidence: whoever reaches what it proves."""

from enum import StrEnum

from portal.core.actor import Role
from portal.core.policy import grant, role


class May(StrEnum):
    READ = "evidence:read"


OF_NO_MARKET = {Role.PLATFORM_ADMIN, Role.SYSTEM}
"""Those who run the platform see nobody's photos."""

grant({May.READ: [role(*(one for one in Role if one not in OF_NO_MARKET))]})
