"""One's own account: what one acts as, sessions, password, PIN, second factor, and forms that were kept."""

from flask import redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.accounts import queries, signin, signing
from portal.accounts.forms import ChangePasswordForm, ConfirmForm, EnrolForm, SetPinForm
from portal.accounts.models import Stage
from portal.accounts.operations import links, own, second_factor, sessions
from portal.accounts.operations.signatures import Method
from portal.accounts.policy import May
from portal.accounts.routes.door import enrolment_page
from portal.accounts.routes.entry import area, guessed, onward, show
from portal.core import db
from portal.core.errors import Mistake, NotThere
from portal.web import navigation
from portal.web.forms import told
from portal.web.gate import actor, prelude
from portal.web.pages import go, page, safe_path, tell

navigation.entry("accounts.me", _l("我的"), "me", May.KEEP_OWN, order=900)


@area.get("/account", needs=May.KEEP_OWN)
def me() -> ResponseReturnValue:
    """Who I am here, and what I can change about it."""
    person = signin.person()
    return page(
        "accounts/me.html",
        person=person,
        has_pin_use=own.may_have_pin(actor()),
        codes_left=second_factor.recovery_codes_left(person),
    )


@area.post("/account/switch", needs=May.KEEP_OWN)
def switch() -> ResponseReturnValue:
    """Act in another of one's own memberships."""
    number = db.as_id(request.form.get("membership", ""))
    if number is None:
        raise NotThere
    membership = queries.get_own_membership(number, actor().person_id)
    started = sessions.switch(signin.sign_in_row(), membership, signin.visitor())
    if started.stage is Stage.ENROL:
        second_factor.prepare(signin.person())
    signin.take_up(started)
    if started.stage is Stage.FULL:
        place, role = membership.organisation.short_name, membership.role.label
        tell(_("你现在是 %(place)s 的 %(role)s。", place=place, role=role))
    steps = {
        Stage.PASSWORD: "accounts.second_factor_step",
        Stage.ENROL: "accounts.enrol",
        Stage.FULL: "site.home",
    }
    return go(steps[started.stage])


@area.get("/account/sign-ins", needs=May.KEEP_OWN)
def sign_ins() -> ResponseReturnValue:
    """Where I am signed in."""
    own_id = signin.standing().sign_in.id
    return page("accounts/sign_ins.html", sign_ins=queries.live_sign_ins(actor().person_id), own_id=own_id)


@area.post("/account/sign-ins/<int:sign_in_id>/end", needs=May.KEEP_OWN)
def end_sign_in(sign_in_id: int) -> ResponseReturnValue:
    """End one of my other sessions."""
    wanted = next((one for one in queries.live_sign_ins(actor().person_id) if one.id == sign_in_id), None)
    if wanted is None:
        raise NotThere
    sessions.end(wanted)
    tell(_("那一处已经退出。"))
    return go("accounts.sign_ins")


@area.post("/account/sign-ins/end-others", needs=May.KEEP_OWN)
def end_others() -> ResponseReturnValue:
    """End every session of mine but this one."""
    sessions.end_others(actor().person_id, signin.standing().sign_in.id)
    tell(_("别处都已经退出，只留这一处。"))
    return go("accounts.sign_ins")


@area.form("/account/password", needs=May.KEEP_OWN, prelude=[signing.confirm, signing.choose_password])
def change_password() -> ResponseReturnValue:
    """Set a new password; every other session ends, this one goes on under a new token."""
    form, person = ChangePasswordForm(), signin.person()
    if form.validate_on_submit():
        with told(form):
            _by_password()
            own.change_password(
                person, prelude(signing.choose_password).given(), signin.sign_in_row().id, actor()
            )
            signin.take_up(sessions.renew(signin.sign_in_row(), signin.visitor()))
            tell(_("密码改好了，别处的登录都已退出。"))
            return go("accounts.me")
    return show(
        "accounts/change_password.html", form, checked=signing.confirm, shortest=links.shortest_for(person)
    )


def _by_password() -> None:
    """Four digits do not stand in for the password itself."""
    if prelude(signing.confirm).given().method is not Method.PASSWORD:
        raise Mistake("password", _("这一步要用密码。"))


@area.form("/account/pin", needs=May.KEEP_OWN, prelude=[signing.confirm, signing.choose_pin])
def set_pin() -> ResponseReturnValue:
    """Set the digits that sign on a remembered telephone."""
    form = SetPinForm()
    if form.validate_on_submit():
        with told(form):
            _by_password()
            own.set_pin(signin.person(), prelude(signing.choose_pin).given(), actor())
            tell(_("签名码设好了，在记住的手机上签名时用它。"))
            return go("accounts.me")
    return show("accounts/set_pin.html", form, checked=signing.confirm, may_have=own.may_have_pin(actor()))


@area.form("/account/confirm", needs=May.KEEP_OWN, prelude=[signing.confirm])
def confirm() -> ResponseReturnValue:
    """Prove to be it once more before a grave step."""
    form = ConfirmForm()
    if form.validate_on_submit():
        with told(form):
            _by_password()
            signin.take_up(sessions.renew(signin.sign_in_row(), signin.visitor()))
            return redirect(safe_path(onward()), 303)
    return show("accounts/confirm.html", form, checked=signing.confirm)


@area.post("/account/second-factor/begin", needs=May.KEEP_OWN)
@signin.proven
def begin_enrolment() -> ResponseReturnValue:
    """Draw a new square code; the old telephone holds until the new one has shown its first code."""
    second_factor.prepare(signin.person())
    return go("accounts.change_second_factor")


@area.form("/account/second-factor", needs=May.KEEP_OWN)
@signin.proven
def change_second_factor() -> ResponseReturnValue:
    """Bind a new telephone."""
    form, person = EnrolForm(), signin.person()
    if form.validate_on_submit():
        with guessed(form):
            codes = second_factor.enrol(person, form.code.data, signin.visitor())
            return page("accounts/recovery_codes.html", codes=codes, next_url="/account")
    if second_factor.pending_secret(person) is None:
        return show("accounts/begin_enrolment.html", form, person=person)
    return enrolment_page(form, person)


@area.get("/kept/<token>", needs=May.KEEP_OWN)
def kept_form(token: str) -> ResponseReturnValue:
    """What I had typed when the session ran out."""
    return page("accounts/kept_form.html", kept=queries.get_kept_form(token, actor().person_id))
