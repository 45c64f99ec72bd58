"""What the community does with submitted checks: by exception, never by reading every one."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db, workdays
from portal.core.actor import Actor
from portal.core.errors import Mistake
from portal.core.policy import may
from portal.selfcheck import tasks
from portal.selfcheck.models import Occurrence, ReviewKind
from portal.selfcheck.policy import May
from portal.selfcheck.workflow import CHECK, CheckState

SAMPLE_RATE = 10  # percent of the clean checks; an editable default
DRAWN_WEEKDAYS = 5
LONGEST_REASON = 400


def accept(occurrence: Occurrence, actor: Actor, note: str = "") -> None:
    """Confirm a check that was looked at."""
    CHECK.perform("accept", occurrence, actor, note, **_seen(actor), review_note=note[:LONGEST_REASON])


def send_back(occurrence: Occurrence, reason: str, actor: Actor) -> None:
    """Have a check walked again by the end of the next working day, and say why.

    Raises Mistake without a reason or with an endless one.
    """
    words = reason.strip()
    if not words:
        raise Mistake("reason", _l("请写明哪里要补，巡查员才知道怎么改。"))
    if len(words) > LONGEST_REASON:
        raise Mistake("reason", _l("请写在 400 字以内。"))
    facts = {**_seen(actor), "review_note": words, "review_due_at": due_at()}
    CHECK.perform("send_back", occurrence, actor, words, **facts)
    tasks.tell_sent_back_later(occurrence)


def note_clean(occurrences: Iterable[Occurrence], actor: Actor) -> int:
    """Take note of several checks in which all was well; say how many.

    One that a colleague took meanwhile, or that the actor walked himself, is passed over; one with a problem must be
    looked at by itself and raises Mistake.
    """
    waiting = [
        one for one in occurrences if one.state is CheckState.SUBMITTED and may(actor, May.REVIEW, one)
    ]
    if any(one.review_kind is not ReviewKind.CLEAN for one in waiting):
        raise Mistake("check", _l("有问题的、抽到的要逐件看，不能一起知悉。"))
    for one in waiting:
        CHECK.perform("note", one, actor, **_seen(actor), review_note="")
    return len(waiting)


def asks_for(occurrence: Occurrence, *, is_unusual: bool) -> dict[str, Any]:
    """Why and until when the community looks at a check that is being submitted, and nothing of an earlier look.

    ``is_unusual``: handed in late, entered afterwards, or handed in again.
    """
    return {
        "review_kind": _kind(occurrence, is_unusual),
        "review_due_at": due_at(),
        "reviewed_at": None,
        "reviewed_by_id": None,
        "reviewed_by_name": "",
        "review_note": "",
    }


def due_at() -> datetime:
    """Until when the community looks, or a market walks again what came back: the end of the next working day."""
    last = workdays.add_workdays(clock.today(), 1).day
    return clock.at_local(last + timedelta(days=1), time(0))


def _seen(actor: Actor) -> dict[str, Any]:
    return {"reviewed_at": clock.now(), "reviewed_by_id": actor.person_id, "reviewed_by_name": actor.name}


def _kind(occurrence: Occurrence, is_unusual: bool) -> ReviewKind:
    if is_unusual or occurrence.failed:
        return ReviewKind.ATTENTION
    return ReviewKind.SAMPLE if _is_drawn(occurrence) else ReviewKind.CLEAN


def _is_drawn(occurrence: Occurrence) -> bool:
    """One clean check in ten, told by its seed; and one a market a week, by Friday at the latest."""
    if _draw(100, "sample", occurrence.seed) < SAMPLE_RATE:
        return True
    weekday = occurrence.service_day.weekday()
    is_time = weekday >= _draw(DRAWN_WEEKDAYS, "week", occurrence.seed)
    return is_time and not _has_sample(occurrence, occurrence.service_day - timedelta(days=weekday))


def _has_sample(occurrence: Occurrence, monday: date) -> bool:
    query = sa.select(Occurrence.id).where(
        Occurrence.market_id == occurrence.market_id,
        Occurrence.service_day.between(monday, monday + timedelta(days=6)),
        Occurrence.review_kind == ReviewKind.SAMPLE,
    )
    return db.session.scalars(query.limit(1)).first() is not None


def _draw(sides: int, *facts: object) -> int:
    """A throw that comes out the same for the same facts: nobody can repeat it until he likes it."""
    return int.from_bytes(hashlib.sha256(repr(facts).encode()).digest()[:8]) % sides
