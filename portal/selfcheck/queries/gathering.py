"""What the checks of a period say about one subject: which were due, what was looked at, what was found.

Everything a record holds is taken from here, so that nobody types twice what was tapped once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import clock, db
from portal.markets.models import Market, Stall
from portal.selfcheck.models import Answer, ExcuseKind, ItemKind, Occurrence, Outcome, Slot, Submission
from portal.selfcheck.workflow import CheckState

DONE, BACK, LEFT, WAITING, MISSED, EXCUSED = "done", "back", "left", "waiting", "missed", "excused"
"""How a check of the period came out, the community's later review left out of it."""

STANDINGS = {
    CheckState.SUBMITTED: DONE,
    CheckState.ACCEPTED: DONE,
    CheckState.SENT_BACK: BACK,
    CheckState.EXCUSED: EXCUSED,
    CheckState.MISSED: MISSED,
}


@dataclass(frozen=True)
class Subject:
    """What a record is about: the hazard categories of its items, and the slots whose checks count."""

    categories: frozenset[str]
    slots: frozenset[Slot]


FOOD = Subject(frozenset({"FSA", "PHL", "LIC"}), frozenset(Slot))
"""Food safety (参照 60号令): the food itself, hygiene, and the licences."""
FIRE = Subject(
    frozenset({"FIR", "ELE", "GAS"}),
    frozenset({Slot.OPENING, Slot.PATROL, Slot.CLOSING, Slot.DAILY, Slot.EVENT}),
)
"""The fire patrol (GB/T 40248-2021, 7.3): fire, electricity and gas, in the walks of the day."""


@dataclass(frozen=True)
class Look:
    """One look at one item: the check, the item as it stood on its sheet, and the answer."""

    occurrence: Occurrence
    item: dict[str, Any]
    answer: Answer

    @property
    def is_failed(self) -> bool:
        return self.answer.outcome is Outcome.FAIL


@dataclass(frozen=True)
class Gathered:
    """The checks of a market in a period that touch one subject."""

    market: Market
    subject: Subject
    occurrences: Sequence[Occurrence]
    answers: dict[int, dict[str, Answer]]
    """By check and item code."""
    digests: dict[int, str]
    stalls: dict[int, str]
    now: datetime

    def looks(self, occurrence: Occurrence) -> list[Look]:
        """What was looked at in one check, in the order of its sheet; nothing before it was submitted."""
        if standing(occurrence, self.now) not in {DONE, BACK, LEFT}:
            return []
        answers = self.answers.get(occurrence.id, {})
        items = [item for item in occurrence.sheet.items if item["category"] in self.subject.categories]
        return [Look(occurrence, item, answers[item["code"]]) for item in items if item["code"] in answers]

    def all_looks(self) -> list[Look]:
        return [look for occurrence in self.occurrences for look in self.looks(occurrence)]

    def on(self, day: date) -> "Gathered":
        """The part of one day."""
        days = [one for one in self.occurrences if one.service_day == day]
        return replace(self, occurrences=days)


def gather(market: Market, subject: Subject, first: date, last: date) -> Gathered:
    """The checks whose service day lies in the period, both ends included, with everything a record shows."""
    query = (
        sa.select(Occurrence)
        .where(
            Occurrence.market_id == market.id,
            Occurrence.service_day.between(first, last),
            Occurrence.slot.in_(list(subject.slots)),
        )
        .options(joinedload(Occurrence.sheet))
        .order_by(Occurrence.service_day, Occurrence.opens_at, Occurrence.id)
    )
    touched = [one for one in db.session.scalars(query) if _touches(one, subject) and _was_meant(one)]
    answers = _answers(touched)
    return Gathered(market, subject, touched, answers, _digests(touched), _stalls(answers), clock.now())


def standing(occurrence: Occurrence, now: datetime) -> str:
    """How a check came out, missed ones included that nobody has recorded yet.

    One that was sent back and not walked again in time holds up no record of its day any more.
    """
    if occurrence.is_missed(now):
        return MISSED
    if occurrence.redo_by is not None and now > occurrence.redo_by:
        return LEFT
    return STANDINGS.get(occurrence.state, WAITING)


def check_line(gathered: Gathered, occurrence: Occurrence) -> dict[str, Any]:
    """A check as a record names it."""
    return {
        "ref": occurrence.ref,
        "slot": occurrence.slot.value,
        "round": occurrence.round_no,
        "event": occurrence.event,
        "day": occurrence.service_day.isoformat(),
        "from": written(occurrence.opens_at),
        "to": written(occurrence.due_at),
        "standing": standing(occurrence, gathered.now),
        "submitted_at": written(occurrence.submitted_at),
        "by": occurrence.submitted_by_name,
        "digest": gathered.digests.get(occurrence.id, ""),
        "is_late": occurrence.is_late,
        "backfill_reason": occurrence.backfill_reason if occurrence.is_backfilled else "",
        "excuse_reason": occurrence.excuse_reason,
    }


def finding(gathered: Gathered, look: Look) -> dict[str, Any]:
    """A failed item as a record names it."""
    answer, item = look.answer, look.item
    return {
        "code": item["code"],
        "title": item["title"],
        "place": item.get("place", ""),
        "stall": gathered.stalls.get(answer.stall_id or 0, ""),
        "reading": reading(item, answer),
        "words": "、".join(answer.phrases),
        "note": answer.note,
        "category": answer.category,
        "grade": answer.grade.value if answer.grade else "",
        "is_suspected_major": answer.is_suspected_major,
        "day": look.occurrence.service_day.isoformat(),
        "ref": look.occurrence.ref,
        "at": written(answer.answered_at),
        "by": look.occurrence.submitted_by_name,
    }


def findings(gathered: Gathered) -> list[dict[str, Any]]:
    """Every failed item of the period."""
    return [finding(gathered, look) for look in gathered.all_looks() if look.is_failed]


def counts(gathered: Gathered) -> dict[str, int]:
    """How many checks were due and how they came out, how many items were looked at, how many failed."""
    came_out = Counter(standing(one, gathered.now) for one in gathered.occurrences)
    looks = gathered.all_looks()
    return {
        "due": len(gathered.occurrences) - came_out[EXCUSED],
        "done": came_out[DONE],
        "missed": came_out[MISSED] + came_out[LEFT],
        "waiting": came_out[WAITING] + came_out[BACK],
        "excused": came_out[EXCUSED],
        "answers": len(looks),
        "findings": sum(look.is_failed for look in looks),
    }


def readings(looks: Iterable[Look]) -> list[dict[str, Any]]:
    """The numbers that were read, one line an item: how often, lowest, highest, and the sum of what is counted."""
    by_code: dict[str, list[Look]] = {}
    for look in looks:
        if look.answer.number is not None:
            by_code.setdefault(look.item["code"], []).append(look)
    return [_reading_line(of_item) for of_item in by_code.values()]


def _reading_line(looks: Sequence[Look]) -> dict[str, Any]:
    item = looks[0].item
    numbers = [look.answer.number for look in looks if look.answer.number is not None]
    is_count = item.get("kind") == ItemKind.COUNT.value
    return {
        "code": item["code"],
        "title": item["title"],
        "unit": item.get("unit", ""),
        "times": len(numbers),
        "low": plain(min(numbers)),
        "high": plain(max(numbers)),
        "total": plain(sum(numbers, Decimal())) if is_count else "",
        "failed": sum(look.is_failed for look in looks),
    }


def reading(item: dict[str, Any], answer: Answer) -> str:
    """The value of an answer with its unit: a number, else the choice, date or certificate number."""
    if answer.number is None:
        return answer.text
    return f"{plain(answer.number)} {item.get('unit', '')}".strip()


def plain(number: Decimal) -> str:
    """A number without the zeros a column adds."""
    return f"{number.normalize():f}"


def written(moment: datetime | None) -> str:
    """A moment as it stands in a content: local time to the second, with its offset."""
    return clock.local(moment).replace(microsecond=0).isoformat() if moment else ""


def _was_meant(occurrence: Occurrence) -> bool:
    """Whether it ever stood in the market's day: what only a changed plan excused did not."""
    return occurrence.state is not CheckState.EXCUSED or occurrence.excuse_kind is not ExcuseKind.PLAN


def _touches(occurrence: Occurrence, subject: Subject) -> bool:
    return any(item["category"] in subject.categories for item in occurrence.sheet.items)


def _digests(occurrences: Sequence[Occurrence]) -> dict[int, str]:
    """The digest of the last submission of each check."""
    query = sa.select(Submission.occurrence_id, Submission.digest).where(
        Submission.occurrence_id.in_([one.id for one in occurrences])
    )
    rows = db.session.execute(query.order_by(Submission.number)).all()
    return {occurrence_id: digest for occurrence_id, digest in rows}


def _answers(occurrences: Sequence[Occurrence]) -> dict[int, dict[str, Answer]]:
    query = sa.select(Answer).where(Answer.occurrence_id.in_([one.id for one in occurrences]))
    found: dict[int, dict[str, Answer]] = {}
    for answer in db.session.scalars(query):
        found.setdefault(answer.occurrence_id, {})[answer.item_code] = answer
    return found


def _stalls(answers: dict[int, dict[str, Answer]]) -> dict[int, str]:
    named = {one.stall_id for of_check in answers.values() for one in of_check.values() if one.stall_id}
    query = sa.select(Stall.id, Stall.code).where(Stall.id.in_(named))
    return {stall_id: code for stall_id, code in db.session.execute(query).all()} if named else {}
