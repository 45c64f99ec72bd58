"""Pages of what a market arranges for itself: what does not apply, its own items, and the days it is closed."""

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from portal.core import clock
from portal.core.policy import demand
from portal.selfcheck.forms.plans import CloseDaysForm, HouseItemForm, NotApplicableForm
from portal.selfcheck.operations import plans as operations
from portal.selfcheck.policy import May
from portal.selfcheck.queries import plans as queries
from portal.selfcheck.queries import sheets
from portal.selfcheck.routes.area import area
from portal.selfcheck.routes.lists import category_choices, shown_code
from portal.selfcheck.routes.plans import frame, get_market
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell


@area.get("/plans/<int:market_id>/not-applicable", needs=May.PLAN)
def list_not_applicable(market_id: int) -> ResponseReturnValue:
    """The official items that do not apply here, each with its reason."""
    market = get_market(market_id)
    today = clock.today()
    return page(
        "selfcheck/plans/not_applicable.html",
        **frame(market, "not_applicable"),
        rows=queries.not_applicable_of(market, today),
        items={one["code"]: one for one in sheets.official_items(market, today)},
    )


@area.form("/plans/<int:market_id>/not-applicable/add", needs=May.PLAN)
def add_not_applicable(market_id: int) -> ResponseReturnValue:
    """Say that an item does not apply, and why."""
    market = get_market(market_id)
    demand(actor(), May.PLAN, market)
    today = clock.today()
    left_out = {one.item_code for one in queries.not_applicable_of(market, today)}
    items = [one for one in sheets.official_items(market, today) if one["code"] not in left_out]
    form = NotApplicableForm()
    form.item_code.choices = [
        SelectChoice("", _("选一项")),
        *(SelectChoice(one["code"], shown_code(one)) for one in items),
    ]
    if form.validate_on_submit():
        with told(form):
            operations.set_not_applicable(market, form.item_code.data, form.reason.data, actor())
            tell(_("设好了。每张检查表上都会写明不适用的原因。"))
            return go("selfcheck.list_not_applicable", market_id=market.id)
    return page("selfcheck/plans/add_not_applicable.html", form=form, market=market)


@area.post("/plans/<int:market_id>/not-applicable/<int:row_id>/lift", needs=May.PLAN)
def lift_not_applicable(market_id: int, row_id: int) -> ResponseReturnValue:
    """Let an item apply again."""
    market = get_market(market_id)
    row = queries.get_not_applicable(market, row_id)
    operations.lift_not_applicable(market, row, actor())
    tell(_("%(code)s 从今天起又要查。", code=row.item_code))
    return go("selfcheck.list_not_applicable", market_id=market.id)


@area.get("/plans/<int:market_id>/own-items", needs=May.PLAN)
def list_own_items(market_id: int) -> ResponseReturnValue:
    """The items the company has added for this market."""
    market = get_market(market_id)
    return page(
        "selfcheck/plans/own_items.html",
        **frame(market, "own_items"),
        items=queries.house_items_of(market, clock.today()),
    )


@area.form("/plans/<int:market_id>/own-items/add", needs=May.PLAN)
def add_own_item(market_id: int) -> ResponseReturnValue:
    """Add an item of the company's own."""
    market = get_market(market_id)
    demand(actor(), May.PLAN, market)
    form = HouseItemForm()
    form.slots.choices = [choice for choice in form.slots.choices if choice.value != "event"]
    form.category.choices = category_choices()
    if form.validate_on_submit():
        with told(form):
            item = operations.add_house_item(market, form.facts(), actor())
            tell(_("%(code)s 加好了，还没开始的检查都会带上它。", code=item.code))
            return go("selfcheck.list_own_items", market_id=market.id)
    return page("selfcheck/plans/add_own_item.html", form=form, market=market)


@area.post("/plans/<int:market_id>/own-items/<int:item_id>/end", needs=May.PLAN)
def end_own_item(market_id: int, item_id: int) -> ResponseReturnValue:
    """Stop asking for an item of the company's own."""
    market = get_market(market_id)
    item = queries.get_house_item(market, item_id)
    operations.end_house_item(market, item, actor())
    tell(_("%(code)s 停了，查过的记录都还在。", code=item.code))
    return go("selfcheck.list_own_items", market_id=market.id)


@area.get("/plans/<int:market_id>/closed-days", needs=May.READ)
def list_closed_days(market_id: int) -> ResponseReturnValue:
    """The days this market is closed, by itself or by its town."""
    market = get_market(market_id)
    today = clock.today()
    closures = [one for one in queries.closures_over(market, today) if queries.last_day(one) >= today]
    return page(
        "selfcheck/plans/closed_days.html",
        **frame(market, "closed_days"),
        rows=queries.closed_days_of(market, today),
        closures=[one for one in closures if queries.last_day(one) >= one.from_on],
        last_day=queries.last_day,
        today=today,
    )


@area.form("/plans/<int:market_id>/closed-days/add", needs=May.PLAN)
def close_days(market_id: int) -> ResponseReturnValue:
    """Say before they begin that the market is closed on some days."""
    market = get_market(market_id)
    demand(actor(), May.PLAN, market)
    form = CloseDaysForm()
    if form.validate_on_submit():
        with told(form):
            operations.close_market_days(
                market, form.from_on.data, form.to_on.data, form.reason.data, actor()
            )
            tell(_("说好了，这几天的检查免查。"))
            return go("selfcheck.list_closed_days", market_id=market.id)
    return page("selfcheck/plans/close_days.html", form=form, market=market)


@area.post("/plans/<int:market_id>/closed-days/<int:closed_id>/withdraw", needs=May.PLAN)
def withdraw_closed_days(market_id: int, closed_id: int) -> ResponseReturnValue:
    """The market trades after all."""
    market = get_market(market_id)
    operations.withdraw_closed_days(market, queries.get_closed_day(market, closed_id), actor())
    tell(_("撤回了，剩下的日子照常检查。"))
    return go("selfcheck.list_closed_days", market_id=market.id)
