"""Records of the self-check: the list, one record and its signature, and everything on paper."""

from datetime import date
from typing import Any

from flask import make_response, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from werkzeug.wrappers import Response

from portal.accounts import signing
from portal.core import clock, db, journal
from portal.markets import queries as markets
from portal.selfcheck import papers
from portal.selfcheck.forms.records import SignRecordForm
from portal.selfcheck.models import ControlRecord, RecordKind
from portal.selfcheck.operations import records as operations
from portal.selfcheck.policy import May
from portal.selfcheck.queries import contents
from portal.selfcheck.queries import records as queries
from portal.selfcheck.routes.area import area
from portal.selfcheck.workflow import RECORD, RecordState
from portal.web import gate, navigation
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

navigation.entry("selfcheck.list_records", lazy_pgettext("many", "记录"), "paper", May.READ_RECORDS, 40)

MONTHS_BACK = 13
MEASURES = {
    RecordKind.DAILY: _l("处理措施"),
    RecordKind.WEEKLY: _l("原因、整改措施和下周重点"),
    RecordKind.MONTHLY: _l("参会人员、会议决定、资源安排和下月重点"),
    RecordKind.PATROL: _l("处理措施"),
}


@area.get("/records", needs=May.READ_RECORDS)
def list_records() -> ResponseReturnValue:
    asked = {
        "market_id": db.as_id(request.args.get("market", "")),
        "kind": _one_of(RecordKind, "kind"),
        "state": _one_of(RecordState, "state"),
        "month": _month(request.args.get("month", "")),
    }
    found = queries.list_records(actor(), **asked, cursor=request.args.get("after", ""))
    waiting = queries.waiting_for(actor())
    return page(
        "selfcheck/records/index.html",
        found=found,
        waiting=waiting,
        places=found.markets | queries.markets_of(waiting),
        asked=asked,
        kept=_kept(asked),
        choices=markets.list_markets(actor()).rows,
        months=_months(),
        ways=_ways(asked),
        states=list(RecordState),
        last_day=lambda record: contents.last_day(record.kind, record.period_on),
    )


@area.get("/records/<int:record_id>", needs=May.READ_RECORDS)
def show_record(record_id: int) -> ResponseReturnValue:
    record = queries.get_record(actor(), record_id)
    return _record_page(record, SignRecordForm())


@area.form("/records/<int:record_id>/sign", needs=May.SIGN, prelude=[signing.confirm])
def sign_record(record_id: int) -> ResponseReturnValue:
    record = queries.get_record(actor(), record_id)
    form = SignRecordForm()
    if form.validate_on_submit():
        with told(form):
            proof = gate.prelude(signing.confirm).given()
            operations.sign(record, proof, form.measures.data or "", actor(), seen=form.seen.data or "")
            tell(_("签好了。内容从现在起不能再改。"))
            return go("selfcheck.show_record", record_id=record.id)
    return _record_page(record, form)


@area.get("/records/<int:record_id>/record.pdf", needs=May.READ_RECORDS)
def record_pdf(record_id: int) -> ResponseReturnValue:
    record = queries.get_record(actor(), record_id)
    return _pdf(
        papers.control_record(queries.told(record, actor())), f"{record.kind.value}-{record.period_on}"
    )


@area.get("/checks/<int:occurrence_id>/record.pdf", needs=May.READ_RECORDS)
def check_pdf(occurrence_id: int) -> ResponseReturnValue:
    submission = queries.get_submission(actor(), occurrence_id)
    market = markets.get_market(actor(), submission.market_id)
    return _pdf(papers.check_record(submission, market), f"check-{submission.content['ref']}")


def _record_page(record: ControlRecord, form: SignRecordForm) -> ResponseReturnValue:
    shown = queries.told(record, actor())
    may_sign = not shown.is_signed and queries.may_sign(actor(), record)
    form.measures.label.text = MEASURES[record.kind]
    form.seen.data = form.seen.raw_data = shown.seen
    return page(
        "selfcheck/records/show.html",
        told=shown,
        record=record,
        content=shown.content,
        form=form if may_sign else None,
        takes_pin=may_sign and signing.takes_pin(),
        is_zero_risk=contents.is_zero_risk(shown.content),
        measures_label=MEASURES[record.kind],
        seal=papers.seal(record.digest),
        lines=journal.of(record),
        workflow=RECORD,
        words=papers.words(),
    )


def _pdf(content: bytes, name: str) -> Response:
    answer = make_response(content)
    answer.mimetype = "application/pdf"
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _ways(asked: dict[str, Any]) -> list[dict[str, Any]]:
    """The kinds as filters, the other filters kept."""
    others: dict[str, Any] = {name: value for name, value in _kept(asked).items() if name != "kind"}
    kinds: list[tuple[Any, Any]] = [(_("全部"), None), *((kind.label, kind) for kind in RecordKind)]
    return [
        {
            "label": label,
            "url": url_for("selfcheck.list_records", kind=kind.value if kind else None, **others),
            "is_current": asked["kind"] is kind,
        }
        for label, kind in kinds
    ]


def _kept(asked: dict[str, Any]) -> dict[str, str]:
    """The filters as they stand in the address."""
    month = asked["month"]
    kept = {
        "market": asked["market_id"],
        "kind": asked["kind"],
        "state": asked["state"],
        "month": f"{month:%Y-%m}" if month else None,
    }
    return {name: str(value) for name, value in kept.items() if value}


def _one_of(words: Any, name: str) -> Any:
    """The member of an enumeration that the address names, or None."""
    value = request.args.get(name, "")
    return words(value) if value in {one.value for one in words} else None


def _month(text: str) -> date | None:
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return month if month <= clock.today() else None


def _months() -> list[date]:
    """This month and the twelve before it."""
    found = [contents.period_of(RecordKind.MONTHLY, clock.today())]
    while len(found) < MONTHS_BACK:
        found.append(contents.period_of(RecordKind.MONTHLY, found[-1] - contents.A_DAY))
    return found
