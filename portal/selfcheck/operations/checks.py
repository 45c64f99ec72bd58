"""What is done with a check: started, walked, submitted, and entered afterwards when it was missed."""

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import clock, db, digests
from portal.core.actor import SYSTEM, Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.selfcheck import tasks
from portal.selfcheck.models import Occurrence, ReviewKind, Submission
from portal.selfcheck.operations import records, reviews
from portal.selfcheck.operations.answers import (
    Given,
    add_photo,
    drop_photo,
    faults_of,
    keep,
    save_answer,
    save_answers,
)
from portal.selfcheck.policy import May
from portal.selfcheck.queries import checks, submitted, walk
from portal.selfcheck.queries.items import items_of
from portal.selfcheck.workflow import CHECK, CheckState

ONE_IN = 8
"""Of so many items one wants a photo even when all is well; a short round often has none."""
LONGEST_REASON = 200
LONGEST_NAME = 80
MISSED: Any = _l("已经过了补交的时间。你填的都在，请走补录，写明原因。")

__all__ = [
    "Given",
    "add_photo",
    "backfill",
    "drop_photo",
    "faults_of",
    "keep",
    "save_answer",
    "save_answers",
    "start",
    "submit",
]


def start(occurrence: Occurrence, actor: Actor) -> None:
    """Begin to walk; now the item is drawn that wants a photo in any case.

    Raises TooLate before the window opens, and when it is so late that only entering afterwards is left.
    """
    now = clock.now()
    if occurrence.state is CheckState.DUE and now < occurrence.opens_at:
        raise TooLate(_l("还没到时间，%(clock)s 开始。", clock=f"{clock.local(occurrence.opens_at):%H:%M}"))
    if occurrence.is_missed(now):
        raise TooLate(MISSED)
    CHECK.perform(
        "start",
        occurrence,
        actor,
        opened_at=now,
        opened_by_id=actor.person_id,
        opened_by_name=actor.name,
        random_code=_drawn(occurrence),
    )


def submit(occurrence: Occurrence, actor: Actor, walked: walk.Walk | None = None) -> Submission:
    """Hand the check in, whole and for good.

    Raises TooLate once it was handed in or missed, Mistake (its field is the first incomplete item) while something
    is missing.  After its window it is taken, marked late, until it counts as missed.
    """
    demand(actor, May.WALK, occurrence)
    now = clock.now()
    _check_open(occurrence, now)
    walked = walked.again() if walked else walk.walk(occurrence)
    if gaps := walked.gaps:
        raise Mistake(gaps[0].code, _l("还有 %(number)s 项没齐，补上再交。", number=len(gaps)))
    is_again = occurrence.state is CheckState.SENT_BACK
    is_late = occurrence.is_late if is_again else now > occurrence.due_at and not occurrence.is_backfilled
    CHECK.perform(
        "submit",
        occurrence,
        actor,
        submitted_at=now,
        submitted_by_id=actor.person_id,
        submitted_by_name=actor.name,
        is_late=is_late,
        **reviews.asks_for(occurrence, is_unusual=is_again or is_late or occurrence.is_backfilled),
    )
    last = checks.last_submission(occurrence) if is_again else None
    submission = _seal(walked, last.number + 1 if last else 1, actor)
    records.ask_to_form(occurrence, occurrence.service_day)
    if occurrence.review_kind is ReviewKind.ATTENTION:
        tasks.tell_submitted_later(occurrence, submission.number)
    return submission


def backfill(
    occurrence: Occurrence,
    reason: str,
    actor: Actor,
    *,
    walked_by: str = "",
    walked_at: datetime | None = None,
) -> None:
    """Enter a missed check afterwards, with the reason, who walked it and when, within three days.

    Raises TooLate where it was not missed or is too old, Mistake for what the reason or the time cannot be.
    """
    demand(actor, May.BACKFILL, occurrence)
    now = clock.now()
    if not occurrence.is_missed(now):
        raise TooLate(_l("这次检查不用补录。"))
    if not checks.may_still_backfill(occurrence, now):
        raise TooLate(_l("已经超过 3 天，不能再补录。"))
    facts = _told_afterwards(occurrence, reason, walked_by or actor.name, walked_at or now, actor)
    if occurrence.state is not CheckState.MISSED:  # nobody has recorded yet that it was
        CHECK.perform("miss", occurrence, SYSTEM(actor.reach))
    CHECK.perform("backfill", occurrence, actor, facts["backfill_reason"], **facts)


def _drawn(occurrence: Occurrence) -> str:
    """The code of the item that wants a photo, one item in eight; "" where the lot fell on none."""
    items = list(items_of(walk.sheet_of(occurrence)).values())
    lot = occurrence.seed % max(len(items), ONE_IN)
    return items[lot].code if lot < len(items) else ""


def _check_open(occurrence: Occurrence, now: datetime) -> None:
    if occurrence.state in checks.DONE:
        raise TooLate(_l("这次检查已经交过了，不用再交。"))
    if occurrence.is_missed(now):
        raise TooLate(MISSED)
    if CHECK.find("submit", occurrence.state) is None:
        raise TooLate


def _seal(walked: walk.Walk, number: int, actor: Actor) -> Submission:
    """Keep what was submitted with its digest, and let the digest open its verification page."""
    occurrence = walked.occurrence
    content = submitted.content_of(walked, number)
    submission = Submission(
        market_id=occurrence.market_id,
        occurrence_id=occurrence.id,
        number=number,
        submitted_at=occurrence.submitted_at,
        submitted_by_id=actor.person_id,
        submitted_by_name=actor.name,
        content=content,
        digest=digests.digest_of(content),
    ).stands_in(occurrence)
    db.session.add(submission)
    db.session.flush()
    records.open_to_public(submission)
    return submission


def _told_afterwards(
    occurrence: Occurrence, reason: str, walked_by: str, walked_at: datetime, actor: Actor
) -> dict[str, Any]:
    words = reason.strip()
    if not words:
        raise Mistake("reason", _l("请写明为什么当时没有交。"))
    if len(words) > LONGEST_REASON:
        raise Mistake("reason", _l("请写在 200 字以内。"))
    if len(walked_by) > LONGEST_NAME:
        raise Mistake("walked_by", _l("名字太长，请写在 80 字以内。"))
    if not occurrence.opens_at <= walked_at <= clock.now():
        raise Mistake("walked_at", _l("请填实际检查的时间，在开始时间以后、现在以前。"))
    return {
        "is_backfilled": True,
        "backfill_reason": words,
        "opened_at": walked_at,
        "opened_by_id": actor.person_id if walked_by == actor.name else None,
        "opened_by_name": walked_by,
    }
