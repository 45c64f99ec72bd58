"""Pages of corrections: a vendor asks, the manager takes over or says why not."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core import journal
from portal.core.errors import NotThere
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.forms.corrections import AcceptCorrectionForm, AskCorrectionForm, DeclineCorrectionForm
from portal.markets.models import CorrectedField, Correction, Vendor
from portal.markets.operations import corrections as operations
from portal.markets.policy import May
from portal.markets.routes.entry import area, asked, get_market
from portal.markets.workflow import CORRECTION
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


def _own() -> Vendor:
    own = actor().vendor_id
    if own is None:
        raise NotThere
    return queries.get_vendor(actor(), own)


@area.get("/vendors/mine/corrections", needs=May.ASK_CORRECTION)
def my_corrections() -> ResponseReturnValue:
    """What a vendor asked to have put right, and what he was answered."""
    vendor = _own()
    return page("markets/my_corrections.html", vendor=vendor, corrections=queries.corrections_of(vendor))


@area.form("/vendors/mine/corrections/ask", needs=May.ASK_CORRECTION)
def ask_correction() -> ResponseReturnValue:
    """Ask to have something in one's own file put right."""
    vendor, form = _own(), AskCorrectionForm()
    if form.validate_on_submit():
        with told(form):
            field = CorrectedField(form.field.data)
            operations.ask_correction(vendor, field, form.wished.data, form.reason.data, actor())
            tell(_("收到了，市场会答复你。"))
            return go("markets.my_corrections")
    return page("markets/ask_correction.html", form=form, vendor=vendor)


@area.get("/markets/<int:market_id>/corrections", needs=May.DECIDE_CORRECTION)
def list_corrections(market_id: int) -> ResponseReturnValue:
    """What vendors of a market want put right."""
    market = get_market(market_id)
    demand(actor(), May.DECIDE_CORRECTION, market)
    is_open = asked("show") != "decided"
    found = queries.corrections_in(market, is_open=is_open, cursor=request.args.get("after", ""))
    return page("markets/list_corrections.html", market=market, corrections=found, is_open=is_open)


def _decided(correction_id: int) -> Correction:
    correction = queries.get_correction(actor(), correction_id)
    demand(actor(), May.DECIDE_CORRECTION, correction)
    return correction


@area.get("/corrections/<int:correction_id>", needs=May.DECIDE_CORRECTION)
def show_correction(correction_id: int) -> ResponseReturnValue:
    """One correction, as it stands and as it is wished."""
    correction = _decided(correction_id)
    return _shown(correction)


def _shown(correction: Correction, **forms: Any) -> ResponseReturnValue:
    own = {
        "accept": AcceptCorrectionForm(formdata=None, data={"version": correction.vendor.version}),
        "decline": DeclineCorrectionForm(formdata=None),
    }
    return page(
        "markets/show_correction.html",
        correction=correction,
        moves={move.verb for move in CORRECTION.open_to(actor(), correction)},
        lines=journal.of(correction),
        workflow=CORRECTION,
        **(own | forms),
    )


@area.post("/corrections/<int:correction_id>/accept", needs=May.DECIDE_CORRECTION)
def accept_correction(correction_id: int) -> ResponseReturnValue:
    """Take a correction over into the file."""
    correction, form = _decided(correction_id), AcceptCorrectionForm()
    if form.validate_on_submit():
        with told(form):
            operations.accept_correction(correction, form.answer.data or "", form.version.data, actor())
            tell(_("档案改好了，商户会收到通知。"))
            return go("markets.list_corrections", market_id=correction.market_id)
    return _shown(correction, accept=form)


@area.post("/corrections/<int:correction_id>/decline", needs=May.DECIDE_CORRECTION)
def decline_correction(correction_id: int) -> ResponseReturnValue:
    """Leave the file as it is and say why."""
    correction, form = _decided(correction_id), DeclineCorrectionForm()
    if form.validate_on_submit():
        with told(form):
            operations.decline_correction(correction, form.refusal.data, actor())
            tell(_("答复了，商户会收到通知。"))
            return go("markets.list_corrections", market_id=correction.market_id)
    return _shown(correction, decline=form)
