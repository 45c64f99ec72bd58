"""Pages of check points."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core import db
from portal.core.policy import demand, may
from portal.markets import operations, queries
from portal.markets.forms.points import EndPointForm, PointForm
from portal.markets.models import CheckPoint
from portal.markets.policy import May
from portal.markets.routes.entry import area, get_market, zone_choices, zone_of
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


@area.get("/markets/<int:market_id>/points", needs=May.READ)
def list_points(market_id: int) -> ResponseReturnValue:
    """The check points in walking order."""
    market = get_market(market_id)
    points = queries.points_of(market)
    return page(
        "markets/points_list.html", market=market, points=points, counts=queries.count_equipment(points)
    )


@area.form("/markets/<int:market_id>/points/add", needs=May.KEEP_EQUIPMENT)
def add_point(market_id: int) -> ResponseReturnValue:
    """Add a check point at the end of the walk."""
    market = get_market(market_id)
    demand(actor(), May.KEEP_EQUIPMENT, market)
    form, zones = PointForm(), queries.zones_of(market)
    form.zone.choices = zone_choices(zones)
    if form.validate_on_submit():
        with told(form):
            point = operations.add_point(market, form.facts(zone_of(zones, form.zone.data)), actor())
            db.session.flush()
            tell(_("%(name)s 加好了。", name=point.name))
            return go("markets.show_point", market_id=market.id, point_id=point.id)
    return page("markets/points_add.html", form=form, market=market)


@area.get("/markets/<int:market_id>/points/<int:point_id>", needs=May.READ)
def show_point(market_id: int, point_id: int) -> ResponseReturnValue:
    """One check point and the equipment that stands there."""
    market = get_market(market_id)
    point = queries.get_point(market, point_id)
    return page(
        "markets/points_show.html",
        market=market,
        point=point,
        equipment=queries.equipment_of_point(point),
        may_keep=may(actor(), May.KEEP_EQUIPMENT, point) and market.is_open and point.ended_on is None,
    )


@area.form("/markets/<int:market_id>/points/<int:point_id>/edit", needs=May.KEEP_EQUIPMENT)
def edit_point(market_id: int, point_id: int) -> ResponseReturnValue:
    """Write down what is so now about a check point."""
    market = get_market(market_id)
    point = queries.get_point(market, point_id)
    demand(actor(), May.KEEP_EQUIPMENT, point)
    form, zones = PointForm(data=_typed(point)), queries.zones_of(market)
    form.zone.choices = zone_choices(zones)
    if form.validate_on_submit():
        with told(form):
            facts = form.facts(zone_of(zones, form.zone.data))
            operations.edit_point(market, point, facts, form.version.data, actor())
            tell(_("改好了。"))
            return go("markets.show_point", market_id=market.id, point_id=point.id)
    return page("markets/points_edit.html", form=form, market=market, point=point)


def _typed(point: CheckPoint) -> dict[str, object]:
    names = ("code", "name", "place", "version")
    return {name: getattr(point, name) for name in names} | {"zone": str(point.zone_id or "")}


@area.post("/markets/<int:market_id>/points/<int:point_id>/move", needs=May.KEEP_EQUIPMENT)
def move_point(market_id: int, point_id: int) -> ResponseReturnValue:
    """Let a check point change places with its neighbour in the walk."""
    market = get_market(market_id)
    point = queries.get_point(market, point_id)
    operations.move_point(market, point, request.form.get("way") == "up", actor())
    return go("markets.list_points", market_id=market.id)


@area.form("/markets/<int:market_id>/points/<int:point_id>/end", needs=May.KEEP_EQUIPMENT)
def end_point(market_id: int, point_id: int) -> ResponseReturnValue:
    """The walk stops here no more."""
    market = get_market(market_id)
    point = queries.get_point(market, point_id)
    demand(actor(), May.KEEP_EQUIPMENT, point)
    form = EndPointForm()
    if form.validate_on_submit():
        operations.end_point(market, point, actor())
        tell(_("%(name)s 停用了。", name=point.name))
        return go("markets.list_points", market_id=market.id)
    return page("markets/points_end.html", form=form, market=market, point=point)
