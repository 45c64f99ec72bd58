"""Pages of zones."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core.policy import demand
from portal.markets import operations, queries
from portal.markets.forms import ZoneForm
from portal.markets.models import Zone
from portal.markets.policy import May
from portal.markets.routes.entry import area, get_market
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


@area.get("/markets/<int:market_id>/zones", needs=May.READ)
def list_zones(market_id: int) -> ResponseReturnValue:
    """The zones in walking order."""
    market = get_market(market_id)
    return page("markets/list_zones.html", market=market, zones=queries.zones_of(market))


@area.form("/markets/<int:market_id>/zones/add", needs=May.KEEP_STALLS)
def add_zone(market_id: int) -> ResponseReturnValue:
    """Add a zone at the end of the walk."""
    market = get_market(market_id)
    demand(actor(), May.KEEP_STALLS, market)
    form = ZoneForm()
    if form.validate_on_submit():
        with told(form):
            zone = operations.add_zone(market, form.facts(), actor())
            tell(_("%(name)s 加好了。", name=zone.name))
            return go("markets.list_zones", market_id=market.id)
    return page("markets/add_zone.html", form=form, market=market)


@area.form("/markets/<int:market_id>/zones/<int:zone_id>/edit", needs=May.KEEP_STALLS)
def edit_zone(market_id: int, zone_id: int) -> ResponseReturnValue:
    """Rename or renumber a zone."""
    market = get_market(market_id)
    zone = queries.get_zone(market, zone_id)
    demand(actor(), May.KEEP_STALLS, zone)
    form = ZoneForm(data=_typed(zone))
    if form.validate_on_submit():
        with told(form):
            operations.edit_zone(market, zone, form.facts(), form.version.data, actor())
            tell(_("改好了。"))
            return go("markets.list_zones", market_id=market.id)
    return page("markets/edit_zone.html", form=form, market=market, zone=zone)


def _typed(zone: Zone) -> dict[str, object]:
    return {
        "code": zone.code,
        "name": zone.name,
        "kind": zone.kind.value if zone.kind else "",
        "floor": zone.floor,
        "version": zone.version,
    }


@area.post("/markets/<int:market_id>/zones/<int:zone_id>/move", needs=May.KEEP_STALLS)
def move_zone(market_id: int, zone_id: int) -> ResponseReturnValue:
    """Let a zone change places with its neighbour in the walk."""
    market = get_market(market_id)
    zone = queries.get_zone(market, zone_id)
    operations.move_zone(market, zone, request.form.get("way") == "up", actor())
    return go("markets.list_zones", market_id=market.id)
