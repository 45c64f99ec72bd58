"""Looking up what goes out: one's own exports, and how many more one may ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.evidence import queries as evidence
from portal.exchange.models import Export
from portal.exchange.workflow import ExportState

PAGE = 30
MOST_ROWS = 200_000
MOST_WAITING = 5
MOST_A_DAY = 30


@dataclass(frozen=True)
class ExportPage:
    """Up to thirty exports, the latest first, and where the next page begins ("" on the last)."""

    rows: Sequence[Export]
    next_cursor: str

    @property
    def is_moving(self) -> bool:
        """Whether one of them is being made."""
        return any(one.state is ExportState.WAITING for one in self.rows)


def list_exports(actor: Actor, cursor: str = "") -> ExportPage:
    """The exports of one membership: what another part of the same person took out is not shown here."""
    query = sa.select(Export).where(Export.membership_id == actor.membership_id)
    if (before := db.as_id(cursor)) is not None:
        query = query.where(Export.id < before)
    rows = list(db.session.scalars(query.order_by(Export.id.desc()).limit(PAGE + 1)))
    return ExportPage(rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else "")


def get_export(actor: Actor, export_id: int) -> Export:
    """An export of this membership; raises NotThere, also for anybody else's."""
    query = sa.select(Export).where(Export.id == export_id, Export.membership_id == actor.membership_id)
    found = db.session.scalars(query).first()
    if found is None:
        raise NotThere
    return found


def counts_of(person_id: int) -> tuple[int, int]:
    """How many exports of a person wait now, and how many were asked for in the last day, in whatever part."""
    waits = sa.func.coalesce(sa.func.sum(sa.case((Export.state == ExportState.WAITING, 1), else_=0)), 0)
    query = sa.select(waits, sa.func.count(Export.id)).where(
        Export.person_id == person_id, Export.asked_at > clock.now() - timedelta(days=1)
    )
    waiting, asked = db.session.execute(query).one()
    return int(waiting), int(asked)


def rows_of(query: sa.Select[*tuple[object, ...]]) -> int:
    """How many rows a list has."""
    counted = sa.select(sa.func.count()).select_from(query.order_by(None).subquery())
    return db.session.scalar(counted) or 0


def _kept(hashes: Sequence[str]) -> set[str]:
    query = sa.select(Export.sha256).where(Export.sha256.in_(hashes), Export.state == ExportState.READY)
    return set(db.session.scalars(query))


evidence.spoken_of_by(_kept)
