"""Signing a record: account, PIN or password, and the moment; the record adds its hash."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l

from portal.accounts import queries
from portal.accounts.models import FailureKind
from portal.accounts.operations import passwords, throttle
from portal.accounts.operations.sessions import Visitor
from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.errors import Mistake
from portal.core.labels import Labelled


class Method(Labelled):
    """How a signer proved to be it."""

    PASSWORD = "password", _l("账号和密码")
    PIN = "pin", _l("账号和签名码")


@dataclass(frozen=True)
class Signature:
    """Somebody signed, at this moment, by this proof.

    电子签名法 §13 asks that the means be the signer's alone and that later changes show: the record keeps this with the
    hash of what was signed.
    """

    person_id: int
    name: str
    method: Method
    at: datetime


def sign(actor: Actor, visitor: Visitor, *, password: str = "", pin: str = "") -> Signature:
    """Prove the actor by password, or by PIN on a remembered device of his; slow, so before any write.

    Raises Mistake("pin" or "password") for a wrong one, TooOften after many.
    """
    field = FailureKind.PIN if pin and not password else FailureKind.PASSWORD
    with db.reading():
        person = queries.get_person(actor.person_id)
        device = queries.find_device(visitor.device_token)
        tries = throttle.tries(person, visitor.address, device)
        throttle.admit(tries)
        is_spent = field is FailureKind.PIN and throttle.pin_is_spent(tries)
        may_use_pin = (
            device is not None and device.person_id == person.id and device.is_remembered(clock.now())
        )
    if field is FailureKind.PIN:
        _check_pin_is_open(may_use_pin, is_spent, person.pin_hash)
    elif not password:
        raise Mistake("password", _l("请输密码。"))
    secret_hash = person.pin_hash if field is FailureKind.PIN else person.password_hash
    if not passwords.is_right(secret_hash, "".join(pin.split()) if field is FailureKind.PIN else password):
        throttle.record(tries, field)
        raise Mistake(field.value, _l("没有对上，请再输一次。"))
    return Signature(person.id, person.name, Method(field.value), clock.now())


def _check_pin_is_open(may_use_pin: bool, is_spent: bool, pin_hash: str | None) -> None:
    if not may_use_pin:
        raise Mistake("password", _l("这台设备没有记住你，签名请用密码。"))
    if pin_hash is None:
        raise Mistake("password", _l("你还没有设签名码，这次请用密码。"))
    if is_spent:
        raise Mistake("password", _l("签名码错了好几次，这次请用密码。"))


def may_use_pin(actor: Actor, visitor: Visitor) -> bool:
    """Whether a PIN would do here: this person has one and this device of his is remembered."""
    device = queries.find_device(visitor.device_token)
    is_own = device is not None and device.person_id == actor.person_id and device.is_remembered(clock.now())
    return is_own and queries.get_person(actor.person_id).pin_hash is not None
