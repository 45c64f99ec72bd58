"""A market comes in: its company, the market itself and the first manager, in one deed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.accounts import policy as accounts_policy
from portal.accounts import queries as accounts
from portal.accounts.models import Membership, Person
from portal.accounts.operations import links, people
from portal.accounts.operations.people import PersonCard
from portal.core.actor import Actor, Role
from portal.core.errors import Mistake, NotAllowed
from portal.core.policy import demand
from portal.markets import numbers, queries
from portal.markets.models import Market
from portal.markets.operations.facts import MarketFacts, number
from portal.markets.operations.places import register_market
from portal.markets.policy import May
from portal.territory import operations as territory
from portal.territory import queries as areas
from portal.territory.models import Area, Kind, Organisation
from portal.territory.operations import NameCard


@dataclass(frozen=True)
class Arrival:
    """What is asked when a market comes in.  ``seat`` is the community of a new company, where it is another."""

    company: NameCard
    community: Area
    market: MarketFacts
    manager: PersonCard
    seat: Area | None = None


@dataclass(frozen=True)
class Arrived:
    """What came of it.  ``token`` opens the manager's account once; "" where he has one, or another office's duty."""

    market: Market
    company: Organisation
    manager: Membership
    person: Person
    token: str


def arrive(arrival: Arrival, actor: Actor) -> Arrived:
    """Enter company, market and first manager; a company whose credit code is known is joined, never made twice.

    The manager gives out the posts himself: a company's own house is not arranged by an office.
    Raises NotAllowed outside the actor's town, Mistake(field) with the fields of the arrival's form.
    """
    demand(actor, May.REGISTER, arrival.community)
    company = find_company(arrival.company)
    check_market_name(arrival.community.code, arrival.market.name)
    manager = find_manager(company, arrival.manager, actor) if company is not None else None
    if company is None:
        with _named("company_", area_code="seat"):
            seat = arrival.seat or arrival.community
            company = territory.register_organisation(Kind.COMPANY, seat, arrival.company, actor)
    market = register_market(company, arrival.community, arrival.market, actor)
    if manager is None:
        with _named("manager_", role="manager_phone", username="manager_phone"):
            manager = people.add_person(arrival.manager, company, Role.MARKET_MANAGER, actor)
    person = accounts.get_person(manager.person_id)
    return Arrived(market, company, manager, person, link_for(person, actor))


def link_for(person: Person, actor: Actor) -> str:
    """The token of a link that opens the account; "" where it is open, or where it is not the actor's to give."""
    if person.password_hash is not None:
        return ""
    try:
        return links.issue(person, actor)
    except NotAllowed:
        return ""


@contextmanager
def _named(prefix: str, **others: str) -> Iterator[None]:
    """A mistake under the name its field has on the form of an arrival."""
    try:
        yield
    except Mistake as mistake:
        raise Mistake(others.get(mistake.field, f"{prefix}{mistake.field}"), mistake.words) from None


def find_company(card: NameCard) -> Organisation | None:
    """The company of this credit code, or None for a new one; raises Mistake("company_uscc" or "company_name")."""
    uscc, name = number("company_uscc", numbers.judge_uscc(card.uscc)), card.name.strip()
    known = areas.organisations_like(uscc, name)
    found = next((one for one in known if one.uscc == uscc), None)
    if found is None:
        _check_new_company(name, next(iter(known), None))
        return None
    if found.kind is not Kind.COMPANY:
        raise Mistake("company_uscc", _l("这个代码登记的是“%(name)s”，不是市场公司。", name=found.name))
    if name and name not in (found.name, found.short_name):
        words = _l(
            "这个代码已经登记为“%(name)s”。是同一家就照这样填，或者空着；不是请核对代码。", name=found.name
        )
        raise Mistake("company_name", words)
    return found


def _check_new_company(name: str, twin: Organisation | None) -> None:
    if len(name) < 2:
        raise Mistake("company_name", _l("这家公司还没有登记过，请填营业执照上的全称。"))
    if twin is not None:
        raise Mistake(
            "company_name",
            _l("已经登记过一家同名公司，代码是 %(code)s。请核对。", code=twin.uscc)
            if twin.uscc
            else _l("已经登记过一家同名公司，还没有写代码。请先在“单位”里给它补上代码。"),
        )


def check_market_name(community_code: str, name: str) -> None:
    """Whether the community has no market of this name yet; raises Mistake("name")."""
    if queries.has_market_named(community_code, name.strip()):
        raise Mistake("name", _l("这个村（社区）已经有一个叫这个名字的市场。"))


def find_manager(company: Organisation | None, card: PersonCard, actor: Actor) -> Membership | None:
    """The manager's part where he manages the company already, None for a new one; raises Mistake."""
    with _named("manager_", username="manager_phone"):
        person = people.account_of(card)
    if person is not None and person.id == actor.person_id:
        raise Mistake("manager_phone", _l("自己的身份不能自己加。"))
    if company is None:
        return None
    for one in accounts.current_memberships(person.id) if person is not None else ():
        if one.organisation_id == company.id and one.role is Role.MARKET_MANAGER:
            return one
    if not accounts_policy.administers(actor, company):
        words = _l("这家公司登记在别的镇街：请填它现有的负责人，或者请那边的镇街先开账号。")
        raise Mistake("manager_phone", words)
    return None
