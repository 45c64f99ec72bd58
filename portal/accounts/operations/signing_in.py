"""Signing in with name and password: the slow check first, the session afterwards."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.accounts import queries
from portal.accounts.models import FailureKind, Person, Stage
from portal.accounts.operations import passwords, second_factor, sessions, throttle
from portal.accounts.operations.sessions import Started, Visitor
from portal.core import db
from portal.core.errors import Mistake, NotAllowed

WRONG = _l("手机号（用户名）或密码不对，或者账号已经停用。")
"""The same words for a name nobody bears, a wrong password, an account shut out and one not opened yet."""


@dataclass(frozen=True)
class Attempt:
    """A password that was right, before the write begins."""

    person_id: int
    password_hash: str


def check(login: str, password: str, visitor: Visitor) -> Attempt:
    """Check name and password; slow, so before any write.

    Raises Mistake with the same words, and after the same time, whatever was wrong; TooOften after many failures.
    """
    with db.reading():
        person = queries.find_person(login)
        tries = throttle.tries(person or login, visitor.address, queries.find_device(visitor.device_token))
        throttle.admit(tries)
        may_enter = person is not None and _may_enter(person)
    password_hash = person.password_hash if person else None
    is_right = passwords.is_right(password_hash, password)
    if not (person and password_hash and is_right and may_enter):
        throttle.record(tries, FailureKind.PASSWORD)
        raise Mistake("password", WRONG)
    return Attempt(person.id, password_hash)


def _may_enter(person: Person) -> bool:
    return person.disabled_at is None and bool(queries.current_memberships(person.id))


def enter(attempt: Attempt, visitor: Visitor, *, wants_memory: bool = False) -> Started:
    """Begin the session of a right password; raises Mistake where the person changed in between."""
    person = queries.get_person(attempt.person_id)
    if person.password_hash != attempt.password_hash:
        raise Mistake("password", WRONG)
    try:
        started = sessions.begin(person, visitor, wants_memory=wants_memory)
    except NotAllowed:
        raise Mistake("password", WRONG) from None
    if started.stage is Stage.ENROL:
        second_factor.prepare(person)
    return started
