"""The portal's own health: what waits, what failed, what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from portal.core import clock, db, errands
from portal.core.errands import Errand, State
from portal.core.errors import NotThere
from portal.core.journal import SETTLED_AFTER, JournalLine
from portal.evidence import queries as evidence
from portal.insight.queries.log import last_seal

MOST_SHOWN = 30


@dataclass(frozen=True)
class Health:
    """What an operator looks at first.  ``lag_seconds`` is how long the oldest due errand has waited."""

    waiting: int
    lag_seconds: int
    parked: Sequence[Errand]
    parked_count: int
    retrying: Sequence[Errand]
    missing_files: int
    unsealed: int
    sealed_at: datetime | None
    database: str


def look() -> Health:
    """Everything in eight statements."""
    lag, seal = errands.lag(), last_seal()
    return Health(
        waiting=lag["waiting"],
        lag_seconds=lag["lag_seconds"],
        parked=_errands(Errand.status == State.PARKED),
        parked_count=lag["parked"],
        retrying=_errands(sa.and_(Errand.status == State.WAITING, Errand.error != "")),
        missing_files=evidence.figures()["missing_files"],
        unsealed=_unsealed(),
        sealed_at=seal.made_at if seal else None,
        database=db.database().engine.dialect.name,
    )


def get_parked(errand_id: int) -> Errand:
    """A parked errand; raises NotThere for one that is not parked (any more)."""
    found = db.session.get(Errand, errand_id)
    if found is None or found.status is not State.PARKED:
        raise NotThere
    return found


def _errands(condition: sa.ColumnElement[bool]) -> Sequence[Errand]:
    query = sa.select(Errand).where(condition).order_by(Errand.due_at.desc(), Errand.id.desc())
    return list(db.session.scalars(query.limit(MOST_SHOWN)))


def _unsealed() -> int:
    """Lines that should have been sealed by now."""
    settled = clock.now() - SETTLED_AFTER
    query = sa.select(sa.func.count()).where(JournalLine.seal_id.is_(None), JournalLine.at < settled)
    return db.session.scalar(query) or 0
