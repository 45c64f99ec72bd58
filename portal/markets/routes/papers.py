"""Pages of papers: what runs out, a market's own, recording, renewing, putting right."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectChoice

from portal.core import journal
from portal.core.errors import Mistake
from portal.core.policy import demand, may
from portal.evidence import queries as evidence
from portal.evidence import staging
from portal.evidence.routes import shown
from portal.markets import operations, queries
from portal.markets.forms import CorrectPaperForm, RecordMarketPaperForm, RecordPaperForm, RenewPaperForm
from portal.markets.models import Holder, Paper
from portal.markets.policy import May
from portal.markets.routes.entry import area, asked, get_market
from portal.web import gate
from portal.web.area import PHOTO_BODY
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, localized, page, tell

TAKES_PHOTOS: dict[str, Any] = {"prelude": [staging.stage_papers], "body": PHOTO_BODY}
SIDES = {"expired": True, "soon": False}


@area.get("/papers", needs=May.READ)
def list_papers() -> ResponseReturnValue:
    """What has run out or will within sixty days, in every market one works with."""
    side = asked("show")
    found = queries.due_papers(actor(), is_expired=SIDES.get(side), cursor=request.args.get("after", ""))
    return page("markets/list_papers.html", papers=found, side=side)


@area.get("/markets/<int:market_id>/papers", needs=May.READ)
def list_market_papers(market_id: int) -> ResponseReturnValue:
    """The market's own papers: people, equipment, contracts."""
    market = get_market(market_id)
    may_keep = may(actor(), May.KEEP_PAPERS, market)
    lines = queries.papers_of_market(market)
    return page("markets/list_market_papers.html", market=market, papers=lines, may_keep=may_keep)


@area.form("/markets/<int:market_id>/papers/record", needs=May.KEEP_PAPERS, **TAKES_PHOTOS)
def record_market_paper(market_id: int) -> ResponseReturnValue:
    """Enter a paper of the market's own."""
    market = get_market(market_id)
    demand(actor(), May.KEEP_PAPERS, market)
    form = RecordMarketPaperForm(data={"kind": asked("kind")})
    form.kind.choices = _kinds(Holder.MARKET, Holder.EQUIPMENT, Holder.PERSON)
    if form.validate_on_submit():
        with told(form):
            kind = queries.get_paper_kind(form.kind.data)
            paper = operations.record_paper(market, kind, form.facts(), actor())
            add_photos(paper)
            tell(_("登记好了。"))
            return go("markets.show_paper", paper_id=paper.id)
    back = url_for("markets.list_market_papers", market_id=market.id)
    return page("markets/record_paper.html", form=form, owner=market, back=back, needs_holder=True)


@area.form("/vendors/<int:vendor_id>/papers/record", needs=May.KEEP_PAPERS, **TAKES_PHOTOS)
def record_paper(vendor_id: int) -> ResponseReturnValue:
    """Enter a paper of a vendor."""
    vendor = queries.get_vendor(actor(), vendor_id)
    demand(actor(), May.KEEP_PAPERS, vendor)
    form, people = RecordPaperForm(data=_asked_for()), queries.workers_of(vendor)
    form.kind.choices = _kinds(Holder.VENDOR, Holder.PERSON, Holder.EQUIPMENT)
    form.worker.choices = [
        SelectChoice("", _("不是从业人员的")),
        *(SelectChoice(str(one.id), one.name) for one in people),
    ]
    if form.validate_on_submit():
        with told(form):
            kind = queries.get_paper_kind(form.kind.data)
            bearer = next((one for one in people if str(one.id) == form.worker.data), None)
            add_photos(operations.record_paper(vendor, kind, form.facts(), actor(), about=bearer))
            tell(_("%(kind)s 登记好了。", kind=localized(kind, "name")))
            return go("markets.show_vendor", vendor_id=vendor.id)
    back = url_for("markets.show_vendor", vendor_id=vendor.id)
    return page("markets/record_paper.html", form=form, owner=vendor, back=back, needs_holder=False)


def _asked_for() -> dict[str, str]:
    return {"kind": asked("kind"), "worker": asked("worker")}


def add_photos(paper: Paper) -> None:
    """What was staged before the write began; a file that was refused is a mistake of its field."""
    batch = gate.prelude(staging.stage_papers)
    for refused in staging.refused(batch, "photo"):
        raise Mistake("photo", refused.words)
    operations.add_photos(paper, staging.accepted(batch, "photo"), actor())


def _kinds(*holders: Holder) -> list[SelectChoice]:
    return [SelectChoice(kind.code, localized(kind, "name")) for kind in queries.paper_kinds(*holders)]


@area.get("/papers/<int:paper_id>", needs=May.READ_VENDOR)
def show_paper(paper_id: int) -> ResponseReturnValue:
    """One paper, where it stands, and what happened to it; a vendor opens his own."""
    paper = queries.get_paper(actor(), paper_id)
    may_keep = may(actor(), May.KEEP_PAPERS, paper)
    return page(
        "markets/show_paper.html",
        paper=paper,
        line=queries.standing_of(paper),
        photos=[shown(one) for one in evidence.of(paper)],
        may_keep=may_keep,
        lines=journal.of(paper),
    )


def _kept(paper_id: int) -> Paper:
    paper = queries.get_paper(actor(), paper_id)
    demand(actor(), May.KEEP_PAPERS, paper)
    return paper


@area.form("/papers/<int:paper_id>/renew", needs=May.KEEP_PAPERS, **TAKES_PHOTOS)
def renew_paper(paper_id: int) -> ResponseReturnValue:
    """Enter the renewal of a paper."""
    paper = _kept(paper_id)
    kept = ("number", "authority", "holder_name")
    form = RenewPaperForm(data={name: getattr(paper, name) for name in kept})
    if form.validate_on_submit():
        with told(form):
            new = operations.renew_paper(paper, form.facts(), actor())
            add_photos(new)
            tell(_("新证登记好了，旧证留作记录。"))
            return go("markets.show_paper", paper_id=new.id)
    return page("markets/renew_paper.html", form=form, paper=paper)


@area.form("/papers/<int:paper_id>/correct", needs=May.KEEP_PAPERS, **TAKES_PHOTOS)
def correct_paper(paper_id: int) -> ResponseReturnValue:
    """Put a slip of the pen right."""
    paper = _kept(paper_id)
    form = CorrectPaperForm(data=_typed(paper))
    if form.validate_on_submit():
        with told(form):
            add_photos(paper)
            operations.correct_paper(paper, form.facts(), form.reason.data, form.version.data, actor())
            tell(_("改好了。"))
            return go("markets.show_paper", paper_id=paper.id)
    return page("markets/correct_paper.html", form=form, paper=paper)


def _typed(paper: Paper) -> dict[str, Any]:
    names = ("number", "authority", "holder_name", "issued_on", "expires_on", "version")
    is_long_term = paper.expires_on is None and paper.kind.may_expire
    return {name: getattr(paper, name) for name in names} | {"is_long_term": is_long_term}


@area.post("/papers/<int:paper_id>/confirm", needs=May.KEEP_PAPERS)
def confirm_paper(paper_id: int) -> ResponseReturnValue:
    """Say that the entry was compared with the original."""
    operations.confirm_paper(_kept(paper_id), actor())
    tell(_("记下了：已核对原件。"))
    return go("markets.show_paper", paper_id=paper_id)
