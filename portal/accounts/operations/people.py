"""People and their memberships: who is let in, as what, and how that ends."""

import re
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.accounts import policy, queries
from portal.accounts.models import Membership, Person
from portal.accounts.operations import links, sessions
from portal.accounts.policy import May
from portal.core import clock, db, errands, journal
from portal.core.actor import COMPANY_ROLES, Actor, Role
from portal.core.errors import Mistake, NotAllowed, TooLate
from portal.core.policy import demand
from portal.core.reach import Reach, Sight
from portal.territory.models import Organisation

USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")
PHONE = re.compile(r"1[0-9]{10}")


@dataclass(frozen=True)
class PersonCard:
    """What is asked of somebody who is let in."""

    name: str
    phone: str = ""
    username: str = ""
    """Empty: the telephone number serves."""


def add_person(
    card: PersonCard, organisation: Organisation, role: Role, actor: Actor, vendor_id: int | None = None
) -> Membership:
    """Let somebody in, as ``role``; an account that bears the number is joined, a new one is made without a password.

    Raises NotAllowed for a role the actor may not give here, Mistake(field) for a card that cannot be taken.
    """
    membership = Membership(
        organisation=organisation, role=role, vendor_id=vendor_id, by_person_id=actor.person_id
    )
    demand(actor, May.ADD_PEOPLE, membership)
    _check_fit(organisation, role, vendor_id)
    person = account_of(card)
    if person is None:
        person = _new_person(card)
    elif person.id == actor.person_id:
        raise NotAllowed(_l("自己的身份不能自己加。"))
    else:
        _refuse_twin(person, organisation, role, vendor_id)
    membership.person = person
    db.session.add(membership)
    journal.write(membership, actor, "add_person", role=role.value, organisation=organisation.id)
    return membership


def _check_fit(organisation: Organisation, role: Role, vendor_id: int | None) -> None:
    if organisation.kind not in policy.ORGANISATIONS_OF_ROLE.get(role, set()):
        raise Mistake("role", _l("这个单位没有这种身份。"))
    if (role is Role.VENDOR) != (vendor_id is not None):
        raise Mistake("role", _l("商户的账号要从商户档案里开通。"))


def account_of(card: PersonCard) -> Person | None:
    """The account a card stands for, or None where it takes a new one; raises Mistake(field).

    Whoever adds somebody must know his name, not only his number.
    """
    found = _joined(card)
    if found is None:
        _check_new(card)
    return found


def _joined(card: PersonCard) -> Person | None:
    phone, username = _plain(card.phone), _plain(card.username)
    found = queries.find_person(phone or username)
    if found is None:
        return None
    if found.name != card.name.strip():
        field = "phone" if phone else "username"
        raise Mistake(field, _l("这个号已经登记在别的名字下。请核对姓名和号码，两样都要和本人登记的一样。"))
    if found.disabled_at is not None:
        raise Mistake("phone" if phone else "username", _l("这个人的账号停用了，请找停用它的单位恢复。"))
    return found


def _check_new(card: PersonCard) -> None:
    name, phone, username = card.name.strip(), _plain(card.phone), _plain(card.username)
    if not 1 < len(name) <= 60:
        raise Mistake("name", _l("姓名要 2 到 60 个字。"))
    if phone and not PHONE.fullmatch(phone):
        raise Mistake("phone", _l("手机号要 11 位，以 1 开头，现在是 %(n)s 位。", n=len(phone)))
    if username and not USERNAME.fullmatch(username):
        raise Mistake("username", _l("用户名要 3 到 32 个小写字母、数字、点或横线，以字母开头。"))
    if not phone and not username:
        raise Mistake("phone", _l("手机号和用户名至少填一样，登录要用。"))
    if username and queries.find_person(username):
        raise Mistake("username", _l("这个用户名已经有人用了。"))


def _new_person(card: PersonCard) -> Person:
    phone, username = _plain(card.phone), _plain(card.username)
    person = Person(username=username or f"p{phone}", name=card.name.strip(), phone=phone or None)
    db.session.add(person)
    db.session.flush()
    return person


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", text).casefold() if text.strip()[:1].isdigit() else text.strip().casefold()


def _refuse_twin(person: Person, organisation: Organisation, role: Role, vendor_id: int | None) -> None:
    for one in queries.current_memberships(person.id):
        if (one.organisation_id, one.role, one.vendor_id) == (organisation.id, role, vendor_id):
            raise Mistake("role", _l("他在这里已经有这个身份了。"))


def end_membership(membership: Membership, actor: Actor) -> None:
    """End a part from this moment; the sessions that act in it end with it.

    Raises NotAllowed (also for one's own part), TooLate where it has ended already.
    """
    demand(actor, May.END_MEMBERSHIP, membership)
    if membership.ended_at is not None:
        raise TooLate(_l("这个身份已经结束了。"))
    end_now(membership, actor)


def end_now(membership: Membership, actor: Actor, successor: Membership | None = None) -> None:
    """End a part whose end was decided, and the sessions that act in it.

    Where somebody outside the company decided, what lies open inside it is closed by an errand in its own reach.
    """
    membership.ended_at = clock.now()
    sessions.end_acting_in(membership.id)
    links.void(membership.person)
    journal.write(membership, actor, "end_membership", successor=successor.person_id if successor else None)
    company_id = membership.organisation_id
    if membership.role in COMPANY_ROLES and actor.company_id != company_id:
        reach = Reach(Sight.COMPANY, str(company_id))
        errands.later(
            "accounts.left",
            str(membership.id),
            reach=reach,
            membership_id=membership.id,
            successor_id=successor.id if successor else None,
        )


def disable(person: Person, actor: Actor) -> None:
    """Shut an account out: every session and link dies at once.

    Raises NotAllowed unless every part the person plays lies below the actor.
    """
    _demand_whole(person, actor)
    if person.disabled_at is not None:
        raise TooLate(_l("这个账号已经停用了。"))
    person.disabled_at = clock.now()
    sessions.end_all(person.id)
    links.void(person)
    journal.write(person, actor, "disable")


def enable(person: Person, actor: Actor) -> None:
    """Let an account in again, with the password it had.  Raises NotAllowed, TooLate."""
    _demand_whole(person, actor)
    if person.disabled_at is None:
        raise TooLate(_l("这个账号没有停用。"))
    person.disabled_at = None
    journal.write(person, actor, "enable")


def _demand_whole(person: Person, actor: Actor) -> None:
    parts = queries.current_memberships(person.id)
    if not parts:
        raise NotAllowed
    demand(actor, May.DISABLE, parts)


def grantable(actor: Actor, organisation: Organisation) -> list[Role]:
    """The roles the actor may give in an organisation, vendors apart: their accounts begin at the vendor's card."""
    if not policy.administers(actor, organisation):
        return []
    return [
        role
        for role in Role
        if role in policy.GRANTS.get(actor.role, ())
        and organisation.kind in policy.ORGANISATIONS_OF_ROLE.get(role, set())
        and role is not Role.VENDOR
    ]
