"""Where sessions meet the browser: Flask-Login loads who is behind a request, cookies carry the random tokens."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Flask, after_this_request, current_app, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user, login_user
from werkzeug.wrappers import Response

from portal.accounts import policy, queries
from portal.accounts.models import Person, SignIn, Stage
from portal.accounts.operations import kept, own, passwords, sessions
from portal.accounts.operations.sessions import Started, Visitor
from portal.accounts.queries import Part, Standing
from portal.core import clock, db
from portal.core.actor import Actor
from portal.web.area import SAFE
from portal.web.gate import remember_preference

HALF = "half"
"""Where the browser's session keeps the token of a sign-in that waits for its second factor."""
USER = "_user_id"
KEPT_PREFERENCES = ("language", "large")


class NotProven(Exception):
    """The step asks that the person proved to be it within the last minutes."""


@dataclass(frozen=True)
class Bearer(UserMixin):  # type: ignore[misc]
    """Whom Flask-Login knows: somebody who bears the token of a session."""

    token: str
    standing: Standing | None = None

    def get_id(self) -> str:
        """What stands in the browser's session: 256 random bits and nothing else."""
        return self.token


def prepare(app: Flask) -> None:
    """Teach the app to know people by their sessions."""
    manager = LoginManager(app)
    manager.session_protection = None  # the row decides; a telephone changes its address on the bus
    manager.user_loader(_load)
    app.register_error_handler(NotProven, lambda _: _ask_for_proof())
    passwords.nobodys_hash()


def _load(token: str) -> Bearer | None:
    with db.reading():
        found = queries.standing_of(token)
    return Bearer(token, found) if found else None


def who_is_it() -> Actor | None:
    """The person behind this request, in one statement; None where the session does not hold."""
    if session.get(USER) is None or not current_user.is_authenticated or current_user.standing is None:
        return None
    sessions.seen(current_user.standing.sign_in)
    actor: Actor = current_user.standing.actor
    return actor


def standing() -> Standing:
    """The rows behind the actor of this request; only where somebody is signed in."""
    found: Standing | None = current_user.standing
    assert found is not None, "nobody is signed in"
    return found


def sign_in_row() -> SignIn:
    """The session of this request, in the transaction that is open."""
    return db.session.get_one(SignIn, standing().sign_in.id)


def person() -> Person:
    """The person of this request, in the transaction that is open."""
    return queries.get_person(standing().person.id)


def half_signed_in() -> Standing | None:
    """Whose password was right and whose second factor is still awaited."""
    token = session.get(HALF, "")
    if not token:
        return None
    return queries.standing_of(token, Stage.PASSWORD) or queries.standing_of(token, Stage.ENROL)


def visitor() -> Visitor:
    """What this request says of its browser."""
    return Visitor(
        agent=request.user_agent.string,
        address=request.remote_addr or "",
        device_token=request.cookies.get(_device_cookie(), ""),
        session_token=session.get(USER) or session.get(HALF) or "",
    )


def take_up(started: Started) -> None:
    """Give the browser its new token; whatever its session held before is dropped."""
    preferences = {name: session[name] for name in KEPT_PREFERENCES if name in session}
    session.clear()
    if started.stage is Stage.FULL:
        login_user(Bearer(started.token))
        session.permanent = started.sign_in.idle_minutes is None
        preferences = _preferences_of(started.sign_in.person_id) | preferences
    else:
        session[HALF] = started.token
    for name, value in preferences.items():
        remember_preference(name, value)
    if started.device_token:
        _leave_device(started.device_token)


def drop() -> None:
    """Forget in the browser whoever was signed in."""
    preferences = {name: session[name] for name in KEPT_PREFERENCES if name in session}
    session.clear()
    for name, value in preferences.items():
        remember_preference(name, value)


def _preferences_of(person_id: int) -> dict[str, Any]:
    own_person = queries.get_person(person_id)
    chosen = {"language": own_person.locale} if own_person.locale else {}
    return chosen | ({"large": True} if own_person.is_large else {})


def _device_cookie() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _leave_device(token: str) -> None:
    is_secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    name = _device_cookie()

    @after_this_request
    def leave(answer: Response) -> Response:
        answer.set_cookie(
            name,
            token,
            max_age=sessions.DEVICE_KNOWN,
            secure=is_secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )
        return answer


def is_fresh() -> bool:
    """Whether the person proved to be it within the last five minutes."""
    confirmed_at = standing().sign_in.confirmed_at
    return confirmed_at is not None and clock.now() - confirmed_at <= policy.FRESH


def proven(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Open a page only to somebody who has just proved to be it; anybody else is asked and comes back."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not is_fresh():
            raise NotProven
        return view(*args, **kwargs)

    guarded.asks_proof = True  # type: ignore[attr-defined]
    return guarded


def _ask_for_proof() -> ResponseReturnValue:
    is_look = request.method in SAFE
    back = request.full_path.rstrip("?") if is_look else keep_form() or url_for("accounts.me")
    return redirect(url_for("accounts.confirm", next=back), 303)


def keep_form() -> str | None:
    """Keep what was typed for the person whose session this was; the address that gives it back, or None.

    The whole address is kept, for its question mark may say whose form it is; signing out is not worth keeping.
    A stranger's body is not even read.
    """
    if request.path == url_for("accounts.sign_out") or (person_id := _who_was_it()) is None:
        return None
    path = request.full_path if request.query_string else request.path
    fields, names = request.form.to_dict(flat=False), [file.filename or "" for file in request.files.values()]
    token = kept.keep_form(path, fields, person_id, names)
    return url_for("accounts.kept_form", token=token) if token else None


def _who_was_it() -> int | None:
    """Whose session the browser carries, dead or alive; else whose device it is."""
    token = session.get(USER, "")
    with db.reading():
        if token and (person_id := queries.person_of_token(token)) is not None:
            return person_id
        device = queries.find_device(request.cookies.get(_device_cookie(), ""))
    return device.person_id if device is not None and device.is_remembered(clock.now()) else None


def memberships(actor: Actor) -> list[Part]:
    """What the person may act as, for the switcher in the header."""
    return queries.parts_of(actor)


def set_preferences(actor: Actor, language: str | None, large: bool | None) -> None:
    """Remember language and type with the person."""
    own.set_preferences(actor, language, large)
