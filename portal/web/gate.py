"""The gate: who is it, may they enter, is this write new, and is it kept.

One request is one transaction, settled inside dispatch, so that a commit that fails becomes its own page: an answer
below 400 to an unsafe method is kept, everything else is dropped.  GET changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, jsonify, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.wrappers import Response

from portal.core import aside, db, journal, once, unkept
from portal.core.actor import Actor
from portal.core.aside import Kind
from portal.core.errors import NotAllowed, TooLate
from portal.core.policy import Everyone, may
from portal.web import limits
from portal.web.area import SAFE, Prelude

UNGUARDED = frozenset({"static"})
csrf = CSRFProtect()


class StaleForm(Exception):
    """A form of ours whose token no longer holds: shown again with what was typed."""


class NoOnce(Exception):
    """A write without its once-token."""


@dataclass(frozen=True)
class Wiring:
    """What the gate is told by the packages above it.

    ``who_is_it`` looks up the person behind the request; ``keep_form`` keeps what was typed when nobody is signed in
    any more and returns the address that gives it back, or None, without reading it where nobody would get it back.
    """

    who_is_it: Callable[[], Actor | None]
    keep_form: Callable[[], str | None]
    memberships: Callable[[Actor], list[Any]]
    unread: Callable[[Actor], int]
    set_preferences: Callable[[Actor, str | None, bool | None], None]


class Portal(Flask):
    """The application: an ordinary Flask whose dispatch opens and settles the transaction."""

    wiring: Wiring

    def dispatch_request(self) -> ResponseReturnValue:
        if request.endpoint is None or request.endpoint in UNGUARDED:
            return super().dispatch_request()
        view: Any = self.view_functions[request.endpoint]
        _run_prelude(view)
        who: Actor | None = g.actor
        is_write = request.method not in SAFE
        with db.opened(who.reach if who else None, writes=is_write) as own:
            if not is_write:
                return self.make_response(super().dispatch_request())
            return self._write(own, who.person_id if who else 0, view.repeats)

    def _write(self, own: Any, person_id: int, repeats: bool) -> Response:
        token = given_once()
        claim = "" if repeats else once.claim(token, person_id, request.path)
        if claim is None:
            return _answered(once.find(token, person_id, request.path))
        answer = self.make_response(super().dispatch_request())
        if answer.status_code >= 400:
            own.rollback()
            return answer
        if claim:
            once.settle(claim, answer.status_code, answer.headers.get("Location", ""))
        own.commit()
        return answer


def stand(app: Portal, wiring: Wiring) -> None:
    """Put the gate before every view of the app."""
    app.wiring = wiring
    csrf.init_app(app)
    app.before_request(check)


def check() -> ResponseReturnValue | None:
    """Stand before every view: who is it, may they enter, is the form ours?"""
    g.actor = None
    if request.endpoint is None or request.endpoint in UNGUARDED:
        return None
    view: Any = current_app.view_functions[request.endpoint]
    request.max_content_length = view.body
    g.actor = wiring().who_is_it()
    if view.needs is not Everyone.MAY_READ and g.actor is None:
        return _to_sign_in()
    if not may(g.actor, view.needs):
        _note_denied()
        raise NotAllowed
    if request.method not in SAFE:
        _check_form()
    return None


def wiring() -> Wiring:
    return current_app.wiring  # type: ignore[attr-defined,no-any-return]


def actor() -> Actor:
    """Who acts; only pages open to everyone have nobody at the door."""
    who = g.actor
    assert who is not None, "nobody is at the door"
    return who  # type: ignore[no-any-return]


def prelude(step: Prelude) -> Any:
    """What a prelude of this route returned before the write began."""
    return g.preludes[step]


def is_script() -> bool:
    """Whether one of our scripts asks, which reads JSON and words, not pages."""
    return request.headers.get("X-Requested-With") == "fetch"


def given_once() -> str:
    """The once-token of this write, from its form or its header; raises NoOnce."""
    token = request.headers.get("Once") or request.form.get("once", "")
    if not once.is_token(token):
        raise NoOnce
    return token


def typed() -> dict[str, list[str]]:
    """What was typed into the form, without secrets and tokens."""
    return unkept.without_secrets({name: values for name, values in request.form.lists() if name != "once"})


def is_own_origin() -> bool:
    """Whether the browser says the request comes from a page of ours."""
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.host


def _check_form() -> None:
    if (site := request.headers.get("Sec-Fetch-Site")) and site not in {"same-origin", "none"}:
        raise CSRFError("another site's form")
    limits.check_form()
    _check_acting()
    try:
        csrf.protect()
    except CSRFError:
        if is_own_origin() and not is_script():
            raise StaleForm from None
        raise
    given_once()


def _check_acting() -> None:
    """A form of a tab that was opened in another membership is not sent in this one's name; raises TooLate."""
    drawn_for, who = request.form.get("acting", ""), g.actor
    if drawn_for and who is not None and drawn_for != str(who.membership_id):
        raise TooLate(_l("你在别的页面换了身份，这一页还是换之前的。请换回原来的身份再交。"))


def _to_sign_in() -> ResponseReturnValue:
    if is_script():
        return jsonify(error="signed_out", sign_in=url_for("accounts.sign_in")), 401
    if request.method in SAFE:
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")), 302)
    kept = wiring().keep_form() if is_own_origin() else None
    return redirect(url_for("accounts.sign_in", next=kept), 303)


def _run_prelude(view: Any) -> None:
    g.preludes = {}
    if request.method in SAFE:
        return
    for step in view.prelude:
        g.preludes[step] = step()


def _answered(done: once.Once | None) -> Response:
    """The first answer again; the first write may still be under way in a twin."""
    if done is None:
        raise NoOnce
    if is_script():
        return jsonify(again=True)
    return redirect(done.location or "/", 303)


def _note_denied() -> None:
    who: Actor | None = g.actor
    if who is not None:
        aside.note(
            Kind.DENIED, journal.write_denied, actor=who, path=request.path[:200], method=request.method
        )


def remember_preference(name: str, value: Any) -> None:
    """Keep a preference in the browser, for readers with and without an account."""
    session[name] = value
    session.permanent = True
