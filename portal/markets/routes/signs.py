"""Pages of signs: the list, making what is missing, printing, one sign, taking one back."""

from typing import Any

from flask import make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectChoice

from portal.core import journal, qr
from portal.core.errors import NotThere
from portal.core.policy import demand, may
from portal.markets import papers
from portal.markets import queries as markets
from portal.markets.forms.fields import one_of
from portal.markets.forms.signs import PrintSignsForm, RevokeSignForm, ids_of, spans
from portal.markets.models import Market, Sign, SignKind
from portal.markets.operations import signs as operations
from portal.markets.papers import MOST_LABELS, Layout
from portal.markets.policy import May
from portal.markets.queries import signs as queries
from portal.markets.queries.signs import Counts, Placard
from portal.markets.routes.entry import area, asked, get_market, zone_of
from portal.markets.workflow import SIGN, SignState
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

NEW, ALL = "new", "all"


@area.get("/markets/<int:market_id>/signs", needs=May.READ_SIGNS)
def list_signs(market_id: int) -> ResponseReturnValue:
    """The signs of a market, and what has none yet."""
    market = get_market(market_id)
    demand(actor(), May.READ_SIGNS, market)
    kind, search = one_of(SignKind, request.args.get("kind")), asked("q", 20)
    state = one_of(SignState, request.args.get("state")) or SignState.LIVE
    found = queries.list_signs(
        market, kind=kind, state=state, search=search, cursor=request.args.get("after", "")
    )
    return page(
        "markets/list_signs.html",
        market=market,
        found=found,
        placards=queries.placards(market, found.rows),
        counts=queries.count_signs(market),
        kind=kind,
        kinds=SignKind,
        state=state,
        states=SignState,
        q=search,
        may_keep=may(actor(), May.KEEP_SIGNS, market) and market.is_open,
    )


@area.post("/markets/<int:market_id>/signs/make", needs=May.KEEP_SIGNS)
def make_signs(market_id: int) -> ResponseReturnValue:
    """Make a sign for everything that has none."""
    market = get_market(market_id)
    number = operations.make_signs(market, actor())
    made = ngettext("做好了 %(num)s 个标识码，可以打印了。", "做好了 %(num)s 个标识码，可以打印了。", number)
    tell(made if number else _("每一处都有标识码了，没有要做的。"))
    return go("markets.list_signs", market_id=market.id)


@area.form("/markets/<int:market_id>/signs/print", needs=May.KEEP_SIGNS)
def print_signs(market_id: int) -> ResponseReturnValue:
    """Choose what is printed and how; that it was printed is noted, then the papers are shown."""
    market = get_market(market_id)
    demand(actor(), May.KEEP_SIGNS, market)
    chosen = queries.signs_of(market, ids_of(request.values.getlist("sign")))
    form, zones = PrintSignsForm(), markets.zones_of(market)
    if chosen:
        del form.which
    else:
        form.which.choices = _whiches(queries.count_signs(market), zones)
    if form.validate_on_submit():
        signs = chosen or _wanted(market, form.which.data, zones)
        printed = operations.print_signs(market, queries.placards(market, signs), actor())
        ids = spans(sign.id for sign in printed)
        return go("markets.show_printed", market_id=market.id, sign=ids, layout=form.layout.data)
    return page(
        "markets/print_signs.html",
        form=form,
        market=market,
        placards=queries.placards(market, chosen),
        chosen=spans(sign.id for sign in chosen),
    )


def _whiches(counts: Counts, zones: Any) -> list[SelectChoice]:
    """What can be printed together: what is new, one kind, one zone, all of it."""
    live, new = sum(counts.live.values()), sum(counts.unprinted.values())
    found = [SelectChoice(NEW, _("还没有印过的，%(number)s 个", number=new))] if new else []
    if live:
        found.append(SelectChoice(ALL, _("全部在用的，%(number)s 个", number=live)))
    found += [
        SelectChoice(kind.value, _("%(kind)s，%(number)s 个", kind=kind.label, number=number))
        for kind, number in counts.live.items()
        if number
    ]
    return found + [SelectChoice(f"zone-{zone.id}", _("%(zone)s的档口", zone=zone.name)) for zone in zones]


def _wanted(market: Market, which: str, zones: Any) -> list[Sign]:
    zone = zone_of(zones, which.removeprefix("zone-")) if which.startswith("zone-") else None
    return queries.to_print(market, zone=zone, kind=one_of(SignKind, which), is_new=which == NEW)


@area.get("/markets/<int:market_id>/signs/printed", needs=May.KEEP_SIGNS)
def show_printed(market_id: int) -> ResponseReturnValue:
    """The papers of one printing, so many labels each."""
    market, placards, layout = _asked(market_id)
    parts = [placards[start : start + MOST_LABELS] for start in range(0, len(placards), MOST_LABELS)]
    links = [
        {
            "first": part[0],
            "last": part[-1],
            "number": len(part),
            "url": url_for(
                "markets.sign_sheet",
                market_id=market.id,
                sign=spans(one.sign.id for one in part),
                layout=layout.value,
            ),
        }
        for part in parts
    ]
    return page("markets/show_printed.html", market=market, layout=layout, links=links, number=len(placards))


@area.get("/markets/<int:market_id>/signs/sheet", needs=May.KEEP_SIGNS)
def sign_sheet(market_id: int) -> ResponseReturnValue:
    """One paper of labels; looking at it notes nothing."""
    market, placards, layout = _asked(market_id)
    answer = make_response(papers.labels(market, placards[:MOST_LABELS], layout))
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="signs-{placards[0].sign.ref}.pdf"'
    return answer


def _asked(market_id: int) -> tuple[Market, list[Placard], Layout]:
    """The market, the signs that are named and still get a label, and how they lie; raises NotThere."""
    market = get_market(market_id)
    demand(actor(), May.KEEP_SIGNS, market)
    signs = queries.signs_of(market, ids_of(request.args.getlist("sign")))
    layout: Layout | None = one_of(Layout, request.args.get("layout") or Layout.GRID.value)
    placards = [one for one in queries.placards(market, signs) if not one.is_gone]
    if not placards or layout is None:
        raise NotThere
    return market, placards, layout


@area.get("/markets/<int:market_id>/signs/<int:sign_id>", needs=May.READ_SIGNS)
def show_sign(market_id: int, sign_id: int) -> ResponseReturnValue:
    """One sign as it hangs, how often it was printed, and what happened to it."""
    market = get_market(market_id)
    sign = queries.get_sign(market, sign_id)
    demand(actor(), May.READ_SIGNS, sign)
    placard = queries.placards(market, [sign])[0]
    is_live = sign.state is SignState.LIVE
    address = papers.address_of(placard) if is_live else ""
    return page(
        "markets/show_sign.html",
        market=market,
        sign=sign,
        placard=placard,
        address=address,
        code=qr.code_of(address, hangs=True) if is_live else None,
        lines=journal.of(sign, 20),
        sign_words=SIGN,
        may_keep=is_live and market.is_open and may(actor(), May.KEEP_SIGNS, sign),
    )


@area.form("/markets/<int:market_id>/signs/<int:sign_id>/revoke", needs=May.KEEP_SIGNS)
def revoke_sign(market_id: int, sign_id: int) -> ResponseReturnValue:
    """Take a sign back, and make a new one where it is wanted."""
    market = get_market(market_id)
    sign = queries.get_sign(market, sign_id)
    demand(actor(), May.KEEP_SIGNS, sign)
    form, placard = RevokeSignForm(), queries.placards(market, [sign])[0]
    if placard.is_gone:
        del form.is_replaced
    if form.validate_on_submit():
        with told(form):
            kept = _take_back(market, sign, form)
            return go("markets.show_sign", market_id=market.id, sign_id=kept.id)
    return page("markets/revoke_sign.html", form=form, market=market, sign=sign, placard=placard)


def _take_back(market: Market, sign: Sign, form: RevokeSignForm) -> Sign:
    """The sign that is shown next: the new one, or the old one as it stands now."""
    if "is_replaced" in form and form.is_replaced.data:
        new = operations.replace_sign(market, sign, form.reason.data, actor())
        tell(_("旧码已作废，新码做好了，请打印换上。"))
        return new
    operations.revoke_sign(sign, form.reason.data, actor())
    tell(_("已作废。再扫这个码，只说它不再有效。"))
    return sign
