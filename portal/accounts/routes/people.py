"""Other people: who belongs to an organisation, letting in, handing over links, ending and shutting out."""

from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from portal.accounts import policy, queries, signin
from portal.accounts.forms import AddPersonForm
from portal.accounts.models import Person
from portal.accounts.operations import leaving, links, people, second_factor
from portal.accounts.operations.people import PersonCard
from portal.accounts.policy import May
from portal.accounts.routes.entry import area, show
from portal.core import db
from portal.core.actor import Role
from portal.core.errors import NotThere
from portal.core.policy import demand, may
from portal.core.qr import code_of
from portal.territory import queries as territory
from portal.territory.models import Organisation
from portal.web import navigation
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

navigation.entry("accounts.list_people", _l("人员"), "people", May.SEE_PEOPLE, order=800)


def _organisation() -> Organisation:
    """The organisation the address names, else the actor's own; one he keeps no list for is not there."""
    number = db.as_id(request.args.get("organisation", str(actor().organisation_id)))
    if number is None:
        raise NotThere
    organisation = territory.get_organisation(number)
    if not may(actor(), May.SEE_PEOPLE, organisation):
        raise NotThere
    return organisation


@area.get("/people", needs=May.SEE_PEOPLE)
def list_people() -> ResponseReturnValue:
    """The people of an organisation."""
    organisation = _organisation()
    rows = queries.people_of(organisation, request.args.get("after", ""))
    may_add = bool(people.grantable(actor(), organisation))
    return page(
        "accounts/list_people.html",
        organisation=organisation,
        people=rows,
        may_add=may_add,
        invitations=queries.invitations_of(rows.rows),
    )


@area.form("/people/new", needs=May.ADD_PEOPLE)
@signin.proven
def add_person() -> ResponseReturnValue:
    """Let somebody in."""
    organisation = _organisation()
    form = AddPersonForm()
    form.role.choices = [
        SelectChoice(role.value, role.label) for role in people.grantable(actor(), organisation)
    ]
    if form.validate_on_submit():
        with told(form):
            card = PersonCard(form.name.data, form.phone.data or "", form.username.data or "")
            membership = people.add_person(card, organisation, Role(form.role.data), actor())
            tell(_("%(name)s 加进来了。", name=membership.person.name))
            return go("accounts.show_person", membership_id=membership.id)
    return show("accounts/add_person.html", form, organisation=organisation)


@area.get("/people/<int:membership_id>", needs=May.SEE_PEOPLE)
def show_person(membership_id: int) -> ResponseReturnValue:
    """Somebody's card, with what the reader may do about it."""
    membership = queries.get_membership(membership_id, actor())
    parts = [one for one in queries.current_memberships(membership.person_id)]
    return page(
        "accounts/show_person.html",
        membership=membership,
        person=membership.person,
        elsewhere=len([one for one in parts if not policy.administers(actor(), one.organisation)]),
        parts=parts,
        rights=May,
    )


def _person(membership_id: int) -> Person:
    return queries.get_membership(membership_id, actor()).person


@area.post("/people/<int:membership_id>/link", needs=May.ISSUE_LINK)
@signin.proven
def issue_link(membership_id: int) -> ResponseReturnValue:
    """Make a one-time link and show it this once, to be handed over."""
    person = _person(membership_id)
    token = links.issue(person, actor())
    address = current_app.config["PORTAL_SETTINGS"].base_url + url_for("accounts.open_link", token=token)
    code = code_of(address)
    return page(
        "accounts/issue_link.html", person=person, address=address, code=code, membership_id=membership_id
    )


@area.post("/people/<int:membership_id>/end", needs=May.END_MEMBERSHIP)
@signin.proven
def end_membership(membership_id: int) -> ResponseReturnValue:
    """End somebody's part here; where something lies open with him, it is handed over first."""
    membership = queries.get_membership(membership_id, actor())
    demand(actor(), May.END_MEMBERSHIP, membership)
    if leaving.open_with(membership, actor()) or leaving.is_last_manager(membership):
        return go("accounts.leave", membership_id=membership.id)
    people.end_membership(membership, actor())
    tell(_("%(name)s 在这里的身份结束了。", name=membership.person.name))
    return go("accounts.list_people", organisation=membership.organisation_id)


@area.post("/people/<int:membership_id>/disable", needs=May.DISABLE)
@signin.proven
def disable(membership_id: int) -> ResponseReturnValue:
    """Shut an account out everywhere, at once."""
    people.disable(_person(membership_id), actor())
    tell(_("账号停用了，所有登录都已退出。"))
    return go("accounts.show_person", membership_id=membership_id)


@area.post("/people/<int:membership_id>/enable", needs=May.DISABLE)
@signin.proven
def enable(membership_id: int) -> ResponseReturnValue:
    """Let an account in again."""
    people.enable(_person(membership_id), actor())
    tell(_("账号恢复了，用原来的密码登录。"))
    return go("accounts.show_person", membership_id=membership_id)


@area.post("/people/<int:membership_id>/reset-factor", needs=May.RESET_FACTOR)
@signin.proven
def reset_factor(membership_id: int) -> ResponseReturnValue:
    """Take the second factor off an account whose telephone is lost."""
    second_factor.reset(_person(membership_id), actor())
    tell(_("动态码已解除，下次登录时重新绑定。"))
    return go("accounts.show_person", membership_id=membership_id)
