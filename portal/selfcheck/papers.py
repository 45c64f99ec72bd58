"""The self-check on paper: the record of a check, the fire patrol's form, and the day's, week's and month's records.

They are always in Chinese, whatever language the reader's pages are in, for the offices that ask for them are.
"""

import base64
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import current_app, url_for
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.core import clock, digests, paper, qr, refs
from portal.evidence import queries as evidence
from portal.evidence import storage
from portal.evidence.models import Attachment
from portal.markets.models import Market, PostKind
from portal.selfcheck.models import Grade, Occurrence, RecordKind, Slot, Submission
from portal.selfcheck.queries import contents, gathering
from portal.selfcheck.queries.records import Told
from portal.selfcheck.workflow import CheckState

LANGUAGE = "zh_Hans_CN"
MOST_PHOTOS = 12
BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="
TEMPLATES = {
    RecordKind.DAILY: "selfcheck/papers/daily.html",
    RecordKind.WEEKLY: "selfcheck/papers/weekly.html",
    RecordKind.MONTHLY: "selfcheck/papers/monthly.html",
    RecordKind.PATROL: "selfcheck/papers/patrol.html",
}


def check_record(submission: Submission, market: Market) -> bytes:
    """The PDF of a submitted check, with the photos its content names, as thumbs."""
    occurrence, content = submission.occurrence, submission.content
    photos = _photos(submission)
    with force_locale(LANGUAGE):
        title = f"{market.name} {occurrence.slot.label} {content['day']} {refs.spoken(content['ref'])}"
        html = _html(
            "selfcheck/papers/check.html",
            content=content,
            company=market.company.name,
            review=_review(occurrence),
            photos=[_picture(photo, content) for photo in photos[:MOST_PHOTOS]],
            left_out=max(0, len(photos) - MOST_PHOTOS),
            seal=seal(submission.digest),
            title=title,
        )
    return paper.render(html, title=title)


def control_record(told: Told) -> bytes:
    """The PDF of a record: signed with hash and code, else marked as a draft."""
    record = told.record
    with force_locale(LANGUAGE):
        title = f"{told.market.name} {record.kind.label} {record.period_on.isoformat()}"
        html = _html(
            TEMPLATES[record.kind],
            told=told,
            record=record,
            content=told.content,
            is_zero_risk=contents.is_zero_risk(told.content),
            seal=seal(record.digest),
            title=title,
        )
    return paper.render(html, title=title)


def seal(digest: str | None) -> dict[str, Any] | None:
    """What stands on a paper so that its content can be verified: code, short code, groups and address."""
    if not digest:
        return None
    address = current_app.config["PORTAL_SETTINGS"].base_url + url_for("frontdoor.verify", code=digest)
    return {
        "qr": qr.code_of(address),
        "address": address,
        "short": digests.in_groups(digests.short_code(digest)),
        "groups": digests.in_groups(digest, 8),
    }


def words() -> Mapping[str, Any]:
    """What the pages and papers of a content need to put it in words."""
    return {
        "at": datetime.fromisoformat,
        "on": date.fromisoformat,
        "slot": lambda value: Slot(value).label,
        "post": lambda value: PostKind(value).label,
        "full": full,
        "grade": lambda value: Grade(value).label if value else "",
        "standing": {
            gathering.DONE: _("已查"),
            gathering.BACK: _("退回补查"),
            gathering.LEFT: _("退回后没有补"),
            gathering.WAITING: _("还没查"),
            gathering.MISSED: _("未查"),
            gathering.EXCUSED: _("免查"),
        },
    }


def _review(occurrence: Occurrence) -> str:
    """What the community said of it, or that it has said nothing yet."""
    if occurrence.reviewed_at is None or occurrence.state is CheckState.SUBMITTED:
        return str(_("还没有确认。"))
    words: str = _(
        "%(state)s。%(name)s，%(moment)s。%(note)s",
        state=occurrence.state.label,
        name=occurrence.reviewed_by_name,
        moment=full(occurrence.reviewed_at),
        note=occurrence.review_note,
    )
    return words


def _photos(submission: Submission) -> list[Attachment]:
    """The photos the submission was sealed with; others may have come since."""
    named = {digest for item in submission.content["items"] for digest in item["photos"]}
    return [one for one in evidence.of(submission.occurrence) if one.is_photo and one.blob.sha256 in named]


def _picture(photo: Attachment, content: Mapping[str, Any]) -> dict[str, Any]:
    """A photo as it stands in the paper: its thumb inside the text, for nothing is fetched."""
    titles = {item["code"]: item["title"] for item in content["items"]}
    return {
        "src": _inside(photo.blob.thumb_sha256 or photo.blob.sha256),
        "title": titles.get(photo.part, ""),
        "at": full(photo.created_at),
    }


def _inside(sha256: str) -> str:
    """A picture as an address that holds it; a blank where the file is missing, for the words still count."""
    try:
        kept = storage.store().read(sha256)
    except FileNotFoundError:
        return BLANK
    return f"data:image/jpeg;base64,{base64.b64encode(kept).decode()}"


def full(moment: datetime) -> str:
    """A moment with its year, as papers write it."""
    return f"{clock.local(moment):%Y-%m-%d %H:%M}"


def _html(template: str, **context: Any) -> str:
    said = words()
    return current_app.jinja_env.get_template(template).render(words=said, **said, **context)
