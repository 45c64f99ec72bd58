"""Sessions: how one begins, grows by proofs, changes its role and ends.

A row never gains powers.  Each step ends it and begins another under a new token, so that a token that was planted or
overheard before the step opens nothing after it.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts import policy, queries
from portal.accounts.models import Device, Membership, Person, SignIn, Stage
from portal.accounts.operations import throttle
from portal.core import aside, clock, db, journal
from portal.core.aside import Kind
from portal.core.errors import NotAllowed, TooLate

TOKEN_BYTES = 32
HALF_DONE = timedelta(minutes=10)
"""How long the second step may take."""
DEVICE_KNOWN = timedelta(days=90)
SEEN_EVERY = timedelta(minutes=1)
ENDED = _l("这次登录已经结束，请重新登录。")
COPIED = (
    "stage",
    "person_id",
    "membership_id",
    "device_id",
    "has_second_factor",
    "wants_memory",
    "began_at",
    "confirmed_at",
)


@dataclass(frozen=True)
class Visitor:
    """What a request says of its browser; shown to the owner, believed in nothing but the two tokens."""

    agent: str = ""
    address: str = ""
    device_token: str = ""
    session_token: str = ""


@dataclass(frozen=True)
class Started:
    """A session that began: the token for the browser, how far it has come, perhaps a new device cookie."""

    token: str
    sign_in: SignIn
    device_token: str = ""

    @property
    def stage(self) -> Stage:
        return self.sign_in.stage


def begin(person: Person, visitor: Visitor, *, wants_memory: bool = False) -> Started:
    """The password was right: begin a session, half done where a second factor is due.

    Raises NotAllowed where the person is shut out or plays no part any more.
    """
    parts = queries.current_memberships(person.id)
    if person.disabled_at is not None or not parts:
        raise NotAllowed
    _end(SignIn.token_hash == queries.hashed(visitor.session_token))
    now = clock.now()
    draft = SignIn(
        stage=_stage_after_password(person, parts),
        person_id=person.id,
        membership_id=_last_part(person, parts),
        has_second_factor=False,
        wants_memory=wants_memory,
        began_at=now,
        confirmed_at=now,
    )
    return _enter(draft, person, parts, visitor)


def advance(half: SignIn, visitor: Visitor) -> Started:
    """The second factor was right: the session is full now."""
    person = queries.get_person(half.person_id)
    draft = _next(half, stage=Stage.FULL, has_second_factor=True, confirmed_at=clock.now())
    return _enter(draft, person, queries.current_memberships(person.id), visitor)


def switch(sign_in: SignIn, membership: Membership, visitor: Visitor) -> Started:
    """Act in another of one's own memberships; where it takes a second factor that was not shown, ask for it.

    Raises NotAllowed with words where the password was typed too long ago for that role.
    """
    person = queries.get_person(sign_in.person_id)
    is_due = membership.role in policy.NEEDS_SECOND_FACTOR and not sign_in.has_second_factor
    stage = Stage.FULL
    if is_due:
        stage = Stage.PASSWORD if person.has_second_factor else Stage.ENROL
    if membership.role not in policy.FRONT_LINE and clock.now() - sign_in.began_at > policy.WORKING_DAY:
        raise NotAllowed(_l("换到这个身份要重新输密码：请先退出，再登录一次。"))
    draft = _next(sign_in, stage=stage, membership_id=membership.id)
    return _enter(draft, person, queries.current_memberships(person.id), visitor)


def renew(sign_in: SignIn, visitor: Visitor) -> Started:
    """The person proved to be it once more: the same session under a new token, fresh again."""
    person = queries.get_person(sign_in.person_id)
    draft = _next(sign_in, confirmed_at=clock.now())
    return _enter(draft, person, queries.current_memberships(person.id), visitor)


def _next(old: SignIn, **changes: object) -> SignIn:
    """The row that goes on from a living one: one that was ended meanwhile is not brought back."""
    if not _end(SignIn.id == old.id):
        raise TooLate(ENDED)
    return SignIn(**{name: getattr(old, name) for name in COPIED} | changes)


def _stage_after_password(person: Person, parts: Sequence[Membership]) -> Stage:
    if person.has_second_factor:
        return Stage.PASSWORD
    return Stage.ENROL if any(one.role in policy.NEEDS_SECOND_FACTOR for one in parts) else Stage.FULL


def _last_part(person: Person, parts: Sequence[Membership]) -> int:
    """What the person acted as the last time, where that still holds."""
    query = (
        sa.select(SignIn.membership_id)
        .where(SignIn.person_id == person.id, SignIn.stage == Stage.FULL)
        .order_by(SignIn.id.desc())
        .limit(1)
    )
    last = db.session.scalars(query).first()
    return last if last in {one.id for one in parts} and last else parts[0].id


def _enter(draft: SignIn, person: Person, parts: Sequence[Membership], visitor: Visitor) -> Started:
    token, device_token = secrets.token_urlsafe(TOKEN_BYTES), ""
    now = clock.now()
    draft.token_hash = queries.hashed(token)
    draft.agent, draft.address = visitor.agent[:200], visitor.address[:45]
    draft.last_seen_at = draft.created_at = now
    draft.expires_at = now + HALF_DONE
    if draft.stage is Stage.FULL:
        if draft.device_id is None:
            device_token = _recognise(draft, person, parts, visitor)
        _measure(draft, parts, now)
    db.session.add(draft)
    db.session.flush()
    return Started(token, draft, device_token)


def _recognise(draft: SignIn, person: Person, parts: Sequence[Membership], visitor: Visitor) -> str:
    """Know the browser from now on; its cookie changes at every sign-in."""
    now = clock.now()
    device = queries.find_device(visitor.device_token)
    throttle.forget(throttle.tries(person, visitor.address, device))
    if device is None or device.person_id != person.id:
        device = Device(person_id=person.id)
        db.session.add(device)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    device.token_hash, device.agent = queries.hashed(token), visitor.agent[:200]
    device.last_used_at, device.expires_at = now, now + DEVICE_KNOWN
    wanted = draft.wants_memory or (device.remembered_until is not None and device.remembered_until > now)
    device.remembered_until = now + policy.REMEMBERED if wanted and may_be_remembered(parts) else None
    db.session.flush()
    draft.device_id = device.id
    membership = next(one for one in parts if one.id == draft.membership_id)
    journal.write(person, queries.actor_of(person, membership, membership.organisation), "sign_in")
    return token


def may_be_remembered(parts: Sequence[Membership]) -> bool:
    """Only people of the floor, with no administrator's or officer's duty beside."""
    return bool(parts) and all(one.role in policy.FRONT_LINE for one in parts)


def _measure(draft: SignIn, parts: Sequence[Membership], now: datetime) -> None:
    role = next((one.role for one in parts if one.id == draft.membership_id), None)
    if role is None:
        raise NotAllowed
    device = db.session.get(Device, draft.device_id) if draft.device_id else None
    is_remembered = device is not None and device.is_remembered(now) and may_be_remembered(parts)
    draft.expires_at = draft.began_at + (policy.REMEMBERED if is_remembered else policy.WORKING_DAY)
    draft.idle_minutes = policy.idle_minutes(role)


def leave(sign_in: SignIn) -> None:
    """Sign out: the session ends and its device is remembered no longer."""
    _end(SignIn.id == sign_in.id)
    forget_device(sign_in.device_id)


def end(sign_in: SignIn) -> None:
    """End one of one's own sessions from the list."""
    leave(sign_in)


def end_others(person_id: int, kept_id: int) -> None:
    """End every session of a person but one, and let no other device be remembered."""
    kept = db.session.get(SignIn, kept_id)
    _end(SignIn.person_id == person_id, SignIn.id != kept_id)
    _unremember(Device.person_id == person_id, Device.id.is_distinct_from(kept.device_id if kept else None))


def end_all(person_id: int) -> None:
    """End every session of a person and forget every device: at once, on every path."""
    _end(SignIn.person_id == person_id)
    _unremember(Device.person_id == person_id)


def end_acting_in(membership_id: int) -> None:
    """End the sessions that act in a membership."""
    _end(SignIn.membership_id == membership_id)


def forget_device(device_id: int | None) -> None:
    if device_id is not None:
        _unremember(Device.id == device_id)


def _end(*wanted: sa.ColumnElement[bool]) -> int:
    """End the sessions that still run; say how many did."""
    ended = sa.update(SignIn).where(SignIn.ended_at.is_(None), *wanted).values(ended_at=clock.now())
    gone = db.session.execute(ended.returning(SignIn.id), execution_options={"synchronize_session": "fetch"})
    return len(gone.all())


def _unremember(*wanted: sa.ColumnElement[bool]) -> None:
    forgotten = sa.update(Device).where(*wanted).values(remembered_until=None)
    db.session.execute(forgotten, execution_options={"synchronize_session": "fetch"})


def seen(sign_in: SignIn) -> None:
    """Note that a session is in use, at most once a minute, aside of the request."""
    if clock.now() - sign_in.last_seen_at >= SEEN_EVERY:
        aside.note(Kind.SEEN, _touch, sign_in_id=sign_in.id, now=clock.now())


def _touch(sign_in_id: int, now: datetime) -> None:
    """Only a living row is touched, so that a slow request cannot bring an ended session back."""
    fresh = sa.update(SignIn).where(
        SignIn.id == sign_in_id, SignIn.ended_at.is_(None), SignIn.last_seen_at < now
    )
    db.session.execute(fresh.values(last_seen_at=now), execution_options={"synchronize_session": False})


def sweep() -> int:
    """Drop sessions that ended or ran out three months ago, and devices nobody knows any more; say how many."""
    long_ago = clock.now() - DEVICE_KNOWN
    gone = db.session.execute(sa.delete(SignIn).where(SignIn.expires_at < long_ago))
    still_used = sa.select(SignIn.device_id).where(SignIn.device_id.is_not(None))
    db.session.execute(sa.delete(Device).where(Device.expires_at < clock.now(), Device.id.not_in(still_used)))
    return gone.rowcount  # type: ignore[attr-defined,no-any-return]
