"""Looking up checks: one of them, and the day of whoever walks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.models import Person
from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.core.policy import may
from portal.evidence import queries as evidence
from portal.markets.models import Market, Post, PostKind
from portal.markets.queries import in_sight, seen_by
from portal.selfcheck.models import BACKFILL_FOR, Occurrence, Submission
from portal.selfcheck.policy import May
from portal.selfcheck.workflow import CheckState

SHOWN_BACK = timedelta(days=14)
MOST_OF_A_DAY = 200

WAITING = (CheckState.DUE, CheckState.OPEN)
DONE = (CheckState.SUBMITTED, CheckState.ACCEPTED)


def get_occurrence(actor: Actor, occurrence_id: int, *, for_update: bool = False) -> Occurrence:
    """The check with its sheet, as far as the actor sees its market; raises NotThere.

    ``for_update`` lets a second writer wait, where the database can.
    """
    query = sa.select(Occurrence).where(Occurrence.id == occurrence_id, in_sight(actor, Occurrence.market_id))
    query = query.options(joinedload(Occurrence.sheet))
    if for_update:
        query = query.with_for_update(of=Occurrence)
    found = db.session.scalars(query).first()
    if found is None:
        raise NotThere
    return found


def sees(actor: Actor, occurrence_id: int) -> bool:
    """Whether the actor reads this check, and so its photos."""
    query = sa.select(Occurrence.id).where(
        Occurrence.id == occurrence_id, in_sight(actor, Occurrence.market_id)
    )
    return may(actor, May.READ) and db.session.scalar(query) is not None


evidence.shown_with(Occurrence.__tablename__, sees)


def market_of(occurrence: Occurrence) -> Market:
    """The market a check is walked in."""
    return db.session.get_one(Market, occurrence.market_id)


def answerable(occurrence: Occurrence) -> list[str]:
    """Who answers for the safety of the market, by name; nobody for a reader of another house."""
    query = sa.select(Person.name).join(Post, Post.person_id == Person.id)
    query = query.where(
        Post.market_id == occurrence.market_id,
        Post.kind == PostKind.SAFETY_MANAGER,
        Post.from_on <= clock.today(),
        sa.or_(Post.to_on.is_(None), Post.to_on >= clock.today()),
    )
    return list(db.session.scalars(query.distinct().order_by(Person.name)))


def submissions_of(occurrence: Occurrence) -> list[Submission]:
    """What was submitted of a check, the last first."""
    query = sa.select(Submission).where(Submission.occurrence_id == occurrence.id)
    return list(db.session.scalars(query.order_by(Submission.number.desc())))


def last_submission(occurrence: Occurrence) -> Submission | None:
    """What was submitted last, or None."""
    query = sa.select(Submission).where(Submission.occurrence_id == occurrence.id)
    return db.session.scalars(query.order_by(Submission.number.desc()).limit(1)).first()


def last_day(until: datetime) -> date:
    """The last day of a limit that ends at midnight, as people say it: not the day after at 00:00."""
    return clock.local(until - timedelta(seconds=1)).date()


def may_still_backfill(occurrence: Occurrence, now: datetime) -> bool:
    """Whether a missed check may still be entered."""
    return now < occurrence.enterable_until


@dataclass(frozen=True)
class Day:
    """The checks of one market that concern somebody now."""

    market: Market
    back: list[Occurrence] = field(default_factory=list)
    """Sent back by the community, to be walked again."""
    missed: list[Occurrence] = field(default_factory=list)
    """Missed, and may still be entered with a reason."""
    now: list[Occurrence] = field(default_factory=list)
    """In their windows, or late and still taken."""
    later: list[Occurrence] = field(default_factory=list)
    done: list[Occurrence] = field(default_factory=list)
    excused: list[Occurrence] = field(default_factory=list)

    @property
    def left(self) -> int:
        """How many are still to be walked today."""
        return len(self.back) + len(self.now) + len(self.later)

    def add(self, one: Occurrence, now: datetime) -> None:
        """Put a check where it belongs at this moment."""
        self._drawer(one, now).append(one)

    def _drawer(self, one: Occurrence, now: datetime) -> list[Occurrence]:
        if one.state is CheckState.SENT_BACK:
            return self.back
        if one.state is CheckState.EXCUSED:
            return self.excused
        if one.state in DONE:
            return self.done
        if one.is_missed(now):
            return self.missed
        return self.now if one.opens_at <= now else self.later


def today(actor: Actor) -> list[Day]:
    """The day of an actor, market by market: what is due, what came back, what was missed and may be entered."""
    now = clock.now()
    rows = _of_the_day(actor, now)
    days = {market.id: Day(market) for market in _markets(actor, rows)}
    for one in rows:
        if one.state is not CheckState.MISSED or may_still_backfill(one, now):
            days[one.market_id].add(one, now)
    return list(days.values())


def _of_the_day(actor: Actor, now: datetime) -> Sequence[Occurrence]:
    """Those of the day, those whose window passed midnight into it, and older ones that wait for somebody."""
    day = clock.local(now).date()
    midnight = clock.at_local(day, time(0))
    waits = sa.and_(
        Occurrence.state.in_((*WAITING, CheckState.MISSED)), Occurrence.missed_at > now - BACKFILL_FOR
    )
    overnight = sa.and_(Occurrence.due_at > midnight, Occurrence.opens_at < midnight + timedelta(days=1))
    query = (
        sa.select(Occurrence)
        .where(
            in_sight(actor, Occurrence.market_id),
            Occurrence.service_day.between(day - SHOWN_BACK, day + timedelta(days=1)),
            sa.or_(
                Occurrence.service_day == day,
                overnight,
                Occurrence.state == CheckState.SENT_BACK,
                sa.and_(waits, Occurrence.opens_at <= now),
            ),
        )
        .order_by(Occurrence.opens_at, Occurrence.id)
        .limit(MOST_OF_A_DAY)
    )
    return list(db.session.scalars(query))


def _markets(actor: Actor, rows: Iterable[Occurrence]) -> Sequence[Market]:
    query = seen_by(actor).where(Market.id.in_({one.market_id for one in rows}))
    return list(db.session.scalars(query.order_by(Market.name, Market.id)))
