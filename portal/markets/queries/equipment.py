"""Looking up equipment: what there is, where it stands, and when each piece is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.markets.models import (
    CheckPoint,
    Equipment,
    EquipmentKind,
    Market,
    Paper,
    PaperStanding,
    Stall,
    Vendor,
    Zone,
)
from portal.markets.models.equipment import PAPER_KINDS
from portal.markets.queries.pages import Page, cut
from portal.markets.queries.papers import DUE_WITHIN, PaperLine, lines_of
from portal.markets.queries.places import in_sight


class DueState(StrEnum):
    """By what a list of equipment can be narrowed."""

    EXPIRED = "expired"
    SOON = "soon"
    MISSING = "missing"
    ENDED = "ended"


@dataclass(frozen=True)
class EquipmentLine:
    """A piece of equipment and the paper that dates it (None: not entered, or the kind has none)."""

    equipment: Equipment
    dated: PaperLine | None

    @property
    def standing(self) -> PaperStanding:
        if self.dated is not None:
            return self.dated.standing
        is_dated = bool(self.equipment.kind.paper_kind)
        return PaperStanding.MISSING if is_dated else PaperStanding.NOT_APPLICABLE


def list_equipment(
    market: Market,
    *,
    kind: EquipmentKind | None = None,
    due: DueState | None = None,
    zone: Zone | None = None,
    cursor: str = "",
) -> Page[EquipmentLine]:
    """The equipment of a market as people count it; what is out of use only when asked for."""
    query = _shown().where(Equipment.market_id == market.id)
    is_ended = due is DueState.ENDED
    query = query.where(Equipment.ended_on.is_not(None) if is_ended else Equipment.ended_on.is_(None))
    if kind is not None:
        query = query.where(Equipment.kind == kind)
    if zone is not None:
        query = query.where(stands_in(zone))
    if due is not None and not is_ended:
        query = query.where(is_due(due))
    found = cut(query, (Equipment.sort_key, Equipment.id), cursor, lambda one: one.sort_key)
    return Page(with_dates(found.rows), found.next_cursor)


def _shown() -> sa.Select[Any]:
    places = (joinedload(Equipment.point), joinedload(Equipment.stall), joinedload(Equipment.vendor))
    return sa.select(Equipment).options(*places)


def stands_in(zone: Zone) -> sa.ColumnElement[bool]:
    """At a point or a stall of the zone."""
    points = sa.select(CheckPoint.id).where(CheckPoint.zone_id == zone.id)
    stalls = sa.select(Stall.id).where(Stall.zone_id == zone.id)
    return sa.or_(Equipment.point_id.in_(points), Equipment.stall_id.in_(stalls))


def is_due(due: DueState) -> sa.ColumnElement[bool]:
    """Equipment whose date stands so; not for what is out of use."""
    today = clock.today()
    dated = sa.select(Paper.equipment_id).where(
        Paper.replaced_by_id.is_(None), Paper.equipment_id.is_not(None)
    )
    if due is DueState.EXPIRED:
        return Equipment.id.in_(dated.where(Paper.expires_on < today))
    if due is DueState.SOON:
        return Equipment.id.in_(dated.where(Paper.expires_on.between(today, today + DUE_WITHIN)))
    return sa.and_(Equipment.kind.in_(list(PAPER_KINDS)), Equipment.id.not_in(dated))


def due_of(equipment: Sequence[Equipment]) -> dict[int, PaperLine]:
    """The paper that dates each of these, by the equipment's id; those without one are not in it."""
    if not equipment:
        return {}
    query = sa.select(Paper).where(
        Paper.equipment_id.in_([one.id for one in equipment]), Paper.replaced_by_id.is_(None)
    )
    papers = db.session.scalars(query.options(joinedload(Paper.kind)).order_by(Paper.id))
    return {line.paper.equipment_id or 0: line for line in lines_of(list(papers))}


def with_dates(equipment: Sequence[Equipment]) -> list[EquipmentLine]:
    """Each piece with the paper that dates it."""
    dates = due_of(equipment)
    return [EquipmentLine(one, dates.get(one.id)) for one in equipment]


def paper_of(equipment: Equipment) -> Paper | None:
    """The newest paper of a piece of equipment that was not replaced, with its kind."""
    query = sa.select(Paper).where(Paper.equipment_id == equipment.id, Paper.replaced_by_id.is_(None))
    return db.session.scalars(
        query.options(joinedload(Paper.kind)).order_by(Paper.id.desc()).limit(1)
    ).first()


def papers_of_equipment(equipment: Equipment) -> Sequence[PaperLine]:
    """Every paper of a piece of equipment, the latest first."""
    query = sa.select(Paper).where(Paper.equipment_id == equipment.id).options(joinedload(Paper.kind))
    return lines_of(list(db.session.scalars(query.order_by(Paper.id.desc()).limit(50))))


def get_equipment(actor: Actor, equipment_id: int) -> Equipment:
    """The equipment with its place and owner; raises NotThere."""
    query = _shown().where(Equipment.id == equipment_id, in_sight(actor, Equipment.market_id))
    found: Equipment | None = db.session.scalars(query).first()
    if found is None:
        raise NotThere
    return found


def find_equipment(market: Market, code: str) -> Equipment | None:
    """The equipment of this code, in use or not."""
    query = sa.select(Equipment).where(Equipment.market_id == market.id, Equipment.code == code)
    return db.session.scalars(query).first()


def find_fair_scale(market: Market) -> Equipment | None:
    """The fair scale of a market in use, with the point it stands at."""
    query = _shown().where(
        Equipment.market_id == market.id,
        Equipment.kind == EquipmentKind.FAIR_SCALE,
        Equipment.ended_on.is_(None),
    )
    found: Equipment | None = db.session.scalars(query.order_by(Equipment.sort_key, Equipment.id)).first()
    return found


def equipment_of_point(point: CheckPoint) -> Sequence[EquipmentLine]:
    """What stands at a check point, in use."""
    return _in_use(Equipment.point_id == point.id)


def equipment_of_stall(stall: Stall) -> Sequence[EquipmentLine]:
    """What stands in a stall, in use."""
    return _in_use(Equipment.stall_id == stall.id)


def equipment_of_vendor(vendor: Vendor) -> Sequence[EquipmentLine]:
    """What is a vendor's own and in use: his scales above all."""
    return _in_use(Equipment.vendor_id == vendor.id)


def _in_use(*wanted: sa.ColumnElement[bool]) -> Sequence[EquipmentLine]:
    query = _shown().where(Equipment.ended_on.is_(None), *wanted)
    return with_dates(list(db.session.scalars(query.order_by(Equipment.sort_key, Equipment.id).limit(200))))
