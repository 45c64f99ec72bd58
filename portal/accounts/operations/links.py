"""One-time links: handed over in person, they open an account or set a new password, once."""

import secrets

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts import policy, queries
from portal.accounts.models import LinkPurpose, OneTimeLink, Person
from portal.accounts.operations import passwords, recovery, sessions
from portal.accounts.policy import May
from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import NotThere, TooLate
from portal.core.policy import demand

TOKEN_BYTES = 32
GONE = _l("这条链接用过了，或者过了时间。请找发给你的人再要一条。")


def issue(person: Person, actor: Actor) -> str:
    """Make a link for somebody, in place of any earlier one; gives its token, which is kept nowhere.

    An account without a password gets an invitation of seven days, any other a reset of thirty minutes.
    Raises NotAllowed unless every part the person plays lies below the actor, or where the actor took off the second
    factor lately; TooLate for an account shut out.
    """
    demand(actor, May.ISSUE_LINK, queries.current_memberships(person.id))
    if person.disabled_at is not None:
        raise TooLate(_l("这个账号已经停用，先恢复再发链接。"))
    if not person.password_hash:
        return _make(person, LinkPurpose.INVITE, actor)
    recovery.need_another_hand(person, actor, recovery.RESET_FACTOR)
    return _make(person, LinkPurpose.RESET, actor)


def _make(person: Person, purpose: LinkPurpose, actor: Actor) -> str:
    void(person)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = OneTimeLink(
        token_hash=queries.hashed(token),
        purpose=purpose,
        person_id=person.id,
        by_person_id=actor.person_id,
        expires_at=clock.now() + purpose.lives,
    )
    db.session.add(link)
    journal.write(person, actor, f"issue_{purpose.value}_link")
    return token


def void(person: Person) -> None:
    """Make every unused link of a person worthless."""
    db.session.execute(
        sa.delete(OneTimeLink).where(OneTimeLink.person_id == person.id, OneTimeLink.used_at.is_(None))
    )


def shortest_for(person: Person) -> int:
    """How long this person's password must be: the floor's telephones get by with ten signs."""
    parts = queries.current_memberships(person.id)
    is_floor = bool(parts) and all(one.role in policy.FRONT_LINE for one in parts)
    return passwords.SHORTEST_FRONT_LINE if is_floor else passwords.SHORTEST


def known_words(person: Person) -> list[str]:
    """What a stranger would try first."""
    parts = queries.current_memberships(person.id)
    words = [person.username, person.phone or "", *(one.organisation.short_name for one in parts)]
    return [word for word in words if word]


def use(token: str, password_hash: str) -> Person:
    """Set the password the bearer chose (hashed before the write began) and end every session of the account.

    It signs nobody in and leaves the second factor as it is.  Raises NotThere for a used, old or unknown link: of two
    at once only one goes through.
    """
    link = queries.find_link(token)
    if link is None:
        raise NotThere(GONE)
    used = sa.update(OneTimeLink).where(OneTimeLink.id == link.id, OneTimeLink.used_at.is_(None))
    if not db.session.execute(used.values(used_at=clock.now())).rowcount:  # type: ignore[attr-defined]
        raise NotThere(GONE)
    person = link.person
    person.password_hash, person.pin_hash = password_hash, None
    sessions.end_all(person.id)
    _journal(person, link)
    return person


def _journal(person: Person, link: OneTimeLink) -> None:
    parts = queries.current_memberships(person.id)
    if parts:
        own = queries.actor_of(person, parts[0], parts[0].organisation)
        journal.write(person, own, f"use_{link.purpose.value}_link", by=link.by_person_id)


def sweep() -> int:
    """Drop links that can no longer be used; say how many."""
    old = sa.delete(OneTimeLink).where(OneTimeLink.expires_at < clock.now() - LinkPurpose.INVITE.lives)
    return db.session.execute(old).rowcount  # type: ignore[attr-defined,no-any-return]
