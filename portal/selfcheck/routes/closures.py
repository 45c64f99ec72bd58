"""Pages of a town that closes all its markets in one act, and lets them trade again."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from portal.core import clock
from portal.core.errors import NotThere
from portal.core.policy import demand
from portal.selfcheck.forms.plans import CloseTownForm, LiftClosureForm
from portal.selfcheck.operations import plans as operations
from portal.selfcheck.policy import May
from portal.selfcheck.queries import plans as queries
from portal.selfcheck.routes.area import area
from portal.territory import queries as territory
from portal.web import navigation
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

navigation.entry("selfcheck.list_closures", _l("全镇休市"), "calendar", May.CLOSE_TOWN, 60)


@area.get("/closures", needs=May.CLOSE_TOWN)
def list_closures() -> ResponseReturnValue:
    """The closures one's own office has ordered, the latest first."""
    rows = queries.closures_of(actor())
    codes = {one.area_code for one in rows}
    areas = {code: territory.find_area(code) for code in codes}
    return page(
        "selfcheck/closures/index.html",
        rows=rows,
        areas=areas,
        last_day=queries.last_day,
        today=clock.today(),
    )


@area.form("/closures/new", needs=May.CLOSE_TOWN)
def close_town() -> ResponseReturnValue:
    """Close all markets of the town, or those of one community."""
    town_code = actor().area_code
    if town_code is None:
        raise NotThere
    town = territory.get_area(town_code)
    form = CloseTownForm()
    communities = [SelectChoice(one.code, one.name) for one in territory.communities(town.code)]
    form.area_code.choices = [SelectChoice(town.code, _("全镇（街道）所有市场")), *communities]
    if form.validate_on_submit():
        with told(form):
            chosen = territory.get_area(form.area_code.data)
            operations.close_town(chosen, form.from_on.data, form.to_on.data, form.reason.data, actor())
            tell(_("休市令下了，各市场这几天的检查免查。"))
            return go("selfcheck.list_closures")
    return page("selfcheck/closures/close_town.html", form=form, town=town)


@area.form("/closures/<int:closure_id>/lift", needs=May.CLOSE_TOWN)
def lift_closure(closure_id: int) -> ResponseReturnValue:
    """Let the markets trade again."""
    closure = queries.get_closure(actor(), closure_id)
    demand(actor(), May.CLOSE_TOWN, closure)
    form = LiftClosureForm()
    if form.validate_on_submit():
        operations.lift_closure(closure, actor())
        tell(_("解除了，各市场照常检查。"))
        return go("selfcheck.list_closures")
    return page(
        "selfcheck/closures/lift.html",
        form=form,
        closure=closure,
        place=territory.find_area(closure.area_code),
        today=clock.today(),
    )
