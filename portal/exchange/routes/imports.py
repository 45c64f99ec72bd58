"""Pages of workbooks coming in: the form, how far the judging is, what was found, and the taking over."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts import signin
from portal.core import db
from portal.core.errors import Mistake, NotThere
from portal.core.policy import demand, may
from portal.exchange import keeping, staging
from portal.exchange.forms.imports import BringForm
from portal.exchange.kinds import JUDGES
from portal.exchange.models import Import, ImportKind, Verdict
from portal.exchange.operations import imports as operations
from portal.exchange.policy import May
from portal.exchange.queries import imports as queries
from portal.exchange.routes.entry import area, handed_over
from portal.exchange.words import said
from portal.exchange.workbooks import container, table
from portal.exchange.workbooks.headers import Header
from portal.exchange.workbooks.templates import template
from portal.markets import queries as markets
from portal.markets.models import Market
from portal.web import gate
from portal.web.forms import told
from portal.web.gate import actor, is_script
from portal.web.pages import go, page, tell

BODY = container.MOST_BYTES + 2_000_000
"""So much is read that a file which is a little too large is told so in our own words."""
SHOWN = (Verdict.WRONG, Verdict.NEW, Verdict.CHANGED, Verdict.LEFT_OUT)


@area.form("/markets/<int:market_id>/imports", needs=May.IMPORT, prelude=[staging.stage_workbook], body=BODY)
def list_imports(market_id: int) -> ResponseReturnValue:
    """Bring a workbook in, and see those that came before."""
    market = _market(market_id)
    form = BringForm(data={"kind": request.args.get("kind", ImportKind.STALLS.value)})
    if form.validate_on_submit():
        with told(form):
            one = operations.bring(market, ImportKind(form.kind.data), _brought(), actor())
            return go("exchange.show_import", import_id=one.id)
    return page(
        "exchange/list_imports.html",
        market=market,
        form=form,
        kinds=[kind for kind in ImportKind if kind in JUDGES],
        imports=queries.list_imports(market),
        most=container.MOST_BYTES // container.MEGABYTE,
    )


def _market(market_id: int) -> Market:
    market = markets.get_market(actor(), market_id)
    demand(actor(), May.IMPORT, market)
    return market


def _brought() -> operations.Brought:
    staged = gate.prelude(staging.stage_workbook)
    if isinstance(staged, Mistake):
        raise staged
    assert isinstance(staged, operations.Brought), "staged or refused"
    return staged


@area.get("/markets/<int:market_id>/imports/template/<kind>", needs=May.IMPORT)
def import_template(market_id: int, kind: str) -> ResponseReturnValue:
    """An empty workbook of a kind, with this market's drop-downs."""
    market = _market(market_id)
    chosen = next((one for one in JUDGES if one.value == kind), None)
    if chosen is None:
        raise NotThere
    judge = JUDGES[chosen](market, Header(1, {}, {}), actor())
    title = str(chosen.label)
    return handed_over(template(judge, title), f"{_('导入模板')}-{title}.xlsx")


@area.get("/imports/<int:import_id>", needs=May.IMPORT)
def show_import(import_id: int) -> ResponseReturnValue:
    """What a workbook came to; while the worker has it, the part that moves is asked for again by a script."""
    market, one = _own(import_id)
    shown = _shown(one)
    context: dict[str, Any] = {
        "market": market,
        "one": one,
        "shown": shown,
        "kinds": SHOWN,
        "rows": queries.rows_of(one, shown, _after()),
        "headers": _headers(one),
        "done_before": queries.find_done(market, one.sha256) if one.state.value == "judged" else None,
        "is_sender": one.by_person_id == actor().person_id,
        "may_import": may(actor(), May.IMPORT, market) and market.is_open,
        "said": said,
    }
    if is_script():
        return render_template("exchange/_import.html", **context)
    return page("exchange/show_import.html", **context)


def _own(import_id: int) -> tuple[Market, Import]:
    market, one = queries.get_import(actor(), import_id)
    demand(actor(), May.IMPORT, one)
    return market, one


def _shown(one: Import) -> Verdict:
    """The verdict that was asked for, else the first one there is anything of."""
    asked = request.args.get("show")
    there = [kind for kind in SHOWN if one.counts.get(kind.value)]
    return next((kind for kind in SHOWN if kind.value == asked), there[0] if there else Verdict.NEW)


def _headers(one: Import) -> dict[str, str]:
    """What each field is called: as in the workbook, else as in the template."""
    own = {column["field"]: column["header"] for column in one.columns if column["field"]}
    return {column.field: column.header for column in table.columns(one.kind)} | own


def _after() -> int:
    return db.as_id(request.args.get("after", "")) or 0


@area.post("/imports/<int:import_id>/apply", needs=May.IMPORT)
def apply_import(import_id: int) -> ResponseReturnValue:
    """Take over what was judged; people are let in only by somebody who has just proved to be it."""
    market, one = _own(import_id)
    if one.kind is ImportKind.PEOPLE and not signin.is_fresh():
        raise signin.NotProven
    operations.apply(market, one, actor())
    return go("exchange.show_import", import_id=one.id)


@area.post("/imports/<int:import_id>/drop", needs=May.IMPORT)
def drop_import(import_id: int) -> ResponseReturnValue:
    """Think better of it."""
    market, one = _own(import_id)
    operations.drop(one, actor())
    tell(_("已经放弃，表格和核对结果都删掉了。"))
    return go("exchange.list_imports", market_id=market.id)


@area.get("/imports/<int:import_id>/marked", needs=May.IMPORT)
def marked_import(import_id: int) -> ResponseReturnValue:
    """The same workbook with its wrong cells marked, for whoever sent it: it holds what he wrote in it."""
    _market, one = _own(import_id)
    if not one.marked_sha256 or one.by_person_id != actor().person_id:
        raise NotThere
    try:
        content = keeping.read(one.marked_sha256)
    except FileNotFoundError:
        raise NotThere from None
    stem = one.filename.rpartition(".")[0] or one.filename
    return handed_over(content, f"{stem}-{_('标出要改的')}.xlsx")
