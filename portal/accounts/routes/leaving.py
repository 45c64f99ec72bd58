"""The page on which somebody leaves an organisation and hands over what lies open."""

from collections.abc import Sequence

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from portal.accounts import queries, signin
from portal.accounts.forms import LeaveForm
from portal.accounts.models import Membership
from portal.accounts.operations import leaving
from portal.accounts.policy import May
from portal.accounts.routes.entry import area
from portal.core.actor import COMPANY_ROLES
from portal.core.policy import demand
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


@area.form("/people/<int:membership_id>/leave", needs=May.HAND_OVER)
@signin.proven
def leave(membership_id: int) -> ResponseReturnValue:
    """What lies open with somebody, who takes it over, and the end of his part; one's own as well."""
    membership = queries.get_membership(membership_id, actor())
    demand(actor(), May.HAND_OVER, membership)
    colleagues = _colleagues(membership)
    form = LeaveForm()
    form.successor.choices = _choices(colleagues)
    if form.validate_on_submit():
        with told(form):
            successor = next((one for one in colleagues if str(one.id) == form.successor.data), None)
            leaving.leave(membership, successor, actor())
            return _left(membership, successor)
    return page(
        "accounts/leave.html",
        form=form,
        membership=membership,
        open_ones=leaving.open_with(membership, actor()),
        needs_successor=leaving.needs_successor(membership, actor()),
        is_of_the_house=leaving.is_of_the_house(membership, actor()),
        is_own=membership.id == actor().membership_id,
    )


def _colleagues(membership: Membership) -> Sequence[Membership]:
    """Who could take over; only a company's duties are handed over."""
    return queries.colleagues_of(membership, *COMPANY_ROLES) if membership.role in COMPANY_ROLES else []


def _choices(colleagues: Sequence[Membership]) -> list[SelectChoice]:
    named = [SelectChoice(str(one.id), f"{one.person.name} {one.role.label}") for one in colleagues]
    return [SelectChoice("", _("先不交给谁")), *named]


def _left(membership: Membership, successor: Membership | None) -> ResponseReturnValue:
    name = membership.person.name
    if successor is not None:
        tell(
            _(
                "%(name)s 在这里的身份结束了，手上的事交给 %(successor)s。",
                name=name,
                successor=successor.person.name,
            )
        )
    else:
        tell(_("%(name)s 在这里的身份结束了。", name=name))
    if membership.id == actor().membership_id:
        return go("accounts.sign_in")
    return go("accounts.list_people", organisation=membership.organisation_id)
