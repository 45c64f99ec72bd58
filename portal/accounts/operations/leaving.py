"""Somebody leaves: what lies open with him is handed over, then his part ends, in one deed.

Packages above say what may lie open::

    leaving.register(Duty("markets.posts", _l("担任的岗位"), count_posts, hand_over_posts))
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from portal.accounts import policy, queries
from portal.accounts.models import Membership
from portal.accounts.operations import people
from portal.accounts.policy import May
from portal.core import db, journal
from portal.core.actor import COMPANY_ROLES, SYSTEM, Actor, Role
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.core.reach import Reach, Sight


@dataclass(frozen=True)
class Duty:
    """Something of a company that may lie open with a person.

    ``count`` says how much of it does, within one's reach; ``hand_over`` gives it to a colleague, or to nobody.
    """

    code: str
    label: Any
    count: Callable[[Membership], int]
    hand_over: Callable[[Membership, Membership | None, Actor], None]


@dataclass(frozen=True)
class Open:
    """What lies open of one duty."""

    label: Any
    number: int


_duties: dict[str, Duty] = {}


def register(duty: Duty) -> None:
    """Enter a duty; raises ValueError for a second one of the same code."""
    if duty.code in _duties:
        raise ValueError(f"{duty.code} is a duty already")
    _duties[duty.code] = duty


def is_of_the_house(membership: Membership, actor: Actor) -> bool:
    """Whether the actor sees what lies open: a company's own affairs are its own people's to see."""
    return actor.company_id is not None and actor.company_id == membership.organisation_id


def open_with(membership: Membership, actor: Actor) -> Sequence[Open]:
    """What would be left behind if this part ended now, as far as the actor may know of it.

    Nothing while the person works on in the company.
    """
    if not is_of_the_house(membership, actor) or _works_on(membership):
        return []
    found = [Open(duty.label, duty.count(membership)) for duty in _duties.values()]
    return [one for one in found if one.number]


def _works_on(membership: Membership) -> bool:
    """Whether the person has another part in the same company."""
    return any(
        one.id != membership.id
        and one.organisation_id == membership.organisation_id
        and one.role in COMPANY_ROLES
        for one in queries.current_memberships(membership.person_id)
    )


def is_last_manager(membership: Membership) -> bool:
    """Whether a company would have nobody to run it without this part."""
    if membership.role is not Role.MARKET_MANAGER:
        return False
    return not queries.colleagues_of(membership, Role.MARKET_MANAGER)


def needs_successor(membership: Membership, actor: Actor) -> bool:
    """Whether somebody must be named: the last manager's place is left empty by an office alone."""
    return actor.role not in policy.ON_DUTY and is_last_manager(membership)


def leave(membership: Membership, successor: Membership | None, actor: Actor) -> None:
    """End a part, one's own as well, and give what lies open with it to a colleague, or to nobody.

    Who takes over from the last manager becomes manager.  Raises NotAllowed, TooLate where it has ended already,
    Mistake("successor").
    """
    demand(actor, May.HAND_OVER, membership)
    if membership.ended_at is not None:
        raise TooLate(_l("这个身份已经结束了。"))
    if successor is None and needs_successor(membership, actor):
        raise Mistake("successor", _l("这是公司最后一位市场负责人，要选一个人接手。"))
    if successor is not None:
        _check_successor(membership, successor)
        if is_last_manager(membership):
            _promote(successor, actor)
    if is_of_the_house(membership, actor) and not _works_on(membership):
        _hand_over(membership, successor, actor)
    people.end_now(membership, actor, successor)


def _check_successor(membership: Membership, successor: Membership) -> None:
    if successor.id not in {one.id for one in queries.colleagues_of(membership, *COMPANY_ROLES)}:
        raise Mistake("successor", _l("只能从本公司在职的人里选。"))


def _promote(successor: Membership, actor: Actor) -> None:
    part = Membership(
        person=successor.person,
        person_id=successor.person_id,
        organisation=successor.organisation,
        role=Role.MARKET_MANAGER,
        by_person_id=actor.person_id,
    )
    demand(actor, May.ADD_PEOPLE, part)
    db.session.add(part)
    journal.write(part, actor, "add_person", role=part.role.value, organisation=successor.organisation_id)


def close_left(membership_id: int, successor_id: int | None) -> None:
    """Hand over what an office could not see when it ended a part: the company's own duties."""
    whole = (joinedload(Membership.person), joinedload(Membership.organisation))
    membership = db.session.get_one(Membership, membership_id, options=whole)
    successor = db.session.get(Membership, successor_id, options=whole) if successor_id else None
    if not _works_on(membership):
        reach = Reach(Sight.COMPANY, str(membership.organisation_id))
        _hand_over(membership, successor, SYSTEM(reach))


def _hand_over(membership: Membership, successor: Membership | None, actor: Actor) -> None:
    for duty in _duties.values():
        duty.hand_over(membership, successor, actor)
