"""The page that opens an account for a vendor, from his file, and hands over the one-time link."""

from flask import current_app, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts import signin
from portal.accounts.models import Membership
from portal.accounts.operations import links
from portal.core.policy import demand
from portal.core.qr import code_of
from portal.markets import queries
from portal.markets.forms.accounts import OpenAccountForm
from portal.markets.operations import accounts as operations
from portal.markets.policy import May
from portal.markets.routes.entry import area
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


@area.form("/vendors/<int:vendor_id>/account", needs=May.KEEP_VENDORS)
@signin.proven
def open_account(vendor_id: int) -> ResponseReturnValue:
    """Let a vendor see his own file: an account that bears his number, and a link that is shown this once."""
    vendor = queries.get_vendor(actor(), vendor_id)
    demand(actor(), May.KEEP_VENDORS, vendor)
    form = OpenAccountForm(data={"name": vendor.keeper_name, "phone": vendor.phone})
    if form.validate_on_submit():
        with told(form):
            membership = operations.open_account(vendor, form.name.data, form.phone.data, actor())
            return _handed_over(membership)
    holders = queries.accounts_of(vendor)
    return page("markets/open_account.html", form=form, vendor=vendor, holders=holders)


def _handed_over(membership: Membership) -> ResponseReturnValue:
    person = membership.person
    if person.password_hash is not None:
        tell(_("%(name)s 已经有账号，登录以后换成商户身份就能看。", name=person.name))
        return go("markets.show_vendor", vendor_id=membership.vendor_id)
    token = links.issue(person, actor())
    address = current_app.config["PORTAL_SETTINGS"].base_url + url_for("accounts.open_link", token=token)
    return page(
        "accounts/issue_link.html",
        person=person,
        address=address,
        code=code_of(address),
        membership_id=membership.id,
    )
