"""A market comes in: company, market and first manager asked on one page, looked at once more, then entered."""

from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from portal.accounts import signin
from portal.core.qr import code_of
from portal.markets.forms.arriving import ArriveForm
from portal.markets.operations import arriving
from portal.markets.policy import May
from portal.markets.queries import setup
from portal.markets.routes.entry import area, community_choices, town_named, towns_to_choose
from portal.territory import queries as territory
from portal.territory.models import Area as Place
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import page


@area.form("/markets/arrive", needs=May.REGISTER, repeats=True)
@signin.proven
def arrive() -> ResponseReturnValue:
    """What is asked, and a last look at it; nothing is written yet."""
    form, town = _asked()
    is_whole = form.validate_on_submit()
    return _page(form, town, is_checked=is_whole and "edit" not in request.form)


@area.post("/markets/arrive/register", needs=May.REGISTER)
@signin.proven
def register_arrival() -> ResponseReturnValue:
    """Enter all three, and show the manager's link this once."""
    form, town = _asked()
    if form.validate_on_submit():
        with told(form):
            areas = {code: territory.get_area(code) for code in {form.community.data, form.seat.data} if code}
            arrived = arriving.arrive(form.arrival(areas), actor())
            address = address_of(arrived.token)
            return page(
                "markets/arrived.html",
                arrived=arrived,
                address=address,
                code=code_of(address) if address else None,
                steps=setup.steps(),
            )
    return _page(form, town, is_checked=False)


def address_of(token: str) -> str:
    """Where a one-time link leads, "" for none."""
    base = current_app.config["PORTAL_SETTINGS"].base_url
    return base + url_for("accounts.open_link", token=token) if token else ""


def _asked() -> tuple[ArriveForm, Place | None]:
    town, form = town_named(request.args.get("town", "")), ArriveForm()
    form.who = actor()
    form.community.choices = community_choices(town)
    same = SelectChoice("", _l("和市场同一个"))
    form.seat.choices = [same, *form.community.choices[1:]]
    return form, town


def _page(form: ArriveForm, town: Place | None, *, is_checked: bool) -> ResponseReturnValue:
    names = dict((choice.value, choice.label) for choice in form.seat.choices)
    return page(
        "markets/arrive.html",
        form=form,
        town=town,
        towns=towns_to_choose(),
        is_checked=is_checked,
        names=names,
    )
