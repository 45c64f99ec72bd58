"""Who reads areas and organisations, and who keeps them."""

from enum import StrEnum
from typing import Any

from portal.core.actor import Actor, Role
from portal.core.policy import both, grant, role, signed_in, the_portal


class May(StrEnum):
    READ = "territory:read"
    KEEP_ORGANISATIONS = "territory:keep_organisations"
    LOAD_AREAS = "territory:load_areas"


def stands_in_own_town(actor: Actor, organisation: Any) -> bool:
    """A town keeps the bodies inside it: compared by the nine digits, not by a beginning of the code."""
    return organisation is None or organisation.town_code == actor.area_code


def is_of_no_office_above(actor: Actor, organisation: Any) -> bool:
    """A town changes no city office and no platform, even one that lists an address in the town."""
    return organisation is None or organisation.kind in {"company", "community", "town", "department"}


grant(
    {
        May.READ: [signed_in],
        May.KEEP_ORGANISATIONS: [
            role(Role.PLATFORM_ADMIN, Role.CITY_OFFICER),
            both(role(Role.TOWN_DISPATCHER), stands_in_own_town, is_of_no_office_above),
            the_portal,
        ],
        May.LOAD_AREAS: [role(Role.PLATFORM_ADMIN, Role.CITY_OFFICER), the_portal],
    }
)
