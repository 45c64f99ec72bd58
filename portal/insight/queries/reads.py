"""Who read whose personal data, as far as the reader may know it."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from portal.core import db
from portal.core.actor import Actor, Role
from portal.core.readlog import PersonalRead

PAGE = 50


@dataclass(frozen=True)
class Found:
    """A page of the read log, and the id the next one begins before (None on the last)."""

    reads: Sequence[PersonalRead]
    next_before: int | None


def find(actor: Actor, reader: str = "", before: int | None = None) -> Found:
    """Up to fifty reads, the latest first: an auditor sees all, a manager his company's, a vendor his own."""
    query = seen_by(actor)
    if reader:
        query = query.where(PersonalRead.reader == reader)
    if before is not None:
        query = query.where(PersonalRead.id < before)
    reads = list(db.session.scalars(query.order_by(PersonalRead.id.desc()).limit(PAGE + 1)))
    more = reads[PAGE - 1].id if len(reads) > PAGE else None
    return Found(reads[:PAGE], more)


def seen_by(actor: Actor) -> sa.Select[PersonalRead]:
    """The read log is machinery, which no reach narrows: who sees which lines is said here."""
    query = sa.select(PersonalRead)
    match actor.role:
        case Role.AUDITOR:
            return query
        case Role.MARKET_MANAGER:
            return query.where(PersonalRead.company_id == actor.company_id)
        case Role.VENDOR:
            return query.where(  # of whichever company ran his market then
                PersonalRead.subject_kind == "vendor",
                PersonalRead.subject_id == actor.vendor_id,
            )
        case _:
            return query.where(sa.false())
