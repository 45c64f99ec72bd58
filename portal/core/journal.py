"""The journal: a line for every deed, added with the deed and never changed, sealed in batches by the worker.

A seal is the SHA-256 of the seal before it and of its own lines in order, so that a changed, lost or slipped-in line
shows.  Lines are sealed a minute after they were written, when every transaction that could still add an earlier one
has ended.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, object_session

from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.db import Base, BigId, Identified
from portal.core.reach import Machinery

SETTLED_AFTER = timedelta(minutes=1)
BATCH = 2_000


class JournalLine(Machinery, Identified, Base):
    """Who did what to which thing, when, in which role."""

    __tablename__ = "journal_line"
    __append_only__ = True
    __may_change__ = ("seal_id",)
    __table_args__ = (
        sa.Index("ix_journal_line_subject", "subject_kind", "subject_id", "id"),
        sa.Index("ix_journal_line_name", "actor_name", "id"),
        sa.Index("ix_journal_line_verb", "verb", "id"),
        sa.Index("ix_journal_line_organisation", "organisation_id", "id"),
        sa.Index("ix_journal_line_at", "at"),
        sa.Index(
            "ix_journal_line_unsealed",
            "id",
            sqlite_where=sa.text("seal_id IS NULL"),
            postgresql_where=sa.text("seal_id IS NULL"),
        ),
    )

    at: Mapped[datetime] = mapped_column(default=clock.now)
    person_id: Mapped[int] = mapped_column(BigId)
    actor_name: Mapped[str] = mapped_column(sa.String(80))
    role: Mapped[str] = mapped_column(sa.String(40))
    organisation_id: Mapped[int] = mapped_column(BigId)
    verb: Mapped[str] = mapped_column(sa.String(60))
    subject_kind: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[int] = mapped_column(BigId)
    note: Mapped[str] = mapped_column(sa.Text, default="")
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seal_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("journal_seal.id"))


FACTS = (
    JournalLine.id,
    JournalLine.at,
    JournalLine.person_id,
    JournalLine.actor_name,
    JournalLine.role,
    JournalLine.organisation_id,
    JournalLine.verb,
    JournalLine.subject_kind,
    JournalLine.subject_id,
    JournalLine.note,
    JournalLine.data,
)
"""What of a line is sealed."""


class JournalSeal(Machinery, Identified, Base):
    """The closing of a batch of lines."""

    __tablename__ = "journal_seal"
    __append_only__ = True

    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    lines: Mapped[int]
    previous: Mapped[str] = mapped_column(sa.String(64))
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)


def write(subject: Any, actor: Actor, verb: str, note: str = "", **data: Any) -> None:
    """Add a line about a row to the transaction the deed stands in."""
    session = object_session(subject) or db.session
    if subject.id is None:
        session.add(subject)
        session.flush()
    session.add(
        JournalLine(
            person_id=actor.person_id,
            actor_name=actor.name,
            role=actor.role.value,
            organisation_id=actor.organisation_id,
            verb=verb,
            subject_kind=subject.__tablename__,
            subject_id=subject.id,
            note=note,
            data=data,
        )
    )


def write_denied(actor: Actor, path: str, method: str) -> None:
    """Add a line about a deed that was refused for want of the right."""
    db.session.add(
        JournalLine(
            person_id=actor.person_id,
            actor_name=actor.name,
            role=actor.role.value,
            organisation_id=actor.organisation_id,
            verb="denied",
            subject_kind="route",
            subject_id=0,
            data={"path": path, "method": method},
        )
    )


def of(subject: Any, most: int = 100) -> list[JournalLine]:
    """The lines about a row the reader has already reached, the latest first."""
    query = (
        sa.select(JournalLine)
        .where(JournalLine.subject_kind == subject.__tablename__, JournalLine.subject_id == subject.id)
        .order_by(JournalLine.id.desc())
        .limit(most)
    )
    return list(db.session.scalars(query))


def seal() -> int:
    """Seal the next batch of settled lines; say how many there were."""
    last = db.session.scalars(sa.select(JournalSeal).order_by(JournalSeal.id.desc()).limit(1)).first()
    lines = list(
        db.session.scalars(
            sa.select(JournalLine)
            .where(JournalLine.seal_id.is_(None), JournalLine.at < clock.now() - SETTLED_AFTER)
            .order_by(JournalLine.id)
            .limit(BATCH)
        )
    )
    if not lines:
        return 0
    previous = last.digest if last else ""
    new = JournalSeal(lines=len(lines), previous=previous, digest=_digest(previous, lines))
    db.session.add(new)
    db.session.flush()
    db.session.execute(
        sa.update(JournalLine).where(JournalLine.id.in_([line.id for line in lines])).values(seal_id=new.id)
    )
    return len(lines)


def first_broken_seal() -> int | None:
    """The id of the first seal its lines or its forerunner no longer bear out, or None when all hold.

    One pass over the whole journal, a batch of it in memory at a time.
    """
    in_batches = {"yield_per": BATCH}
    sealed = sa.select(JournalLine.seal_id, *FACTS).where(JournalLine.seal_id.is_not(None))
    lines = db.session.execute(
        sealed.order_by(JournalLine.seal_id, JournalLine.id), execution_options=in_batches
    )
    batches = groupby(lines, key=lambda line: line.seal_id)
    batch = next(batches, None)
    previous = ""
    seals = sa.select(JournalSeal.id, JournalSeal.previous, JournalSeal.lines, JournalSeal.digest)
    for one in db.session.execute(seals.order_by(JournalSeal.id), execution_options=in_batches):
        own = list(batch[1]) if batch is not None and batch[0] == one.id else []
        if (one.previous, one.lines, one.digest) != (previous, len(own), _digest(previous, own)):
            return int(one.id)
        previous, batch = one.digest, next(batches, None)
    return None


def _digest(previous: str, lines: Sequence[Any]) -> str:
    sum_ = hashlib.sha256(previous.encode())
    for line in lines:
        facts = [line.id, line.at.isoformat(), line.person_id, line.actor_name, line.role]
        facts += [line.organisation_id, line.verb, line.subject_kind, line.subject_id, line.note, line.data]
        sum_.update(json.dumps(facts, ensure_ascii=False, sort_keys=True).encode())
    return sum_.hexdigest()
