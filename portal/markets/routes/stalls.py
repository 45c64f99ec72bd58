"""Pages of stalls: the list, adding one or a row, one stall, its state, moving in and out."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from portal.core import clock, journal
from portal.core.policy import demand, may
from portal.markets import operations, queries
from portal.markets.forms import AddStallsForm, ChangeStallForm, MoveInForm, MoveOutForm, StallForm
from portal.markets.forms.fields import one_of
from portal.markets.models import Market, Stall
from portal.markets.policy import May
from portal.markets.routes.entry import (
    area,
    asked,
    get_market,
    next_step,
    trade_choices,
    zone_choices,
    zone_of,
)
from portal.markets.workflow import STALL, StallState
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

OWN_PAGES = frozenset({"move_in", "move_out"})
"""Moves that ask for more than a note."""

CHANGES = {
    "suspend_stall": operations.suspend_stall,
    "renovate_stall": operations.renovate_stall,
    "seal_stall": operations.seal_stall,
    "resume_stall": operations.resume_stall,
    "close_stall": operations.close_stall,
}


@area.get("/markets/<int:market_id>/stalls", needs=May.READ)
def list_stalls(market_id: int) -> ResponseReturnValue:
    """The stalls as people count them, with who keeps each."""
    market = get_market(market_id)
    zones = queries.zones_of(market)
    zone, state = zone_of(zones, request.args.get("zone")), one_of(StallState, request.args.get("state"))
    prefix = asked("q", 20)
    found = queries.list_stalls(
        market, zone=zone, state=state, prefix=prefix, cursor=request.args.get("after", "")
    )
    return page(
        "markets/list_stalls.html",
        market=market,
        stalls=found,
        occupants=queries.occupants_of(found.rows),
        counts=queries.count_stalls(market),
        zones=zones,
        zone=zone,
        state=state,
        q=prefix,
    )


@area.form("/markets/<int:market_id>/stalls/add", needs=May.KEEP_STALLS)
def add_stall(market_id: int) -> ResponseReturnValue:
    """Add one stall."""
    market = get_market(market_id)
    demand(actor(), May.KEEP_STALLS, market)
    form, zones = StallForm(), queries.zones_of(market)
    form.zone.choices, form.trade_codes.choices = zone_choices(zones), trade_choices()
    if form.validate_on_submit():
        with told(form):
            stall = operations.add_stall(market, form.facts(zone_of(zones, form.zone.data)), actor())
            tell(_("%(code)s 加好了。", code=stall.code))
            return go("markets.show_stall", market_id=market.id, stall_id=stall.id)
    return page("markets/add_stall.html", form=form, market=market)


@area.form("/markets/<int:market_id>/stalls/add-row", needs=May.KEEP_STALLS)
def add_stalls(market_id: int) -> ResponseReturnValue:
    """Add a row of stalls at once."""
    market = get_market(market_id)
    demand(actor(), May.KEEP_STALLS, market)
    form, zones = AddStallsForm(), queries.zones_of(market)
    form.zone.choices = zone_choices(zones)
    if form.validate_on_submit():
        with told(form):
            zone = zone_of(zones, form.zone.data)
            added = operations.add_stalls(market, form.first.data, form.last.data, zone, actor())
            tell(_("加好了 %(number)s 个档口。", number=len(added)))
            return go("markets.list_stalls", market_id=market.id)
    return page("markets/add_stalls.html", form=form, market=market)


@area.get("/markets/<int:market_id>/stalls/<int:stall_id>", needs=May.READ)
def show_stall(market_id: int, stall_id: int) -> ResponseReturnValue:
    """One stall: what it is, who keeps it, who kept it."""
    market = get_market(market_id)
    stall = queries.get_stall(market, stall_id)
    history = queries.history_of_stall(stall)
    occupancy = next((line for line in history if line.to_on is None), None)
    sold = occupancy.vendor.trade_codes if occupancy else []
    trades = queries.find_trades({*stall.trade_codes, *sold})
    file = (
        queries.demands_on(occupancy.vendor, [one for one in trades if one.code in sold])
        if occupancy
        else None
    )
    return page(
        "markets/show_stall.html",
        market=market,
        stall=stall,
        occupancy=occupancy,
        file=file,
        next_step=next_step(file) if file else None,
        history=history,
        trades=[one for one in trades if one.code in stall.trade_codes],
        moves={move.verb: move for move in STALL.open_to(actor(), stall)},
        changes=CHANGES,
        lines=journal.of(stall, 20),
        may_edit=may(actor(), May.KEEP_STALLS, stall),
    )


@area.form("/markets/<int:market_id>/stalls/<int:stall_id>/edit", needs=May.KEEP_STALLS)
def edit_stall(market_id: int, stall_id: int) -> ResponseReturnValue:
    """Write down what is so now about a stall."""
    market = get_market(market_id)
    stall = queries.get_stall(market, stall_id)
    demand(actor(), May.KEEP_STALLS, stall)
    form, zones = StallForm(data=_typed(stall)), queries.zones_of(market)
    form.zone.choices, form.trade_codes.choices = zone_choices(zones), trade_choices()
    if form.validate_on_submit():
        with told(form):
            facts = form.facts(zone_of(zones, form.zone.data))
            operations.edit_stall(market, stall, facts, form.version.data, actor())
            tell(_("改好了。"))
            return _to(market, stall)
    return page("markets/edit_stall.html", form=form, market=market, stall=stall)


def _typed(stall: Stall) -> dict[str, object]:
    names = ("code", "area_m2", "trade_codes", "has_gas", "version")
    return {name: getattr(stall, name) for name in names} | {"zone": str(stall.zone_id or "")}


def _to(market: Market, stall: Stall) -> ResponseReturnValue:
    return go("markets.show_stall", market_id=market.id, stall_id=stall.id)


@area.form("/markets/<int:market_id>/stalls/<int:stall_id>/change", needs=May.KEEP_STALLS)
def change_stall(market_id: int, stall_id: int) -> ResponseReturnValue:
    """Suspend, renovate, seal, resume or do away with a stall."""
    market = get_market(market_id)
    stall = queries.get_stall(market, stall_id)
    demand(actor(), May.KEEP_STALLS, stall)
    form = ChangeStallForm()
    moves = [move for move in STALL.open_to(actor(), stall) if move.verb not in OWN_PAGES]
    form.verb.choices = [SelectChoice(move.verb, move.label) for move in moves]
    if form.validate_on_submit():
        with told(form):
            CHANGES[form.verb.data](stall, form.note.data or "", actor())
            tell(_("%(code)s 现在是：%(state)s。", code=stall.code, state=stall.state.label))
            return _to(market, stall)
    return page("markets/change_stall.html", form=form, market=market, stall=stall)


@area.form("/markets/<int:market_id>/stalls/<int:stall_id>/move-in", needs=May.KEEP_VENDORS)
def move_in(market_id: int, stall_id: int) -> ResponseReturnValue:
    """Let a vendor keep this stall."""
    market = get_market(market_id)
    stall = queries.get_stall(market, stall_id)
    demand(actor(), May.KEEP_VENDORS, stall)
    form, vendors = MoveInForm(data={"from_on": clock.today()}), queries.vendors_without_stall(market)
    form.vendor.choices = [
        SelectChoice(str(one.id), _("%(name)s（%(keeper)s）", name=one.name, keeper=one.keeper_name))
        for one in vendors
    ]
    if form.validate_on_submit():
        with told(form):
            vendor = next(one for one in vendors if str(one.id) == form.vendor.data)
            operations.move_in(stall, vendor, form.from_on.data, actor())
            tell(_("%(name)s 进场 %(code)s。", name=vendor.name, code=stall.code))
            return _to(market, stall)
    return page("markets/move_in.html", form=form, market=market, stall=stall, vendors=vendors)


@area.form("/markets/<int:market_id>/stalls/<int:stall_id>/move-out", needs=May.KEEP_VENDORS)
def move_out(market_id: int, stall_id: int) -> ResponseReturnValue:
    """End the running stay in this stall."""
    market = get_market(market_id)
    stall = queries.get_stall(market, stall_id)
    demand(actor(), May.KEEP_VENDORS, stall)
    form = MoveOutForm(data={"to_on": clock.today()})
    if form.validate_on_submit():
        with told(form):
            line = operations.move_out(stall, form.to_on.data, actor(), form.note.data or "")
            tell(_("%(name)s 已离场。", name=line.vendor.name))
            return _to(market, stall)
    return page(
        "markets/move_out.html",
        form=form,
        market=market,
        stall=stall,
        occupancy=queries.occupant_of(stall),
    )
