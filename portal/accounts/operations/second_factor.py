"""The second factor: a code of six digits that changes every half minute, or a recovery code from paper.

RFC 6238 with SHA-1 and 30 seconds, for that is what the authenticator apps people have can do; a step is never taken
twice (RFC 6238 section 5.2).
"""

import secrets
import unicodedata
from datetime import timedelta

import pyotp
import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts import queries
from portal.accounts.models import FailureKind, Person, RecoveryCode
from portal.accounts.operations import recovery, throttle
from portal.accounts.operations.sessions import Visitor
from portal.accounts.policy import May
from portal.core import clock, db, journal, secrets_box
from portal.core.actor import Actor
from portal.core.errors import Mistake
from portal.core.policy import demand

STEP = timedelta(seconds=30)
DRIFT = 1
"""So many steps a telephone's clock may be off, either way."""
RECOVERY_CODES = 10
RECOVERY_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no I, O, 0, 1: they are copied from paper
RECOVERY_LENGTH = 16
ISSUER = "市场共治门户"
WRONG = _l("动态码不对，或者已经用过。请等手机上出现下一组数字再填。")


def prepare(person: Person) -> None:
    """Make a new secret for the enrolment page; the one in use holds until the first right code of the new one."""
    person.totp_pending = secrets_box.seal(pyotp.random_base32().encode())


def pending_secret(person: Person) -> str | None:
    """The secret on the enrolment page, for those who type it by hand."""
    return secrets_box.open_(person.totp_pending).decode() if person.totp_pending else None


def pending_uri(person: Person) -> str | None:
    """What the square code on the enrolment page says."""
    secret = pending_secret(person)
    return pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name=ISSUER) if secret else None


def enrol(person: Person, typed: str, visitor: Visitor) -> list[str]:
    """Take the new secret into use with its first code; gives the recovery codes, which are shown this once.

    Raises Mistake("code") for a wrong one, TooOften after many.
    """
    tries = throttle.tries(person, visitor.address, queries.find_device(visitor.device_token))
    throttle.admit(tries)
    secret = pending_secret(person)
    step = _step(secret, _digits(typed)) if secret else None
    if step is None:
        throttle.record(tries, FailureKind.CODE)
        raise Mistake("code", WRONG)
    person.totp_secret, person.totp_pending = person.totp_pending, None
    person.totp_confirmed_at, person.totp_last_step = clock.now(), step
    return _new_recovery_codes(person)


def prove(person: Person, typed: str, visitor: Visitor) -> None:
    """Take a code or a recovery code, each once; raises Mistake("code"), TooOften."""
    tries = throttle.tries(person, visitor.address, queries.find_device(visitor.device_token))
    throttle.admit_code(tries)
    plain = _digits(typed)
    is_right = _use_step(person, plain) if plain.isdigit() else _use_recovery_code(person, plain)
    if not is_right:
        throttle.record(tries, FailureKind.CODE)
        raise Mistake("code", WRONG)


def reset(person: Person, actor: Actor) -> None:
    """Take the second factor off an account whose telephone is lost; the next sign-in enrols a new one.

    Raises NotAllowed unless every part the person plays lies below the actor, or where the actor handed out a new
    password lately.
    """
    demand(actor, May.RESET_FACTOR, queries.current_memberships(person.id))
    recovery.need_another_hand(person, actor, recovery.RESET_LINK)
    person.totp_secret = person.totp_pending = person.totp_confirmed_at = person.totp_last_step = None
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    journal.write(person, actor, "reset_second_factor")


def recovery_codes_left(person: Person) -> int:
    """How many recovery codes are still good."""
    query = sa.select(sa.func.count()).select_from(RecoveryCode)
    return (
        db.session.scalar(query.where(RecoveryCode.person_id == person.id, RecoveryCode.used_at.is_(None)))
        or 0
    )


def _digits(typed: str) -> str:
    """What was typed without spaces and hyphens, full-width signs made plain."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(sign for sign in plain if not sign.isspace() and sign != "-").upper()


def _step(secret: str, code: str) -> int | None:
    """The time step this code belongs to, or None."""
    if len(code) != 6 or not (code.isascii() and code.isdigit()):
        return None
    totp = pyotp.TOTP(secret)
    current = int(clock.now().timestamp() // STEP.total_seconds())
    for step in range(current - DRIFT, current + DRIFT + 1):
        if secrets.compare_digest(totp.generate_otp(step), code):
            return step
    return None


def _use_step(person: Person, code: str) -> bool:
    """One statement decides who was first: of two sign-ins with the same code only one enters."""
    if person.totp_secret is None:
        return False
    step = _step(secrets_box.open_(person.totp_secret).decode(), code)
    if step is None:
        return False
    is_new = sa.or_(Person.totp_last_step.is_(None), Person.totp_last_step < step)
    used = sa.update(Person).where(Person.id == person.id, is_new).values(totp_last_step=step)
    return bool(db.session.execute(used).rowcount)  # type: ignore[attr-defined]


def _use_recovery_code(person: Person, code: str) -> bool:
    if len(code) != RECOVERY_LENGTH or not person.has_second_factor:
        return False
    used = (
        sa.update(RecoveryCode)
        .where(
            RecoveryCode.person_id == person.id,
            RecoveryCode.code_hash == queries.hashed(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )
    return bool(db.session.execute(used).rowcount)  # type: ignore[attr-defined]


def _new_recovery_codes(person: Person) -> list[str]:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.person_id == person.id))
    codes = [
        "".join(secrets.choice(RECOVERY_ALPHABET) for _ in range(RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    db.session.add_all(RecoveryCode(person_id=person.id, code_hash=queries.hashed(code)) for code in codes)
    return ["-".join(code[start : start + 4] for start in range(0, RECOVERY_LENGTH, 4)) for code in codes]
