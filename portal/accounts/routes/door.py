"""The way in: signing in, the second factor, one-time links, and the way out."""

from flask import g, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts import queries, signin, signing
from portal.accounts.forms import CodeForm, EnrolForm, NewPasswordForm, SignInForm
from portal.accounts.models import Person, Stage
from portal.accounts.operations import links, second_factor, sessions, signing_in
from portal.accounts.operations.sessions import Started
from portal.accounts.policy import May
from portal.accounts.routes.entry import area, guessed, onward, show
from portal.core.errors import NotThere
from portal.core.policy import Everyone
from portal.core.qr import code_of
from portal.web.forms import told
from portal.web.gate import prelude
from portal.web.pages import go, page, safe_path, tell


@area.form("/sign-in", needs=Everyone.MAY_READ, prelude=[signing.check_password], repeats=True)
def sign_in() -> ResponseReturnValue:
    """Name and password; the second factor follows where it is due."""
    if g.actor is not None and request.method == "GET":
        return redirect(safe_path(onward()))
    form = SignInForm()
    if form.validate_on_submit():
        with told(form):
            attempt = prelude(signing.check_password).given()
            return _go_on(signing_in.enter(attempt, signin.visitor(), wants_memory=bool(form.remember.data)))
    return show("accounts/sign_in.html", form, checked=signing.check_password)


def _go_on(started: Started) -> ResponseReturnValue:
    """Give the browser its token and lead to the next step, or to where the reader wanted to go."""
    signin.take_up(started)
    wanted = safe_path(onward())
    match started.stage:
        case Stage.PASSWORD:
            return go("accounts.second_factor_step", next=wanted)
        case Stage.ENROL:
            return go("accounts.enrol", next=wanted)
        case Stage.FULL:
            return redirect(wanted, 303)


@area.form("/second-factor", needs=Everyone.MAY_READ)
def second_factor_step() -> ResponseReturnValue:
    """The code of the telephone, or one from paper."""
    half = signin.half_signed_in()
    if half is None or half.sign_in.stage is not Stage.PASSWORD:
        return go("accounts.sign_in", next=safe_path(onward()))
    form = CodeForm()
    if form.validate_on_submit():
        with guessed(form):
            person = queries.get_person(half.person.id)
            second_factor.prove(person, form.code.data, signin.visitor())
            return _go_on(sessions.advance(half.sign_in, signin.visitor()))
    return show("accounts/second_factor_step.html", form, name=half.person.name)


@area.form("/second-factor/enrol", needs=Everyone.MAY_READ)
def enrol() -> ResponseReturnValue:
    """Bind an authenticator before anything else opens."""
    half = signin.half_signed_in()
    if half is None or half.sign_in.stage is not Stage.ENROL:
        return go("accounts.sign_in", next=safe_path(onward()))
    form = EnrolForm()
    person = queries.get_person(half.person.id)
    if form.validate_on_submit():
        with guessed(form):
            codes = second_factor.enrol(person, form.code.data, signin.visitor())
            signin.take_up(sessions.advance(half.sign_in, signin.visitor()))
            wanted = safe_path(onward())
            return page("accounts/recovery_codes.html", codes=codes, next_url=wanted)
    return enrolment_page(form, person)


def enrolment_page(form: EnrolForm, person: Person) -> ResponseReturnValue:
    """The square code to scan, the secret to type, and the field for the first code; raises NotThere without one."""
    uri = second_factor.pending_uri(person)
    if uri is None:
        raise NotThere
    secret = second_factor.pending_secret(person)
    return show("accounts/enrol.html", form, code=code_of(uri), secret=secret, account=person.username)


@area.form(
    "/link/<token>", needs=Everyone.MAY_READ, rate="30 per minute", prelude=[signing.choose_password_by_link]
)
def open_link(token: str) -> ResponseReturnValue:
    """Whoever was handed the link sets the password; signing in comes after."""
    link = queries.find_link(token)
    if link is None:
        raise NotThere(links.GONE)
    form = NewPasswordForm()
    if form.validate_on_submit():
        with told(form):
            links.use(token, prelude(signing.choose_password_by_link).given())
            signin.drop()
            tell(_("密码设好了，用它登录。"))
            return go("accounts.sign_in")
    return show("accounts/open_link.html", form, link=link, shortest=links.shortest_for(link.person))


@area.post("/sign-out", needs=May.KEEP_OWN)
def sign_out() -> ResponseReturnValue:
    """End this session; the device is remembered no longer."""
    sessions.leave(signin.sign_in_row())
    signin.drop()
    tell(_("已退出登录。"))
    return go("accounts.sign_in")
