"""Who may do what with checklists, plans, checks and records."""

from enum import StrEnum

from portal.core.actor import COMMUNITY_ROLES, COMPANY_ROLES, Actor, Role
from portal.core.policy import both, grant, role, the_portal


class May(StrEnum):
    """Rights of the self-check."""

    READ = "selfcheck:read"
    WALK = "selfcheck:walk"
    BACKFILL = "selfcheck:backfill"
    REVIEW = "selfcheck:review"
    READ_REVIEWS = "selfcheck:read_reviews"
    PLAN = "selfcheck:plan"
    READ_RECORDS = "selfcheck:read_records"
    SIGN = "selfcheck:sign"
    READ_LISTS = "selfcheck:read_lists"
    DRAFT_LIST = "selfcheck:draft_list"
    PUBLISH_LIST = "selfcheck:publish_list"
    LOAD_LISTS = "selfcheck:load_lists"
    CLOSE_TOWN = "selfcheck:close_town"
    EXCUSE = "selfcheck:excuse"
    RECORD = "selfcheck:record"


WATCHERS = (*COMMUNITY_ROLES, Role.TOWN_DISPATCHER, Role.CITY_OFFICER, Role.AUDITOR)


def did_not_draft_it(actor: Actor, subject: object) -> bool:
    """A second person publishes; whoever worked on the draft does not."""
    return actor.person_id not in getattr(subject, "drafter_ids", ())


def is_above_or_beside(actor: Actor, subject: object) -> bool:
    """Published by the organisation that drafted it, or by the city above it."""
    issuer = getattr(subject, "issuer_id", None)
    return actor.role is Role.CITY_OFFICER or issuer is None or issuer == actor.organisation_id


def drafts_for_own_house(actor: Actor, subject: object) -> bool:
    """A draft is changed by the organisation whose draft it is."""
    issuer = getattr(subject, "issuer_id", None)
    return issuer is None or issuer == actor.organisation_id


def is_own_house(actor: Actor, subject: object) -> bool:
    """The market, or what stands in it, is the actor's company's."""
    return subject is None or getattr(subject, "company_id", None) == actor.company_id


def is_own_town(actor: Actor, subject: object) -> bool:
    """The area lies in the actor's town: compared by its nine digits, not by a beginning of the code."""
    code = getattr(subject, "area_code", None) or getattr(subject, "code", None)
    return code is None or str(code)[:9] == actor.area_code


def did_not_walk_it(actor: Actor, subject: object) -> bool:
    """Whoever walked a check or handed it in does not look at it for the community, whatever parts he plays."""
    return actor.person_id not in {
        getattr(subject, name, None) for name in ("opened_by_id", "submitted_by_id")
    }


walkers = role(Role.PATROLLER, Role.MARKET_MANAGER)

grant(
    {
        May.READ: [role(*COMPANY_ROLES, *WATCHERS)],
        May.WALK: [walkers],
        May.BACKFILL: [walkers],
        May.REVIEW: [both(role(*COMMUNITY_ROLES), did_not_walk_it)],
        May.READ_REVIEWS: [role(*WATCHERS)],
        May.PLAN: [both(role(Role.MARKET_MANAGER), is_own_house), the_portal],
        May.READ_RECORDS: [role(*COMPANY_ROLES, *WATCHERS)],
        May.SIGN: [walkers],
        May.READ_LISTS: [role(*COMPANY_ROLES, *WATCHERS, Role.DEPARTMENT_OFFICER)],
        May.DRAFT_LIST: [both(role(Role.CITY_OFFICER, Role.DEPARTMENT_OFFICER), drafts_for_own_house)],
        May.PUBLISH_LIST: [both(role(Role.CITY_OFFICER), did_not_draft_it, is_above_or_beside)],
        May.LOAD_LISTS: [role(Role.CITY_OFFICER, Role.PLATFORM_ADMIN), the_portal],
        May.CLOSE_TOWN: [both(role(Role.TOWN_DISPATCHER), is_own_town)],
        May.EXCUSE: [role(Role.TOWN_DISPATCHER, Role.MARKET_MANAGER), the_portal],
        May.RECORD: [the_portal],
    }
)
