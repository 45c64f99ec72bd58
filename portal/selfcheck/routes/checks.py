"""One check, from 开始 to the receipt: walked on one page, looked over, handed in, entered afterwards."""

from contextlib import suppress

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core import clock, db, journal, policy
from portal.core.errors import Mistake, TooLate
from portal.evidence import staging
from portal.evidence.routes import shown
from portal.markets import papers
from portal.markets import queries as markets
from portal.selfcheck.forms.checks import BackfillCheckForm, SheetForm
from portal.selfcheck.models import Occurrence
from portal.selfcheck.operations import checks as operations
from portal.selfcheck.policy import May
from portal.selfcheck.queries import checks as queries
from portal.selfcheck.queries import submitted, visits
from portal.selfcheck.queries import walk as walks
from portal.selfcheck.queries.walk import Walk
from portal.selfcheck.routes.answers import photo_of
from portal.selfcheck.routes.area import area
from portal.selfcheck.workflow import CHECK, CheckState
from portal.web import gate
from portal.web.area import PHOTO_BODY
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

MOST_CHIPS = 8
"""So many stalls of the zone of the day are chips to tap; more are a list to type into."""


@area.post("/checks/<int:occurrence_id>/start", needs=May.WALK)
def start(occurrence_id: int) -> ResponseReturnValue:
    occurrence = queries.get_occurrence(actor(), occurrence_id, for_update=True)
    if occurrence.state is CheckState.DUE:  # a colleague may have begun a moment ago
        operations.start(occurrence, actor())
    return go("selfcheck.show_check", occurrence_id=occurrence.id)


@area.get("/checks/<int:occurrence_id>", needs=May.READ)
def show_check(occurrence_id: int) -> ResponseReturnValue:
    occurrence = queries.get_occurrence(actor(), occurrence_id)
    walked = walks.walk(occurrence)
    if _is_walked_by_reader(occurrence):
        form = SheetForm(walked, walks.stalls_of(occurrence.market_id))
        return _walk_page(walked, form, sign=request.args.get("sign", ""))
    return _read_page(walked)


@area.post("/checks/<int:occurrence_id>", needs=May.WALK, prelude=[staging.stage_photos], body=PHOTO_BODY)
def save_check(occurrence_id: int) -> ResponseReturnValue:
    """The whole page at once, for whoever has no script: everything is kept, then one goes on."""
    occurrence = queries.get_occurrence(actor(), occurrence_id, for_update=True)
    walked = walks.walk(occurrence)
    form = SheetForm(walked, walks.stalls_of(occurrence.market_id))
    _keep(occurrence, form)
    if form.mistakes:
        return _walk_page(walked, form, 422)
    if request.form.get("go") == "confirm":
        return go("selfcheck.confirm_check", occurrence_id=occurrence.id)
    tell(_("已存。"))
    return redirect(url_for("selfcheck.show_check", occurrence_id=occurrence.id) + _anchor(), 303)


@area.get("/checks/<int:occurrence_id>/confirm", needs=May.WALK)
def confirm_check(occurrence_id: int) -> ResponseReturnValue:
    occurrence = queries.get_occurrence(actor(), occurrence_id)
    if not _is_walked_by_reader(occurrence):
        return redirect(url_for("selfcheck.show_check", occurrence_id=occurrence.id), 302)
    return _confirm_page(walks.walk(occurrence))


@area.post("/checks/<int:occurrence_id>/submit", needs=May.WALK)
def submit(occurrence_id: int) -> ResponseReturnValue:
    """Hand the check in; whoever sends ``answers`` along has them kept first, all in one request."""
    occurrence = queries.get_occurrence(actor(), occurrence_id, for_update=True)
    if occurrence.state in queries.DONE:
        tell(_("这次检查已经交过了，回执在这里。"))
        return go("selfcheck.receipt", occurrence_id=occurrence.id)
    walked = walks.walk(occurrence)
    brought = _brought(walked)
    if brought is None or not brought.mistakes:
        with suppress(Mistake):  # something is missing: shown below
            operations.submit(occurrence, actor(), walked)
            return go("selfcheck.receipt", occurrence_id=occurrence.id)
    walked = walked.again()
    return _walk_page(walked, brought, 422) if brought else _confirm_page(walked, 422)


@area.get("/checks/<int:occurrence_id>/receipt", needs=May.READ)
def receipt(occurrence_id: int) -> ResponseReturnValue:
    occurrence = queries.get_occurrence(actor(), occurrence_id)
    submission = queries.last_submission(occurrence)
    if submission is None:
        return redirect(url_for("selfcheck.show_check", occurrence_id=occurrence.id), 302)
    return page(
        "selfcheck/checks/receipt.html",
        occurrence=occurrence,
        submission=submission,
        market=markets.get_market(actor(), occurrence.market_id),
        answerable=queries.answerable(occurrence),
        due_on=queries.last_day(occurrence.review_due_at) if occurrence.review_due_at else None,
    )


@area.form("/checks/<int:occurrence_id>/backfill", needs=May.BACKFILL)
def backfill(occurrence_id: int) -> ResponseReturnValue:
    occurrence = queries.get_occurrence(actor(), occurrence_id, for_update=request.method == "POST")
    form = BackfillCheckForm(
        walked_by=occurrence.opened_by_name or actor().name,
        walked_at=clock.local(occurrence.opened_at) if occurrence.opened_at else None,
    )
    if form.validate_on_submit():
        with told(form):
            by, at = form.walked_by.data, form.moment
            operations.backfill(occurrence, form.reason.data, actor(), walked_by=by, walked_at=at)
            return go("selfcheck.show_check", occurrence_id=occurrence.id)
    elif request.method == "GET" and not occurrence.is_missed(clock.now()):
        raise TooLate(_("这次检查不用补录。"))
    return page(
        "selfcheck/checks/backfill.html", occurrence=occurrence, form=form, until=occurrence.enterable_until
    )


def _is_walked_by_reader(occurrence: Occurrence) -> bool:
    """Whether the reader may give answers now: it is open, not missed, and he walks."""
    is_open = occurrence.state in {CheckState.OPEN, CheckState.SENT_BACK}
    return is_open and not occurrence.is_missed(clock.now()) and policy.may(actor(), May.WALK, occurrence)


def _brought(walked: Walk) -> SheetForm | None:
    """The answers that came along, kept where nothing is wrong with them; None where none did."""
    if "answers" not in request.form:
        return None
    names_stalls = any(value and name.endswith("-stall") for name, value in request.form.items())
    form = SheetForm(walked, walks.stalls_of(walked.occurrence.market_id) if names_stalls else [])
    _keep_answers(walked.occurrence, form)
    return form


def _keep(occurrence: Occurrence, form: SheetForm) -> None:
    _keep_answers(occurrence, form)
    batch = gate.prelude(staging.stage_photos)
    for code in form.filled:
        form[code].mistakes += [one.words for one in staging.refused(batch, f"{code}-photo")]
        for staged in staging.accepted(batch, f"{code}-photo"):
            with form.told():
                operations.add_photo(occurrence, code, staged, actor())
    _drop(occurrence, db.as_id(request.form.get("drop", "")))


def _keep_answers(occurrence: Occurrence, form: SheetForm) -> None:
    given = form.read(request.form)
    for code, words in operations.faults_of(occurrence, given).items():
        form[code].mistakes.append(words)
    with form.told():
        if not form.mistakes:
            operations.keep(occurrence, given, actor())


def _drop(occurrence: Occurrence, photo_id: int | None) -> None:
    if photo_id is not None:
        operations.drop_photo(occurrence, photo_of(occurrence, photo_id), actor())


def _anchor() -> str:
    """Back to the item one was at, where the button says which."""
    code = request.form.get("at", "")
    return f"#i-{code}" if code.replace("-", "").isalnum() else ""


def _walk_page(walked: Walk, form: SheetForm, status: int = 200, sign: str = "") -> ResponseReturnValue:
    occurrence = walked.occurrence
    market, places = queries.market_of(occurrence), form.places or walks.stalls_of(occurrence.market_id)
    scanned = visits.scanned(walked, market, sign, places)
    if scanned is not None and scanned.is_stall and not scanned.placard.is_gone:
        form.suggest_stall(scanned.placard.number)
    here = [place for place in places if place.zone_id in occurrence.zone_ids]
    html = render_template(
        "selfcheck/checks/walk.html",
        occurrence=occurrence,
        market=market,
        walked=walked,
        sheet=form,
        places=places,
        hashes=visits.stall_hashes(occurrence.market_id),
        points=visits.points_of(occurrence),
        scanned=scanned,
        start=papers.address_start(),
        chips=here if len(here) <= MOST_CHIPS else [],
        shown=shown,
        states=CheckState,
    )
    return html, status


def _confirm_page(walked: Walk, status: int = 200) -> ResponseReturnValue:
    occurrence = walked.occurrence
    html = render_template(
        "selfcheck/checks/confirm.html",
        occurrence=occurrence,
        market=markets.get_market(actor(), occurrence.market_id),
        walked=walked,
        stalls=submitted.stall_codes(walked),
        answerable=queries.answerable(occurrence),
        shown=shown,
        states=CheckState,
    )
    return html, status


def _read_page(walked: Walk) -> ResponseReturnValue:
    occurrence = walked.occurrence
    return page(
        "selfcheck/checks/show.html",
        occurrence=occurrence,
        market=queries.market_of(occurrence),
        walked=walked,
        stalls=submitted.stall_codes(walked),
        shown=shown,
        lines=journal.of(occurrence),
        workflow=CHECK,
        moves={move.verb for move in CHECK.open_to(actor(), occurrence)},
        is_missed=occurrence.is_missed(clock.now()),
        may_backfill=queries.may_still_backfill(occurrence, clock.now()),
        states=CheckState,
    )
