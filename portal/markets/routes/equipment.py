"""Pages of equipment: the list of a market, one piece with its dates, and what is done with it."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.core import clock, db, journal
from portal.core.errors import Mistake, NotThere
from portal.core.policy import demand, may
from portal.markets import operations, queries
from portal.markets.forms.equipment import (
    AddEquipmentForm,
    DateEquipmentForm,
    EditEquipmentForm,
    EndEquipmentForm,
    SieveEquipmentForm,
)
from portal.markets.forms.fields import one_of
from portal.markets.models import CheckPoint, Equipment, EquipmentKind, Market, Stall, Vendor
from portal.markets.operations.terms import scrapped_on
from portal.markets.policy import May
from portal.markets.routes.entry import area, get_market, zone_of
from portal.markets.routes.papers import TAKES_PHOTOS, add_photos
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

WRITTEN = ("code", "name", "place", "maker", "model", "made_on", "note", "version")
"""What the form of a piece of equipment is filled with, besides its kind and where it stands."""


@area.get("/markets/<int:market_id>/equipment", needs=May.READ)
def list_equipment(market_id: int) -> ResponseReturnValue:
    """The equipment of a market, by kind, zone and how its date stands."""
    market = get_market(market_id)
    zones = queries.zones_of(market)
    kind, zone = one_of(EquipmentKind, request.args.get("kind")), zone_of(zones, request.args.get("zone"))
    due = next((one for one in queries.DueState if one.value == request.args.get("due")), None)
    form = SieveEquipmentForm(request.args)
    form.offer(zones)
    found = queries.list_equipment(
        market, kind=kind, due=due, zone=zone, cursor=request.args.get("after", "")
    )
    return page(
        "markets/equipment_list.html",
        market=market,
        equipment=found,
        form=form,
        due=due.value if due else "",
        kept={"kind": kind.value if kind else None, "zone": zone.id if zone else None},
    )


@area.form("/markets/<int:market_id>/equipment/add", needs=May.KEEP_EQUIPMENT)
def add_equipment(market_id: int) -> ResponseReturnValue:
    """Enter a piece of equipment; ``vendor`` in the address makes it a vendor's, ``point`` chooses where it stands."""
    market = get_market(market_id)
    demand(actor(), May.KEEP_EQUIPMENT, market)
    vendor, points = _vendor(market), queries.points_of(market)
    kind = request.args.get("kind") or (EquipmentKind.SCALE.value if vendor else "")
    form = AddEquipmentForm(data={"kind": kind, "point": request.args.get("point", "")})
    form.offer(points, _l("不在巡查点上"))
    if form.validate_on_submit():
        with told(form):
            facts = form.facts(_point(points, form), _stall(market, form), vendor)
            equipment = operations.add_equipment(market, facts, actor())
            db.session.flush()
            tell(_("%(code)s 登记好了。", code=equipment.code))
            return go("markets.show_equipment", equipment_id=equipment.id)
    return page("markets/equipment_add.html", form=form, market=market, vendor=vendor)


def _vendor(market: Market) -> Vendor | None:
    """The vendor the address names, who must be of this market; raises NotThere."""
    typed = request.args.get("vendor", "")
    if not typed:
        return None
    vendor = queries.get_vendor(actor(), db.as_id(typed) or 0)
    if vendor.market_id != market.id:
        raise NotThere
    return vendor


def _point(points: Any, form: EditEquipmentForm) -> CheckPoint | None:
    return next((one for one in points if str(one.id) == form.point.data), None)


def _stall(market: Market, form: EditEquipmentForm) -> Stall | None:
    if not form.stall.data:
        return None
    stall = queries.find_stall(market, operations.tidy_code("stall", form.stall.data))
    if stall is None:
        raise Mistake("stall", _l("这个市场没有这个编号的档口。"))
    return stall


@area.get("/equipment/<int:equipment_id>", needs=May.READ)
def show_equipment(equipment_id: int) -> ResponseReturnValue:
    """One piece: where it stands, until when its date holds, and every date before."""
    equipment = queries.get_equipment(actor(), equipment_id)
    dates = queries.papers_of_equipment(equipment)
    return page(
        "markets/equipment_show.html",
        equipment=equipment,
        market=get_market(equipment.market_id),
        dates=dates,
        dated=next((line for line in dates if line.paper.replaced_by_id is None), None),
        scrapped_on=scrapped_on(equipment.kind.paper_kind, equipment.made_on),
        may_keep=may(actor(), May.KEEP_EQUIPMENT, equipment),
        lines=journal.of(equipment),
    )


def _kept(equipment_id: int) -> Equipment:
    equipment = queries.get_equipment(actor(), equipment_id)
    demand(actor(), May.KEEP_EQUIPMENT, equipment)
    return equipment


@area.form("/equipment/<int:equipment_id>/edit", needs=May.KEEP_EQUIPMENT)
def edit_equipment(equipment_id: int) -> ResponseReturnValue:
    """Write down what is so now about a piece of equipment."""
    equipment = _kept(equipment_id)
    market = get_market(equipment.market_id)
    form, points = EditEquipmentForm(data=_typed(equipment)), queries.points_of(market)
    form.offer(points, _l("不在巡查点上"))
    if form.validate_on_submit():
        with told(form):
            facts = form.facts(_point(points, form), _stall(market, form))
            operations.edit_equipment(equipment, facts, form.version.data, actor())
            tell(_("改好了。"))
            return go("markets.show_equipment", equipment_id=equipment.id)
    return page("markets/equipment_edit.html", form=form, equipment=equipment)


def _typed(equipment: Equipment) -> dict[str, Any]:
    return {name: getattr(equipment, name) for name in WRITTEN} | {
        "kind": equipment.kind.value,
        "point": str(equipment.point_id or ""),
        "stall": equipment.stall.code if equipment.stall else "",
    }


@area.form("/equipment/<int:equipment_id>/date", needs=May.KEEP_EQUIPMENT, **TAKES_PHOTOS)
def date_equipment(equipment_id: int) -> ResponseReturnValue:
    """Enter the newest inspection, verification or maintenance."""
    equipment = _kept(equipment_id)
    form = DateEquipmentForm(data={"issued_on": clock.today()})
    if form.validate_on_submit():
        with told(form):
            paper = operations.date_equipment(equipment, form.facts(), actor())
            add_photos(paper)
            tell(_("记好了，到期日 %(day)s，快到期时会提醒。", day=paper.expires_on))
            return go("markets.show_equipment", equipment_id=equipment.id)
    return page("markets/equipment_date.html", form=form, equipment=equipment)


@area.form("/equipment/<int:equipment_id>/end", needs=May.KEEP_EQUIPMENT)
def end_equipment(equipment_id: int) -> ResponseReturnValue:
    """Scrapped, sold or given back."""
    equipment = _kept(equipment_id)
    form = EndEquipmentForm(data={"ended_on": clock.today()})
    if form.validate_on_submit():
        with told(form):
            operations.end_equipment(equipment, form.ended_on.data, form.note.data or "", actor())
            tell(_("%(code)s 停用了，记录会保留。", code=equipment.code))
            return go("markets.show_equipment", equipment_id=equipment.id)
    return page("markets/equipment_end.html", form=form, equipment=equipment)


@area.post("/equipment/<int:equipment_id>/resume", needs=May.KEEP_EQUIPMENT)
def resume_equipment(equipment_id: int) -> ResponseReturnValue:
    """It is used again after all."""
    equipment = _kept(equipment_id)
    operations.resume_equipment(equipment, actor())
    tell(_("%(code)s 恢复使用。", code=equipment.code))
    return go("markets.show_equipment", equipment_id=equipment.id)
