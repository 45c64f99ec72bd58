"""A market comes in: company, market and first manager asked on one page, looked at once more, then entered."""

from collections.abc import Mapping

from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from portal.accounts import signin
from portal.core.qr import code_of
from portal.markets.forms.arriving import ArriveForm
from portal.markets.operations import arriving
from portal.markets.operations.arriving import Arrived
from portal.markets.policy import May
from portal.markets.queries import setup
from portal.markets.routes.entry import area, own_town, town_named, towns_to_choose
from portal.territory import queries as territory
from portal.territory.models import Area as Place
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import page


@area.form("/markets/arrive", needs=May.REGISTER, repeats=True)
@signin.proven
def arrive() -> ResponseReturnValue:
    """What is asked, and a last look at it; nothing is written yet."""
    form, _areas = _asked()
    is_whole = form.validate_on_submit()
    return _page(form, is_checked=is_whole and "edit" not in request.form)


@area.post("/markets/arrive/register", needs=May.REGISTER)
@signin.proven
def register_arrival() -> ResponseReturnValue:
    """Enter all three, and show the manager's link this once."""
    form, areas = _asked()
    form.asks_the_books = False
    if form.validate_on_submit():
        with told(form):
            return _arrived(arriving.arrive(form.arrival(areas), actor()))
    return _page(form, is_checked=False)


def _arrived(arrived: Arrived) -> ResponseReturnValue:
    address = address_of(arrived.token)
    return page(
        "markets/arrived.html",
        arrived=arrived,
        address=address,
        code=code_of(address) if address else None,
        steps=setup.steps(),
    )


def address_of(token: str) -> str:
    """Where a one-time link leads, "" for none."""
    base = current_app.config["PORTAL_SETTINGS"].base_url
    return base + url_for("accounts.open_link", token=token) if token else ""


def _asked() -> tuple[ArriveForm, Mapping[str, Place]]:
    """The form, and the communities it offers by their codes."""
    town_code, form = own_town() or request.args.get("town", ""), ArriveForm()
    areas = {one.code: one for one in territory.communities(town_code)} if town_code else {}
    named = [SelectChoice(code, one.name) for code, one in areas.items()]
    form.who = actor()
    form.community.choices = [SelectChoice("", _l("请选择")), *named]
    form.seat.choices = [SelectChoice("", _l("和市场同一个")), *named]
    return form, areas


def _page(form: ArriveForm, *, is_checked: bool) -> ResponseReturnValue:
    return page(
        "markets/arrive.html",
        form=form,
        town=town_named(request.args.get("town", "")),
        towns=towns_to_choose(),
        is_checked=is_checked,
        names={choice.value: choice.label for choice in form.seat.choices},
    )
