"""Who may do what with people, which role sits in which organisation and how far it reaches."""

from datetime import timedelta
from enum import StrEnum
from typing import Any

from portal.core.actor import Actor, Role
from portal.core.policy import both, grant, role, signed_in, the_portal
from portal.core.reach import Reach, Sight
from portal.territory.models import Kind, Level, Organisation


class May(StrEnum):
    KEEP_OWN = "accounts:keep_own"
    SEE_PEOPLE = "accounts:see_people"
    ADD_PEOPLE = "accounts:add_people"
    END_MEMBERSHIP = "accounts:end_membership"
    HAND_OVER = "accounts:hand_over"
    DISABLE = "accounts:disable"
    ISSUE_LINK = "accounts:issue_link"
    RESET_FACTOR = "accounts:reset_factor"


COMPANY_STAFF = frozenset({Role.MARKET_MANAGER, Role.PATROLLER, Role.SERVICE_CLERK, Role.VENDOR})
FRONT_LINE = frozenset({Role.PATROLLER, Role.SERVICE_CLERK, Role.VENDOR})
"""A company's people without an administrator's duty: they may have their telephone remembered."""
NEEDS_SECOND_FACTOR = frozenset(Role) - FRONT_LINE - {Role.GRID_OFFICER, Role.SYSTEM}

ORGANISATIONS_OF_ROLE = {
    Role.PLATFORM_ADMIN: {Kind.PLATFORM},
    Role.AUDITOR: {Kind.PLATFORM, Kind.CITY},
    Role.CITY_OFFICER: {Kind.CITY},
    Role.DEPARTMENT_OFFICER: {Kind.DEPARTMENT},
    Role.TOWN_DISPATCHER: {Kind.TOWN},
    Role.COMMUNITY_DISPATCHER: {Kind.COMMUNITY},
    Role.GRID_OFFICER: {Kind.COMMUNITY},
    **{staff: {Kind.COMPANY} for staff in COMPANY_STAFF},
}

COMMUNITY_GRANTS = frozenset({Role.COMMUNITY_DISPATCHER, Role.GRID_OFFICER, Role.MARKET_MANAGER})
TOWN_GRANTS = COMMUNITY_GRANTS | {Role.TOWN_DISPATCHER, Role.DEPARTMENT_OFFICER}
CITY_GRANTS = TOWN_GRANTS | {Role.CITY_OFFICER}

GRANTS = {
    Role.PLATFORM_ADMIN: CITY_GRANTS | {Role.PLATFORM_ADMIN, Role.AUDITOR},
    Role.CITY_OFFICER: CITY_GRANTS,
    Role.TOWN_DISPATCHER: TOWN_GRANTS,
    Role.COMMUNITY_DISPATCHER: COMMUNITY_GRANTS,
    Role.DEPARTMENT_OFFICER: frozenset({Role.DEPARTMENT_OFFICER}),
    Role.MARKET_MANAGER: COMPANY_STAFF,
}
"""Which roles a role may give, take and shut out: none above its own, and only where it ``administers``."""

ON_DUTY = frozenset({Role.PLATFORM_ADMIN, Role.CITY_OFFICER, Role.TOWN_DISPATCHER, Role.COMMUNITY_DISPATCHER})
VOUCHES = {granter: roles | FRONT_LINE if granter in ON_DUTY else roles for granter, roles in GRANTS.items()}
"""For whom a role may issue a link: besides those it grants, an officer on duty helps the staff on the floor."""

REMEMBERED = timedelta(days=14)
WORKING_DAY = timedelta(hours=12)
IDLE_MINUTES = 30
FRESH = timedelta(minutes=5)


def reach_of(acts_as: Role, organisation: Organisation, vendor_id: int | None = None) -> Reach | None:
    """The rows a membership reaches; None for those who run the platform."""
    if acts_as is Role.VENDOR:
        return Reach(Sight.VENDOR, f"{organisation.id}:{vendor_id}")
    if acts_as in COMPANY_STAFF:
        return Reach(Sight.COMPANY, str(organisation.id))
    if acts_as in {Role.CITY_OFFICER, Role.AUDITOR}:
        return Reach(Sight.CITY)
    if acts_as is Role.PLATFORM_ADMIN:
        return None
    if len(organisation.area_code) == Level.COMMUNITY.length:
        return Reach(Sight.COMMUNITY, organisation.area_code)
    if len(organisation.area_code) == Level.TOWN.length:
        return Reach(Sight.TOWN, organisation.area_code)
    return Reach(Sight.CITY)


def idle_minutes(acts_as: Role) -> int | None:
    """How long a session of this role may lie idle."""
    return None if acts_as in FRONT_LINE else IDLE_MINUTES


def administers(actor: Actor, organisation: Organisation | None) -> bool:
    """Whether an organisation lies where the actor keeps the list of people."""
    if organisation is None:
        return True
    match actor.role:
        case Role.PLATFORM_ADMIN:
            return True
        case Role.CITY_OFFICER:
            return organisation.kind is not Kind.PLATFORM
        case Role.TOWN_DISPATCHER:
            return organisation.town_code == actor.area_code
        case Role.COMMUNITY_DISPATCHER:
            return organisation.area_code == actor.area_code and organisation.kind in {
                Kind.COMMUNITY,
                Kind.COMPANY,
            }
        case _:
            return organisation.id == actor.organisation_id


def grants_here(actor: Actor, membership: Any) -> bool:
    """Whether the actor may give or take this very membership: never his own."""
    if membership is None:
        return True
    is_own = membership.person_id == actor.person_id
    return (
        not is_own and membership.role in GRANTS[actor.role] and administers(actor, membership.organisation)
    )


def answers_for(actor: Actor, memberships: Any) -> bool:
    """Whether every part a person plays lies with the actor.

    A manager who may reset a patroller's password must not thereby enter the part that patroller plays elsewhere.
    """
    return memberships is None or all(grants_here(actor, one) for one in memberships)


def vouches_for(actor: Actor, memberships: Any) -> bool:
    """Whether the actor may hand over a link for somebody who plays these parts."""
    return memberships is None or (
        bool(memberships)
        and all(
            one.person_id != actor.person_id
            and one.role in VOUCHES[actor.role]
            and administers(actor, one.organisation)
            for one in memberships
        )
    )


def is_own_part(actor: Actor, membership: Any) -> bool:
    """One's own part: nobody ends it behind one's back, and one may hand it over oneself."""
    return membership is None or membership.id == actor.membership_id


keeps_people = role(*GRANTS)

grant(
    {
        May.KEEP_OWN: [signed_in],
        May.SEE_PEOPLE: [both(keeps_people, administers)],
        May.ADD_PEOPLE: [both(keeps_people, grants_here), the_portal],
        May.END_MEMBERSHIP: [both(keeps_people, grants_here), the_portal],
        May.HAND_OVER: [both(keeps_people, grants_here), both(role(Role.MARKET_MANAGER), is_own_part)],
        May.DISABLE: [both(keeps_people, answers_for)],
        May.ISSUE_LINK: [both(keeps_people, vouches_for), the_portal],
        May.RESET_FACTOR: [both(role(*ON_DUTY), vouches_for)],
    }
)
