"""Who may do what with markets, stalls, vendors, papers and posts."""

from enum import StrEnum
from typing import Any

from portal.core.actor import COMPANY_ROLES, OFFICERS, Actor, Role
from portal.core.policy import both, grant, role, the_portal


class May(StrEnum):
    """The rights of this package."""

    READ = "markets:read"
    READ_VENDOR = "markets:read_vendor"
    READ_POSTS = "markets:read_posts"
    REGISTER = "markets:register"
    RESTAMP = "markets:restamp"
    CHANGE_OPERATOR = "markets:change_operator"
    CLOSE = "markets:close"
    EDIT = "markets:edit"
    KEEP_STALLS = "markets:keep_stalls"
    KEEP_VENDORS = "markets:keep_vendors"
    KEEP_PAPERS = "markets:keep_papers"
    REVEAL_IDENTITY = "markets:reveal_identity"
    ASK_CORRECTION = "markets:ask_correction"
    DECIDE_CORRECTION = "markets:decide_correction"
    READ_RETENTION = "markets:read_retention"
    ERASE = "markets:erase"
    KEEP_EQUIPMENT = "markets:keep_equipment"
    READ_BY_WORD = "markets:read_by_word"
    READ_SIGNS = "markets:read_signs"
    KEEP_SIGNS = "markets:keep_signs"
    APPOINT = "markets:appoint"
    LOAD = "markets:load"


def is_own_house(actor: Actor, subject: Any) -> bool:
    """The thing stands in a market of the actor's company."""
    return subject is None or bool(subject.company_id == actor.company_id)


def is_own_town(actor: Actor, subject: Any) -> bool:
    """The area, or the market, lies in the actor's town."""
    if subject is None:
        return True
    town_code = getattr(subject, "town_code", None) or subject.code[:9]
    return bool(town_code == actor.area_code)


def is_own_file(actor: Actor, subject: Any) -> bool:
    """The vendor is the actor himself."""
    return subject is None or bool(subject.id == actor.vendor_id)


def is_own_correction(actor: Actor, subject: Any) -> bool:
    """The correction is about the actor's own file."""
    return subject is None or bool(subject.vendor_id == actor.vendor_id)


in_company = role(*COMPANY_ROLES)
in_office = role(*OFFICERS, Role.AUDITOR)
the_manager = both(role(Role.MARKET_MANAGER), is_own_house)
the_town = both(role(Role.TOWN_DISPATCHER), is_own_town)
the_city = role(Role.CITY_OFFICER)

grant(
    {
        May.READ: [in_company, in_office],
        May.READ_VENDOR: [in_company, in_office, both(role(Role.VENDOR), is_own_file)],
        May.READ_POSTS: [in_company],
        May.REGISTER: [the_town, the_city],
        May.RESTAMP: [the_town, the_city],
        May.CHANGE_OPERATOR: [the_town, the_city],
        May.CLOSE: [the_town, the_city],
        May.EDIT: [the_manager],
        May.KEEP_STALLS: [the_manager],
        May.KEEP_VENDORS: [the_manager],
        May.KEEP_PAPERS: [the_manager],
        May.REVEAL_IDENTITY: [the_manager],
        May.ASK_CORRECTION: [both(role(Role.VENDOR), is_own_correction)],
        May.DECIDE_CORRECTION: [the_manager],
        May.READ_RETENTION: [the_manager],
        May.ERASE: [the_portal],
        May.KEEP_EQUIPMENT: [the_manager],
        May.READ_BY_WORD: [in_company, in_office],
        May.READ_SIGNS: [both(role(Role.MARKET_MANAGER, Role.SERVICE_CLERK), is_own_house)],
        May.KEEP_SIGNS: [the_manager],
        May.APPOINT: [the_manager],
        May.LOAD: [role(Role.PLATFORM_ADMIN, Role.CITY_OFFICER), the_portal],
    }
)
