"""The check points of a walk: which were come to, what stands there and when it is due, and what a sign stands for."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db
from portal.core.door import Door
from portal.core.errors import NotThere
from portal.markets.models import CheckPoint, Equipment, Paper, Sign, SignKind
from portal.markets.queries import signs
from portal.markets.queries.signs import Placard
from portal.markets.workflow import SignState
from portal.selfcheck.models import ItemKind, Occurrence, PointVisit
from portal.selfcheck.queries.walk import Card, Place, Walk

SCANNED = "scan"
HASH_LENGTH = 10
"""So much of a code's hash tells the signs of a market apart on a telephone; the code does not follow from it."""
SOON = timedelta(days=30)
MOST_EQUIPMENT = 300


@dataclass(frozen=True)
class Due:
    """A piece of equipment at a point, and the last day of the paper that dates it."""

    kind: Any
    code: str
    name: str
    until: date | None

    @property
    def tone(self) -> str:
        """How pressing its date is: overdue, soon, ok, or "" where none is entered."""
        if self.until is None:
            return ""
        today = clock.today()
        return "overdue" if self.until < today else "soon" if self.until <= today + SOON else "ok"


@dataclass(frozen=True)
class Point:
    """A point of the walk: whether somebody came to it during this check, and what stands there."""

    id: int
    code: str
    name: str
    place: str
    visited_at: datetime | None
    by_name: str
    hash: str
    """The beginning of its sign's hash; "" where it has no sign."""
    equipment: list[Due] = field(default_factory=list)


def points_of(occurrence: Occurrence) -> list[Point]:
    """The points of a check's market in walking order, in two statements; none, and one, where there are none."""
    query = (
        sa.select(CheckPoint, PointVisit.at, PointVisit.by_name, Door.token_hash)
        .outerjoin(
            PointVisit,
            sa.and_(PointVisit.point_id == CheckPoint.id, PointVisit.occurrence_id == occurrence.id),
        )
        .outerjoin(Sign, _live_sign_of(SignKind.POINT, CheckPoint.id))
        .outerjoin(Door, _door_of_sign())
        .where(CheckPoint.market_id == occurrence.market_id, CheckPoint.ended_on.is_(None))
        .order_by(CheckPoint.position, CheckPoint.id)
    )
    points = [
        Point(one.id, one.code, one.name, one.place, at, by or "", (token or "")[:HASH_LENGTH])
        for one, at, by, token in db.session.execute(query).all()
    ]
    _furnish({point.id: point for point in points})
    return points


def _live_sign_of(kind: SignKind, subject_id: Any) -> sa.ColumnElement[bool]:
    return sa.and_(Sign.kind == kind, Sign.subject_id == subject_id, Sign.state == SignState.LIVE)


def _door_of_sign() -> sa.ColumnElement[bool]:
    return sa.and_(Door.opens == Sign.__tablename__, Door.subject_id == Sign.id, Door.revoked_at.is_(None))


def _furnish(points: dict[int, Point]) -> None:
    if not points:
        return
    due = sa.select(Paper.equipment_id, sa.func.max(Paper.expires_on).label("until"))
    dates = due.where(Paper.replaced_by_id.is_(None)).group_by(Paper.equipment_id).subquery()
    query = (
        sa.select(Equipment.point_id, Equipment.kind, Equipment.code, Equipment.name, dates.c.until)
        .outerjoin(dates, dates.c.equipment_id == Equipment.id)
        .where(Equipment.point_id.in_(points), Equipment.ended_on.is_(None))
        .order_by(Equipment.sort_key, Equipment.id)
        .limit(MOST_EQUIPMENT)
    )
    for point_id, kind, code, name, until in db.session.execute(query).all():
        points[point_id].equipment.append(Due(kind.label, code, name, until))


def stall_hashes(market_id: int) -> dict[int, str]:
    """The beginning of the hash of each stall's sign, by the stall's id: what a telephone knows them by."""
    query = (
        sa.select(Sign.subject_id, Door.token_hash)
        .join(Door, _door_of_sign())
        .where(Sign.market_id == market_id, Sign.kind == SignKind.STALL, Sign.state == SignState.LIVE)
    )
    return {stall_id: token[:HASH_LENGTH] for stall_id, token in db.session.execute(query).all()}


def get_point(occurrence: Occurrence, point_id: int) -> CheckPoint:
    """A point of the check's own market that is in use; raises NotThere."""
    query = sa.select(CheckPoint).where(
        CheckPoint.id == point_id,
        CheckPoint.market_id == occurrence.market_id,
        CheckPoint.ended_on.is_(None),
    )
    point = db.session.scalars(query).first()
    if point is None:
        raise NotThere
    return point


def find_visit(occurrence: Occurrence, point: CheckPoint) -> PointVisit | None:
    """The visit to a point during a check."""
    query = sa.select(PointVisit).where(
        PointVisit.occurrence_id == occurrence.id, PointVisit.point_id == point.id
    )
    return db.session.scalars(query).first()


def count_visits(occurrence: Occurrence) -> tuple[int, int]:
    """How many points were come to during a check, and how many the market has now."""
    visits = sa.select(sa.func.count(PointVisit.id)).where(PointVisit.occurrence_id == occurrence.id)
    points = sa.select(sa.func.count(CheckPoint.id)).where(
        CheckPoint.market_id == occurrence.market_id, CheckPoint.ended_on.is_(None)
    )
    row = db.session.execute(sa.select(visits.scalar_subquery(), points.scalar_subquery())).one()
    return int(row[0]), max(int(row[0]), int(row[1]))


@dataclass(frozen=True)
class Scanned:
    """The sign one came from: what it stands for, and the items that are looked at there."""

    placard: Placard
    subject_id: int
    cards: Sequence[Card]

    @property
    def is_stall(self) -> bool:
        return self.placard.sign.kind is SignKind.STALL

    @property
    def is_point(self) -> bool:
        return self.placard.sign.kind is SignKind.POINT


def scanned(walked: Walk, market: Any, ref: str, places: Sequence[Place]) -> Scanned | None:
    """What the sign of this number stands for in the check's market; None for none and for any other's.

    ``places`` are the market's stalls, which the page has at hand.
    """
    sign = signs.find_by_ref(ref) if ref else None
    if sign is None or sign.market_id != walked.occurrence.market_id:
        return None
    is_stall = sign.kind is SignKind.STALL
    place = next((one for one in places if is_stall and one.id == sign.subject_id), None)
    placard = Placard(sign, place.code) if place else signs.placards(market, [sign])[0]
    zone_id = sign.subject_id if sign.kind is SignKind.ZONE else place.zone_id if place else None
    cards = [card for card in walked.cards if _is_looked_at(card, walked.occurrence, zone_id)]
    return Scanned(placard, sign.subject_id, cards if place or sign.kind is SignKind.ZONE else [])


def _is_looked_at(card: Card, occurrence: Occurrence, zone_id: int | None) -> bool:
    """Whether an item is looked at in this zone today, or asks for its signs to be scanned."""
    zones = card.item.zones_of_day(occurrence.zone_ids)
    asks_scan = card.item.kind is ItemKind.SCAN or SCANNED in card.item.evidence_pass
    return zone_id in zones if zones else asks_scan
