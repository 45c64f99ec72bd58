"""Setting a market up: somebody is invited with a role and posts in one deed."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.accounts import queries as accounts
from portal.accounts.models import Membership, Person
from portal.accounts.operations import people
from portal.accounts.operations.people import PersonCard
from portal.core import clock, db
from portal.core.actor import COMPANY_ROLES, Actor, Role
from portal.core.errors import Mistake
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.models import Market, PostKind
from portal.markets.operations.arriving import link_for
from portal.markets.operations.facts import need_open
from portal.markets.operations.posts import appoint
from portal.markets.policy import May
from portal.territory.models import Organisation


@dataclass(frozen=True)
class Invited:
    """Who was invited.  ``token`` opens the account once; "" where it is open already."""

    membership: Membership
    person: Person
    token: str


def invite(market: Market, card: PersonCard, role: Role, kinds: Iterable[PostKind], actor: Actor) -> Invited:
    """Let somebody into the company and give him posts in a market from today; a colleague only gets the posts.

    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.APPOINT, market)
    need_open(market)
    if role not in COMPANY_ROLES:
        raise Mistake("role", _l("请从列出的里面选一项。"))
    person = people.account_of(card)
    membership = _part(person, market.company_id, role)
    if membership is None:
        company = db.session.get_one(Organisation, market.company_id)
        membership = people.add_person(card, company, role, actor)
    elif not kinds:
        raise Mistake("role", _l("他在这里已经有这个身份了。"))
    person = accounts.get_person(membership.person_id)
    held = {one.kind for one in queries.posts_of(market) if one.person_id == person.id and one.to_on is None}
    for kind in kinds:
        if kind not in held:
            appoint(market, person, kind, clock.today(), actor)
    return Invited(membership, person, link_for(person, actor))


def _part(person: Person | None, company_id: int, role: Role) -> Membership | None:
    if person is None:
        return None
    parts = accounts.current_memberships(person.id)
    return next((one for one in parts if (one.organisation_id, one.role) == (company_id, role)), None)
