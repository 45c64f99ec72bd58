"""The page that shows an identity number: asked with a reason, shown once, kept by no browser."""

from flask.typing import ResponseReturnValue

from portal.core.errors import NotThere
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.forms.identity import RevealIdentityForm
from portal.markets.operations import identity
from portal.markets.policy import May
from portal.markets.routes.entry import area
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import page


@area.form("/vendors/<int:vendor_id>/identity", needs=May.REVEAL_IDENTITY)
def reveal_identity(vendor_id: int) -> ResponseReturnValue:
    """Ask why, then show the number on the answer itself; ``no-store`` is on every page of somebody signed in."""
    vendor = queries.get_vendor(actor(), vendor_id)
    demand(actor(), May.REVEAL_IDENTITY, vendor)
    if vendor.id_sealed is None:
        raise NotThere
    form = RevealIdentityForm()
    if form.validate_on_submit():
        with told(form):
            number = identity.reveal(vendor, form.reason.data, actor())
            return page("markets/show_identity.html", vendor=vendor, number=number)
    return page("markets/reveal_identity.html", form=form, vendor=vendor, most=identity.MOST_A_DAY)
