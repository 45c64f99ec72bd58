"""Looking up what the community has to look at: by exception, due first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db
from portal.core.db import Moment
from portal.core.labels import Labelled
from portal.evidence import queries as evidence
from portal.evidence.models import Attachment
from portal.markets.models import Market
from portal.selfcheck.models import BACKFILL_FOR, Answer, ExcuseKind, Occurrence, Outcome, ReviewKind, Sheet
from portal.selfcheck.queries import checks
from portal.selfcheck.workflow import CheckState

PAGE = 100
LOOKED_BACK = timedelta(days=7)
LARGEST = 2**62


class Shelf(Labelled):
    """What one looks through: the saved filters of the list."""

    ASKED = "asked", _l("要你定")
    LATE = "late", _l("已超期")
    CLEAN = "clean", _l("都正常")
    BACK = "back", _l("退回待补")
    MISSED = "missed", _l("没有做")
    LET_OFF = "let_off", _l("市场免查的")
    SEEN = "seen", _l("看过的")


@dataclass(frozen=True)
class Line:
    """One check of the list, with what was found."""

    occurrence: Occurrence
    market: str
    titles: Sequence[str]
    """What failed, in the order it was found."""
    is_suspected_major: bool
    photo: Attachment | None

    @property
    def due_on(self) -> date | None:
        """The day by whose end it is to be looked at."""
        return checks.last_day(self.occurrence.review_due_at) if self.occurrence.review_due_at else None


@dataclass(frozen=True)
class Page:
    """A page of the list, and where the next begins ("" on the last)."""

    lines: Sequence[Line]
    next_cursor: str


def counts() -> dict[Shelf, int]:
    """How many stand on each shelf; what was looked at is not counted."""
    countable = (Shelf.ASKED, Shelf.LATE, Shelf.CLEAN, Shelf.BACK)
    sums = [sa.func.coalesce(sa.func.sum(sa.case((stands_on(shelf), 1), else_=0)), 0) for shelf in countable]
    waiting = sa.select(*sums).where(Occurrence.state.in_((CheckState.SUBMITTED, CheckState.SENT_BACK)))
    found = dict(zip(countable, db.session.execute(waiting).one(), strict=True))
    others = (Shelf.MISSED, Shelf.LET_OFF)
    rest = sa.select(
        *(sa.select(sa.func.count(Occurrence.id)).where(stands_on(one)).scalar_subquery() for one in others)
    )
    return {**found, **dict(zip(others, db.session.execute(rest).one(), strict=True))}


def page_of(shelf: Shelf, cursor: str = "") -> Page:
    """A hundred checks of a shelf, due first; what was looked at, the latest first."""
    order = _order(shelf)
    query = sa.select(Occurrence).where(stands_on(shelf))
    if after := _parsed(cursor):
        there = sa.tuple_(sa.literal(after[0], Moment()), sa.literal(after[1]))
        here = sa.tuple_(order, Occurrence.id)
        query = query.where(here < there if shelf is Shelf.SEEN else here > there)
    columns = [column.desc() if shelf is Shelf.SEEN else column.asc() for column in (order, Occurrence.id)]
    rows = list(db.session.scalars(query.order_by(*columns).limit(PAGE + 1)))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    mark = f"{int(getattr(last, order.key).timestamp())}.{last.id}" if last else ""
    return Page(_lines(rows[:PAGE]), mark)


def of_ids(ids: Iterable[int]) -> list[Occurrence]:
    """The checks of these numbers, as far as they are in reach; at most a page of them."""
    query = sa.select(Occurrence).where(Occurrence.id.in_(list(ids)[:PAGE]))
    return list(db.session.scalars(query.order_by(Occurrence.id).with_for_update(of=Occurrence)))


def stands_on(shelf: Shelf) -> sa.ColumnElement[bool]:
    """Which checks stand on a shelf now; late and missed are the time's doing, recorded or not."""
    now = clock.now()
    submitted = Occurrence.state == CheckState.SUBMITTED
    match shelf:
        case Shelf.ASKED:
            return sa.and_(submitted, Occurrence.review_kind != ReviewKind.CLEAN)
        case Shelf.LATE:
            is_asked = Occurrence.state.in_((CheckState.SUBMITTED, CheckState.SENT_BACK))
            return sa.and_(is_asked, Occurrence.review_due_at <= now)
        case Shelf.CLEAN:
            return sa.and_(submitted, Occurrence.review_kind == ReviewKind.CLEAN)
        case Shelf.BACK:
            return Occurrence.state == CheckState.SENT_BACK
        case Shelf.SEEN:
            is_seen = Occurrence.state == CheckState.ACCEPTED
            return sa.and_(is_seen, Occurrence.review_due_at > now - LOOKED_BACK)
        case Shelf.LET_OFF:
            is_by_hand = sa.and_(
                Occurrence.state == CheckState.EXCUSED, Occurrence.excuse_kind == ExcuseKind.HAND
            )
            return sa.and_(is_by_hand, Occurrence.missed_at > now - LOOKED_BACK)
    waits = sa.and_(Occurrence.state.in_(checks.WAITING), Occurrence.is_backfilled.is_(False))
    return sa.and_(
        sa.or_(waits, Occurrence.state == CheckState.MISSED),
        Occurrence.missed_at.between(now - BACKFILL_FOR, now),
    )


def _order(shelf: Shelf) -> Any:
    by_window = {Shelf.MISSED: Occurrence.missed_at, Shelf.LET_OFF: Occurrence.missed_at}
    return {**by_window, Shelf.SEEN: Occurrence.reviewed_at}.get(shelf, Occurrence.review_due_at)


def _parsed(cursor: str) -> tuple[datetime, int] | None:
    seconds, _, number = cursor.partition(".")
    if not all(part.isascii() and part.isdigit() and len(part) < 12 for part in (seconds, number)):
        return None
    return datetime.fromtimestamp(int(seconds), UTC), int(number)


def _lines(rows: Sequence[Occurrence]) -> list[Line]:
    failed = _failed(rows)
    titles = _titles([one for one in rows if one.id in failed])
    photos = evidence.of_many([one for one in rows if one.answered])
    names = _market_names(rows)
    return [
        Line(
            occurrence=one,
            market=names[one.market_id],
            titles=[titles.get((one.sheet_id, answer.item_code), "") for answer in failed.get(one.id, ())],
            is_suspected_major=any(answer.is_suspected_major for answer in failed.get(one.id, ())),
            photo=_first_photo(photos.get(one.id, ()), failed.get(one.id, ())),
        )
        for one in rows
    ]


def _failed(rows: Sequence[Occurrence]) -> Mapping[int, list[Answer]]:
    """What failed in each of the checks."""
    found: dict[int, list[Answer]] = {}
    ids = [one.id for one in rows if one.failed]
    if ids:
        query = sa.select(Answer).where(Answer.occurrence_id.in_(ids), Answer.outcome == Outcome.FAIL)
        for answer in db.session.scalars(query.order_by(Answer.is_suspected_major.desc(), Answer.id)):
            found.setdefault(answer.occurrence_id, []).append(answer)
    return found


def _titles(rows: Sequence[Occurrence]) -> dict[tuple[int, str], str]:
    """The titles of items by sheet and code; most checks share their sheets."""
    ids = {one.sheet_id for one in rows}
    if not ids:
        return {}
    query = sa.select(Sheet.id, Sheet.items).where(Sheet.id.in_(ids))
    return {
        (sheet_id, item["code"]): str(item["title"])
        for sheet_id, items in db.session.execute(query).all()
        for item in items
    }


def _market_names(rows: Sequence[Occurrence]) -> dict[int, str]:
    ids = {one.market_id for one in rows}
    if not ids:
        return {}
    query = sa.select(Market.id, Market.name).where(Market.id.in_(ids))
    return {market_id: name for market_id, name in db.session.execute(query).all()}


def _first_photo(photos: Iterable[Attachment], failed: Iterable[Answer]) -> Attachment | None:
    """A photo of what failed, else any."""
    codes = {answer.item_code for answer in failed}
    every = [photo for photo in photos if photo.is_photo]
    return next((photo for photo in every if photo.part in codes), every[0] if every else None)
