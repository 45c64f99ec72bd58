"""Looking up people, their memberships and the session behind a request."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from portal.accounts import policy
from portal.accounts.models import (
    Device,
    KeptForm,
    LinkPurpose,
    Membership,
    OneTimeLink,
    Person,
    SignIn,
    Stage,
)
from portal.core import clock, db
from portal.core.actor import Actor, Role
from portal.core.errors import NotThere
from portal.territory.models import Kind, Organisation, OrganisationFunction

PAGE = 50
MOST_PARTS = 40
"""More memberships than a person can have; bounds the switcher."""
MOST_COLLEAGUES = 500
"""People of one company to choose from."""


@dataclass(frozen=True)
class Standing:
    """Who is behind a request: the actor, and the rows it was made from (detached)."""

    actor: Actor
    sign_in: SignIn
    person: Person


@dataclass(frozen=True)
class Part:
    """A membership as the switcher shows it."""

    id: int
    role: Role
    organisation_name: str
    place_name: str
    is_current: bool


@dataclass(frozen=True)
class PeoplePage:
    """One page of an organisation's people, and where the next begins ("" on the last)."""

    rows: Sequence[Membership]
    next_cursor: str


def hashed(token: str) -> str:
    """How a random token is kept: its SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()


# Asked by every request, so built once.
STANDING = (
    sa.select(SignIn, Person, Membership, Organisation, OrganisationFunction.function_code)
    .join(Person, Person.id == SignIn.person_id)
    .join(Membership, Membership.id == SignIn.membership_id)
    .join(Organisation, Organisation.id == Membership.organisation_id)
    .outerjoin(OrganisationFunction, OrganisationFunction.organisation_id == Organisation.id)
    .where(SignIn.token_hash == sa.bindparam("token_hash"))
)


def standing_of(token: str, stage: Stage = Stage.FULL) -> Standing | None:
    """Who bears this token, in one statement; None unless session, person and membership all hold now."""
    rows = db.session.execute(STANDING, {"token_hash": hashed(token)}).all()
    if not rows:
        return None
    sign_in, person, membership, organisation, _ = rows[0]
    is_live = sign_in.stage is stage and sign_in.is_alive(clock.now()) and person.disabled_at is None
    if not is_live or not membership.is_current(clock.today()):
        return None
    functions = frozenset(row[4] for row in rows if row[4])
    return Standing(actor_of(person, membership, organisation, functions), sign_in, person)


def actor_of_token(token: str) -> Actor | None:
    """The actor who bears this token, or None."""
    found = standing_of(token)
    return found.actor if found else None


def actor_of(
    person: Person,
    membership: Membership,
    organisation: Organisation,
    functions: frozenset[str] = frozenset(),
) -> Actor:
    """A person in one membership, as the rest of the portal knows him."""
    role = membership.role
    return Actor(
        person_id=person.id,
        name=person.name,
        role=role,
        organisation_id=organisation.id,
        organisation_name=organisation.name,
        membership_id=membership.id,
        reach=policy.reach_of(role, organisation, membership.vendor_id),
        company_id=organisation.id if organisation.kind is Kind.COMPANY else None,
        area_code=organisation.area_code,
        vendor_id=membership.vendor_id,
        place_name=organisation.short_name,
        functions=functions,
    )


def actor_in(membership_id: int) -> Actor:
    """The actor of a membership, for what acts in a person's name outside a request; raises NotThere."""
    query = (
        sa.select(Person, Membership, Organisation, OrganisationFunction.function_code)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .outerjoin(OrganisationFunction, OrganisationFunction.organisation_id == Organisation.id)
        .where(Membership.id == membership_id)
    )
    rows = db.session.execute(query).all()
    if not rows or rows[0][0].disabled_at or not rows[0][1].is_current(clock.today()):
        raise NotThere
    return actor_of(*rows[0][:3], frozenset(row[3] for row in rows if row[3]))


def person_of_token(token: str) -> int | None:
    """Whose session it is or was, alive or not: for keeping what he typed."""
    return db.session.scalars(sa.select(SignIn.person_id).where(SignIn.token_hash == hashed(token))).first()


def find_person(login: str) -> Person | None:
    """The person of a user name or telephone number, however it was typed."""
    plain = "".join(login.split()).casefold()
    if not plain:
        return None
    return db.session.scalars(
        sa.select(Person).where(sa.or_(Person.username == plain, Person.phone == plain))
    ).first()


def get_person(person_id: int) -> Person:
    """The person of this number; raises NotThere."""
    person = db.session.get(Person, person_id)
    if person is None:
        raise NotThere
    return person


def find_device(token: str) -> Device | None:
    """The device a cookie stands for, while it is known."""
    if not token:
        return None
    device = db.session.scalars(sa.select(Device).where(Device.token_hash == hashed(token))).first()
    return device if device is not None and device.is_valid(clock.now()) else None


def current_memberships(person_id: int) -> Sequence[Membership]:
    """What a person is today, with the organisations, the oldest first."""
    today = clock.today()
    query = (
        sa.select(Membership)
        .where(
            Membership.person_id == person_id,
            Membership.ended_at.is_(None),
            Membership.from_on <= today,
            sa.or_(Membership.to_on.is_(None), Membership.to_on >= today),
        )
        .options(joinedload(Membership.organisation))
        .order_by(Membership.id)
        .limit(MOST_PARTS)
    )
    return list(db.session.scalars(query))


def parts_of(actor: Actor) -> list[Part]:
    """What the person behind the actor may act as, for the switcher."""
    return [
        Part(
            one.id,
            one.role,
            one.organisation.name,
            one.organisation.short_name,
            one.id == actor.membership_id,
        )
        for one in current_memberships(actor.person_id)
    ]


def get_own_membership(membership_id: int, person_id: int) -> Membership:
    """A person's own current membership; anybody else's is not there.  Raises NotThere."""
    for one in current_memberships(person_id):
        if one.id == membership_id:
            return one
    raise NotThere


def get_membership(membership_id: int, actor: Actor) -> Membership:
    """A membership the actor keeps the list for, with person and organisation; raises NotThere."""
    query = (
        sa.select(Membership)
        .where(Membership.id == membership_id)
        .options(joinedload(Membership.person), joinedload(Membership.organisation))
    )
    found = db.session.scalars(query).first()
    if found is None or not policy.administers(actor, found.organisation):
        raise NotThere
    return found


def people_of(organisation: Organisation, cursor: str = "") -> PeoplePage:
    """The current people of an organisation, fifty a page, in the order they came."""
    query: sa.Select[Any] = (
        sa.select(Membership)
        .where(Membership.organisation_id == organisation.id, Membership.ended_at.is_(None))
        .where(sa.or_(Membership.to_on.is_(None), Membership.to_on >= clock.today()))
        .options(joinedload(Membership.person))
        .order_by(Membership.id)
        .limit(PAGE + 1)
    )
    if (last := db.as_id(cursor)) is not None:
        query = query.where(Membership.id > last)
    rows = list(db.session.scalars(query))
    return PeoplePage(rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else "")


def colleagues_of(membership: Membership, *roles: Role) -> Sequence[Membership]:
    """The current parts of other people in the same organisation, in these roles, one a person, by name."""
    today = clock.today()
    query = (
        sa.select(Membership)
        .join(Membership.person)
        .where(
            Membership.organisation_id == membership.organisation_id,
            Membership.person_id != membership.person_id,
            Membership.role.in_(roles),
            Membership.ended_at.is_(None),
            Membership.from_on <= today,
            sa.or_(Membership.to_on.is_(None), Membership.to_on >= today),
            Person.disabled_at.is_(None),
        )
        .options(contains_eager(Membership.person), joinedload(Membership.organisation))
        .order_by(Person.name, Membership.id)
        .limit(MOST_COLLEAGUES)
    )
    return list({one.person_id: one for one in db.session.scalars(query)}.values())


def invitations_of(rows: Iterable[Membership]) -> dict[int, OneTimeLink]:
    """The invitations that nobody took up yet, open or expired, by the person they were made for."""
    waiting = [one.person_id for one in rows if one.person.password_hash is None]
    if not waiting:
        return {}
    query = sa.select(OneTimeLink).where(
        OneTimeLink.person_id.in_(waiting),
        OneTimeLink.purpose == LinkPurpose.INVITE,
        OneTimeLink.used_at.is_(None),
    )
    return {link.person_id: link for link in db.session.scalars(query.order_by(OneTimeLink.id))}


def has_platform_admin() -> bool:
    """Whether anybody runs the platform today."""
    query = (
        sa.select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(
            Membership.role == Role.PLATFORM_ADMIN,
            Membership.ended_at.is_(None),
            Person.disabled_at.is_(None),
        )
    )
    return db.session.scalars(query.limit(1)).first() is not None


def live_sign_ins(person_id: int) -> Sequence[SignIn]:
    """The sessions of a person that are open now, the latest first, with the part each acts in."""
    now = clock.now()
    query = (
        sa.select(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
        .where(SignIn.stage == Stage.FULL, SignIn.expires_at > now)
        .options(joinedload(SignIn.membership).joinedload(Membership.organisation), joinedload(SignIn.device))
        .order_by(SignIn.last_seen_at.desc())
        .limit(PAGE)
    )
    return [one for one in db.session.scalars(query) if one.is_alive(now)]


def find_link(token: str) -> OneTimeLink | None:
    """An unused, unexpired link with its person, or None."""
    query = sa.select(OneTimeLink).where(OneTimeLink.token_hash == hashed(token))
    link = db.session.scalars(query.options(joinedload(OneTimeLink.person))).first()
    return (
        link if link is not None and link.is_open(clock.now()) and link.person.disabled_at is None else None
    )


def get_kept_form(token: str, person_id: int) -> KeptForm:
    """What this very person had typed; raises NotThere for everybody else and once it is too old."""
    query = sa.select(KeptForm).where(
        KeptForm.token_hash == hashed(token),
        KeptForm.person_id == person_id,
        KeptForm.expires_at > clock.now(),
    )
    kept = db.session.scalars(query).first()
    if kept is None:
        raise NotThere
    return kept
