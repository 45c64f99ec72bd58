"""Looking up records and submissions: the list, what waits for whose signature, one with what it says now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import clock, db
from portal.core.actor import Actor, Role
from portal.core.digests import digest_of
from portal.core.errors import NotThere
from portal.markets import queries as markets
from portal.markets.models import Market, Post, PostKind
from portal.selfcheck.models import ControlRecord, Occurrence, RecordKind, Submission
from portal.selfcheck.queries import contents
from portal.selfcheck.workflow import RecordState

PAGE = 30
MOST_WAITING = 200

SIGNED_BY = {
    RecordKind.DAILY: PostKind.FOOD_SAFETY_OFFICER,
    RecordKind.WEEKLY: PostKind.FOOD_SAFETY_DIRECTOR,
    RecordKind.MONTHLY: PostKind.HEAD,
    RecordKind.PATROL: PostKind.SAFETY_MANAGER,
}
"""Who signs which record: 60号令 names officer, director and head; GB/T 40248-2021, 7.3.2 the patrol's supervisor."""


@dataclass(frozen=True)
class Told:
    """A record with what it says now: computed while it forms, as it was signed afterwards."""

    record: ControlRecord
    market: Market
    content: dict[str, Any]
    seen: str
    """The digest of the content shown; it comes back with the signature."""
    is_complete: bool
    has_changed: bool
    """Checks of the period changed after the signature (a late entry), which the record no longer takes in."""

    @property
    def is_signed(self) -> bool:
        return self.record.state is RecordState.SIGNED

    @property
    def post(self) -> PostKind:
        return SIGNED_BY[self.record.kind]


@dataclass(frozen=True)
class RecordPage:
    """Up to thirty records, the latest first, and where the next page begins ("" on the last)."""

    rows: Sequence[ControlRecord]
    markets: dict[int, Market]
    next_cursor: str


def find_record(market: Market, kind: RecordKind, period_on: date) -> ControlRecord | None:
    """The record of a market and period."""
    query = sa.select(ControlRecord).where(
        ControlRecord.market_id == market.id,
        ControlRecord.kind == kind,
        ControlRecord.period_on == period_on,
    )
    return db.session.scalars(query).first()


def get_record(actor: Actor, record_id: int) -> ControlRecord:
    """The record; raises NotThere, also for one of a market out of sight."""
    query = sa.select(ControlRecord).where(
        ControlRecord.id == record_id, markets.in_sight(actor, ControlRecord.market_id)
    )
    found = db.session.scalars(query).first()
    if found is None:
        raise NotThere
    return found


def told(record: ControlRecord, actor: Actor) -> Told:
    """The record with what it says now."""
    market = markets.get_market(actor, record.market_id)
    now = contents.content_of(market, record.kind, record.period_on)
    is_signed = record.state is RecordState.SIGNED
    content = record.content if is_signed else now
    return Told(
        record=record,
        market=market,
        content=content,
        seen=digest_of(content),
        is_complete=is_signed or contents.is_complete(record.kind, record.period_on, content),
        has_changed=is_signed and _substance(now) != _substance(content),
    )


def _substance(content: dict[str, Any]) -> tuple[Any, ...]:
    """What of a content only the checks can change: figures, findings, and which submissions they come from."""
    lines = content.get("checks") or content.get("rounds") or []
    return content["counts"], content["findings"], [line["digest"] for line in lines]


def statement_of(record: ControlRecord) -> dict[str, Any]:
    """What a signature is about, whole: the digest of this is the record's (电子签名法 §13: changes must show).

    The reach codes are left out, for they follow the market when it moves.
    """
    return {
        "market_id": record.market_id,
        "kind": record.kind.value,
        "period_on": record.period_on.isoformat(),
        "content": record.content,
        "measures": record.measures,
        "signed_by_id": record.signed_by_id,
        "signed_by_name": record.signed_by_name,
        "signed_as": record.signed_as,
        "signed_with": record.signed_with,
        "signed_at": clock.local(record.signed_at).isoformat() if record.signed_at else "",
    }


def is_unchanged(row: ControlRecord | Submission) -> bool:
    """Whether what is kept still has the digest it was given."""
    content = statement_of(row) if isinstance(row, ControlRecord) else row.content
    return digest_of(content) == row.digest


def list_records(
    actor: Actor,
    *,
    market_id: int | None = None,
    kind: RecordKind | None = None,
    state: RecordState | None = None,
    month: date | None = None,
    cursor: str = "",
) -> RecordPage:
    """The records in sight, the latest period first; ``month`` is the first day of the month wanted."""
    wanted = _wanted(market_id, kind, state, month)
    query = sa.select(ControlRecord).where(markets.in_sight(actor, ControlRecord.market_id), *wanted)
    if after := _parsed(cursor):
        query = query.where(
            sa.tuple_(ControlRecord.period_on, ControlRecord.id) < sa.tuple_(*map(sa.literal, after))
        )
    order = (ControlRecord.period_on.desc(), ControlRecord.id.desc())
    rows = list(db.session.scalars(query.order_by(*order).limit(PAGE + 1)))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    mark = f"{last.period_on.isoformat()}.{last.id}" if last else ""
    return RecordPage(rows[:PAGE], markets_of(rows[:PAGE]), mark)


def _wanted(
    market_id: int | None, kind: RecordKind | None, state: RecordState | None, month: date | None
) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if market_id is not None:
        wanted.append(ControlRecord.market_id == market_id)
    if kind is not None:
        wanted.append(ControlRecord.kind == kind)
    if state is not None:
        wanted.append(ControlRecord.state == state)
    if month is not None:
        last = contents.last_day(RecordKind.MONTHLY, month)
        wanted.append(ControlRecord.period_on.between(month, last))
    return wanted


def waiting_for(actor: Actor) -> list[ControlRecord]:
    """The records whose signature is this person's to give now, the oldest first."""
    if actor.role not in {Role.PATROLLER, Role.MARKET_MANAGER}:
        return []
    posts = _posts_held(actor)
    mine = [
        sa.and_(ControlRecord.kind == kind, ControlRecord.market_id.in_(posts[post]))
        for kind, post in SIGNED_BY.items()
        if posts.get(post)
    ]
    if not mine:
        return []
    query = sa.select(ControlRecord).where(ControlRecord.state == RecordState.FORMING, sa.or_(*mine))
    rows = db.session.scalars(query.order_by(ControlRecord.period_on, ControlRecord.id).limit(MOST_WAITING))
    return [row for row in rows if _is_over(row)]


def ended_on(market: Market, day: date) -> list[ControlRecord]:
    """The unsigned records of a market whose period ended on this day."""
    periods = [
        sa.and_(ControlRecord.kind == kind, ControlRecord.period_on == contents.period_of(kind, day))
        for kind in RecordKind
        if contents.last_day(kind, contents.period_of(kind, day)) == day
    ]
    query = sa.select(ControlRecord).where(
        ControlRecord.market_id == market.id, ControlRecord.state == RecordState.FORMING, sa.or_(*periods)
    )
    return list(db.session.scalars(query.order_by(ControlRecord.id)))


def _is_over(record: ControlRecord) -> bool:
    """Whether its time has passed, or all of today's checks are in; what is kept may be a little behind."""
    is_past = contents.last_day(record.kind, record.period_on) < clock.today()
    return is_past or contents.is_complete(record.kind, record.period_on, record.content)


def may_sign(actor: Actor, record: ControlRecord) -> bool:
    """Whether the actor holds today the post that signs this record."""
    return markets.holds_post(actor.person_id, record.market_id, [SIGNED_BY[record.kind]])


def markets_of(records: Sequence[ControlRecord]) -> dict[int, Market]:
    """The markets of some records, by id."""
    query = sa.select(Market).where(Market.id.in_({one.market_id for one in records}))
    return {market.id: market for market in db.session.scalars(query)} if records else {}


def get_submission(actor: Actor, occurrence_id: int) -> Submission:
    """The latest submission of a check, with the check; raises NotThere before the first."""
    query = (
        sa.select(Submission)
        .where(Submission.occurrence_id == occurrence_id, markets.in_sight(actor, Submission.market_id))
        .options(joinedload(Submission.occurrence))
        .order_by(Submission.number.desc())
    )
    found = db.session.scalars(query.limit(1)).first()
    if found is None:
        raise NotThere
    return found


def check_of(submission: Submission) -> Occurrence:
    """The check a submission was handed in for."""
    return db.session.get_one(Occurrence, submission.occurrence_id)


def later_submission(submission: Submission) -> Submission | None:
    """A submission of the same check after this one: it was sent back and walked again."""
    query = sa.select(Submission).where(
        Submission.occurrence_id == submission.occurrence_id, Submission.number > submission.number
    )
    return db.session.scalars(query.order_by(Submission.number.desc()).limit(1)).first()


def _posts_held(actor: Actor) -> dict[PostKind, list[int]]:
    today = clock.today()
    query = sa.select(Post.kind, Post.market_id).where(
        Post.person_id == actor.person_id,
        Post.from_on <= today,
        sa.or_(Post.to_on.is_(None), Post.to_on >= today),
    )
    held: dict[PostKind, list[int]] = {}
    for kind, market_id in db.session.execute(query).all():
        held.setdefault(kind, []).append(market_id)
    return held


def _parsed(cursor: str) -> tuple[date, int] | None:
    day, _, typed = cursor.partition(".")
    number = db.as_id(typed)
    if number is None:
        return None
    try:
        return date.fromisoformat(day), number
    except ValueError:
        return None
