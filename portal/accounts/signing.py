"""The slow checks a page makes before its write begins: a PIN or password, the hash of a new one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import request

from portal.accounts import queries, signin
from portal.accounts.operations import links, own, passwords, signatures, signing_in
from portal.accounts.operations.signatures import Signature
from portal.accounts.operations.signing_in import Attempt
from portal.accounts.operations.throttle import TooOften
from portal.core import db
from portal.core.errors import Mistake, NotThere
from portal.web.gate import actor

T = TypeVar("T")


@dataclass(frozen=True)
class Tried(Generic[T]):
    """What a check found: a result, or why there is none."""

    result: T | None = None
    trouble: Mistake | TooOften | None = None
    field: str = ""

    @property
    def is_too_often(self) -> bool:
        return isinstance(self.trouble, TooOften)

    def given(self) -> T:
        """The result; raises Mistake beside its field, also after too many tries."""
        if isinstance(self.trouble, TooOften):
            raise Mistake(self.field, self.trouble.words)
        if self.trouble is not None:
            raise self.trouble
        assert self.result is not None
        return self.result


def _tried(field: str, check: Callable[[], T]) -> Tried[T]:
    try:
        return Tried(check())
    except (Mistake, TooOften) as trouble:
        return Tried(trouble=trouble, field=field)


def confirm() -> Tried[Signature]:
    """A prelude: prove the actor by the posted ``pin`` or ``password``.

    A route names it in ``prelude=`` and asks ``web.gate.prelude(signing.confirm).given()`` inside ``told(form)``.
    """
    pin, password = request.form.get("pin", ""), request.form.get("password", "")
    return _tried(
        "pin" if pin and not password else "password",
        lambda: signatures.sign(actor(), signin.visitor(), password=password, pin=pin),
    )


def takes_pin() -> bool:
    """Whether this device and person may sign by PIN, so that the page asks for the right thing."""
    return signatures.may_use_pin(actor(), signin.visitor())


def check_password() -> Tried[Attempt]:
    """The prelude of signing in; an empty form is left to the form."""
    login, password = request.form.get("username", ""), request.form.get("password", "")
    if not login.strip() or not password:
        return Tried(trouble=Mistake("password", signing_in.WRONG))
    return _tried("password", lambda: signing_in.check(login, password, signin.visitor()))


def _new_password() -> tuple[str, str]:
    return request.form.get("new_password", ""), request.form.get("again", "")


def choose_password() -> Tried[str]:
    """A prelude: take one's own new password and hash it."""
    with db.reading():
        person = queries.get_person(actor().person_id)
        checked = _tried("new_password", lambda: own.check_new_password(person, *_new_password()))
    return _hashed(checked)


def choose_password_by_link() -> Tried[str]:
    """A prelude: take the password of whoever bears a one-time link; raises NotThere where the link is none."""
    with db.reading():
        link = queries.find_link(str((request.view_args or {}).get("token", "")))
        if link is None:
            raise NotThere(links.GONE)
        person = link.person
        checked = _tried("new_password", lambda: own.check_new_password(person, *_new_password()))
    return _hashed(checked)


def _hashed(checked: Tried[None]) -> Tried[str]:
    if checked.trouble is not None:
        return Tried(trouble=checked.trouble, field=checked.field)
    return Tried(passwords.hashed(_new_password()[0]))


def choose_pin() -> Tried[str]:
    """A prelude: take a new PIN and hash it."""
    return _tried("new_pin", lambda: passwords.hashed(passwords.check_pin(request.form.get("new_pin", ""))))
