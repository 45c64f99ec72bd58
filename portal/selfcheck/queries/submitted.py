"""What a submission says: the check as it was walked, as content that is signed by its digest and never changes."""

from typing import Any

import sqlalchemy as sa

from portal.core import db
from portal.markets.models import Stall
from portal.selfcheck.models import Occurrence
from portal.selfcheck.queries import checks
from portal.selfcheck.queries.gathering import plain, written
from portal.selfcheck.queries.walk import Card, Walk, sheet_of

FORM = "check/1"


def content_of(walked: Walk, number: int) -> dict[str, Any]:
    """The whole of a check: texts, whole numbers and truth values, moments in local time."""
    occurrence = walked.occurrence
    market = checks.market_of(occurrence)
    stalls = stall_codes(walked)
    return {
        "form": FORM,
        "number": number,
        "market": {"id": market.id, "code": market.code, "name": market.name},
        **_head(occurrence),
        "items": [_line(card, stalls) for card in walked.cards],
        "skipped": [dict(line) for line in walked.skipped],
    }


def stall_codes(walked: Walk) -> dict[int, str]:
    """The codes of the stalls the answers name, by their ids."""
    named = {card.answer.stall_id for card in walked.cards if card.answer and card.answer.stall_id}
    if not named:
        return {}
    query = sa.select(Stall.id, Stall.code).where(Stall.id.in_(named))
    return {stall_id: code for stall_id, code in db.session.execute(query).all()}


def _head(occurrence: Occurrence) -> dict[str, Any]:
    return {
        "ref": occurrence.ref,
        "slot": occurrence.slot.value,
        "day": occurrence.service_day.isoformat(),
        "round": occurrence.round_no,
        "event": occurrence.event,
        "opens_at": written(occurrence.opens_at),
        "due_at": written(occurrence.due_at),
        "opened_at": written(occurrence.opened_at),
        "opened_by": occurrence.opened_by_name,
        "submitted_at": written(occurrence.submitted_at),
        "submitted_by": occurrence.submitted_by_name,
        "is_late": occurrence.is_late,
        "backfill_reason": occurrence.backfill_reason,
        "sheet": sheet_of(occurrence).digest,
        "random_code": occurrence.random_code,
        "answered": occurrence.answered,
        "failed": occurrence.failed,
    }


def _line(card: Card, stalls: dict[int, str]) -> dict[str, Any]:
    """One item as it was asked and answered."""
    item, answer = card.item, card.answer
    assert answer is not None, "only a whole check is submitted"
    return {
        "code": item.code,
        "title": item.title,
        "place": item.place,
        "origin": item.origin,
        "version": item.version,
        "kind": item.kind.value,
        "unit": item.unit,
        "criterion": item.criterion,
        "outcome": answer.outcome.value,
        "number": "" if answer.number is None else plain(answer.number),
        "text": answer.text,
        "phrases": list(answer.phrases),
        "note": answer.note,
        "stall": stalls.get(answer.stall_id or 0, ""),
        "category": answer.category,
        "grade": answer.grade.value if answer.grade else "",
        "hazard_code": answer.hazard_code,
        "is_suspected_major": answer.is_suspected_major,
        "answered_at": written(answer.answered_at),
        "device_at": written(answer.device_at),
        "photos": sorted(photo.blob.sha256 for photo in card.photos),
    }
