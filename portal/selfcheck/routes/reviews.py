"""The community's look at submitted checks: by exception, due first, the clean ones noted together."""

from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.core import clock, db, journal
from portal.core.policy import may
from portal.evidence.routes import shown
from portal.markets import queries as markets
from portal.selfcheck.forms.checks import SendBackCheckForm
from portal.selfcheck.operations import reviews as operations
from portal.selfcheck.policy import May
from portal.selfcheck.queries import checks, submitted, visits, walk
from portal.selfcheck.queries import reviews as queries
from portal.selfcheck.queries.reviews import Shelf
from portal.selfcheck.routes.area import area
from portal.selfcheck.workflow import CHECK, CheckState
from portal.web import navigation
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

navigation.entry("selfcheck.reviews", _l("待看"), "find", May.READ_REVIEWS, 15)


@area.get("/reviews", needs=May.READ_REVIEWS)
def reviews() -> ResponseReturnValue:
    shelf, counts = _shelf(), queries.counts()
    return page("selfcheck/reviews/index.html", title=_title(counts), **_list(shelf, counts))


@area.get("/reviews/rows", needs=May.READ_REVIEWS)
def review_rows() -> ResponseReturnValue:
    """The list alone: what an open page asks again every minute."""
    return page("selfcheck/reviews/_list.html", **_list(_shelf(), queries.counts()))


@area.post("/reviews/note", needs=May.REVIEW)
def note() -> ResponseReturnValue:
    ids = [number for typed in request.form.getlist("check") if (number := db.as_id(typed)) is not None]
    number = operations.note_clean(queries.of_ids(ids), actor())
    words = ngettext("已知悉 %(num)s 次检查。", "已知悉 %(num)s 次检查。", number)
    tell(words if number else _("没有选中要知悉的检查。"))
    return go("selfcheck.reviews", shelf=Shelf.CLEAN.value)


@area.get("/reviews/<int:occurrence_id>", needs=May.READ_REVIEWS)
def show_review(occurrence_id: int) -> ResponseReturnValue:
    occurrence = checks.get_occurrence(actor(), occurrence_id)
    walked = walk.walk(occurrence)
    return page(
        "selfcheck/reviews/show.html",
        occurrence=occurrence,
        market=markets.get_market(actor(), occurrence.market_id),
        walked=walked,
        stalls=submitted.stall_codes(walked),
        visited=visits.count_visits(occurrence),
        submissions=checks.submissions_of(occurrence),
        lines=journal.of(occurrence),
        workflow=CHECK,
        moves={move.verb for move in CHECK.open_to(actor(), occurrence)},
        is_missed=occurrence.is_missed(clock.now()),
        due_on=checks.last_day(occurrence.review_due_at) if occurrence.review_due_at else None,
        shown=shown,
        states=CheckState,
    )


@area.post("/reviews/<int:occurrence_id>/accept", needs=May.REVIEW)
def accept(occurrence_id: int) -> ResponseReturnValue:
    occurrence = checks.get_occurrence(actor(), occurrence_id, for_update=True)
    operations.accept(occurrence, actor())
    tell(_("已确认。"))
    return go("selfcheck.reviews")


@area.form("/reviews/<int:occurrence_id>/send-back", needs=May.REVIEW)
def send_back(occurrence_id: int) -> ResponseReturnValue:
    occurrence = checks.get_occurrence(actor(), occurrence_id, for_update=request.method == "POST")
    form = SendBackCheckForm()
    if form.validate_on_submit():
        with told(form):
            operations.send_back(occurrence, form.reason.data, actor())
            tell(_("已退回，巡查员马上收到。"))
            return go("selfcheck.reviews")
    market = markets.get_market(actor(), occurrence.market_id)
    return page("selfcheck/reviews/send_back.html", occurrence=occurrence, market=market, form=form)


def _shelf() -> Shelf:
    asked = request.args.get("shelf", "")
    return Shelf(asked) if asked in set(Shelf) else Shelf.ASKED


def _title(counts: dict[Shelf, int]) -> Any:
    """What is to be done, said as the work; whoever only watches is told how it stands."""
    asked, late = counts[Shelf.ASKED], counts[Shelf.LATE]
    if not asked and not late:
        return _("现在没有等着看的自检")
    if not asked:
        return ngettext("有 %(num)s 次自检看晚了", "有 %(num)s 次自检看晚了", late)
    if not may(actor(), May.REVIEW):
        return ngettext("%(num)s 次自检等社区看", "%(num)s 次自检等社区看", asked)
    if late:
        return _("有 %(asked)s 次自检要你定，%(late)s 次已超期", asked=asked, late=late)
    return ngettext("有 %(num)s 次自检要你定", "有 %(num)s 次自检要你定", asked)


def _list(shelf: Shelf, counts: dict[Shelf, int]) -> dict[str, Any]:
    return {
        "shelf": shelf,
        "shelves": Shelf,
        "counts": counts,
        "found": queries.page_of(shelf, request.args.get("after", "")),
        "may_decide": may(actor(), May.REVIEW),
        "shown": shown,
        "moment": clock.now(),
    }
