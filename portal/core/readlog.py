"""The read log: who saw whose personal data in full, when, and why (PIPL article 51; kept for a year at least)."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import aside, clock, db
from portal.core.actor import Actor
from portal.core.aside import Kind
from portal.core.db import Base, BigId, Identified
from portal.core.reach import Machinery


class PersonalRead(Machinery, Identified, Base):
    """Somebody saw personal data of somebody else."""

    __tablename__ = "personal_read"
    __append_only__ = True
    __table_args__ = (
        sa.Index("ix_personal_read_subject", "subject_kind", "subject_id", "id"),
        sa.Index("ix_personal_read_company", "company_id", "id"),
        sa.Index("ix_personal_read_person", "person_id", "id"),
    )

    at: Mapped[datetime] = mapped_column(default=clock.now)
    person_id: Mapped[int] = mapped_column(BigId)
    reader: Mapped[str] = mapped_column(sa.String(80))
    role: Mapped[str] = mapped_column(sa.String(40))
    organisation_id: Mapped[int] = mapped_column(BigId)
    what: Mapped[str] = mapped_column(sa.String(60))
    """Which data: ``identity``, ``phone``, ``export``."""
    subject_kind: Mapped[str] = mapped_column(sa.String(60))
    subject_id: Mapped[int] = mapped_column(BigId)
    company_id: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(sa.String(200), default="")


def seen(actor: Actor, subject: Any, what: str, reason: str = "") -> None:
    """Write down that an actor sees personal data of a row in full: with the deed, or aside of a mere look.

    Aside it may not be lost either: where the line cannot be written, nothing is shown.
    """
    facts = {
        "at": clock.now(),
        "person_id": actor.person_id,
        "reader": actor.name,
        "role": actor.role.value,
        "organisation_id": actor.organisation_id,
        "what": what,
        "subject_kind": subject.__tablename__,
        "subject_id": subject.id,
        "company_id": getattr(subject, "company_id", None),
        "reason": reason,
    }
    if db.session.writes:
        _add(**facts)
    else:
        aside.note(Kind.READ, _add, **facts)


def _add(**facts: Any) -> None:
    db.session.add(PersonalRead(**facts))


def times(person_id: int, what: str, since: datetime) -> int:
    """How often a person saw such data since a moment."""
    query = sa.select(sa.func.count()).select_from(PersonalRead)
    wanted = (PersonalRead.person_id == person_id, PersonalRead.what == what, PersonalRead.at >= since)
    return db.session.scalar(query.where(*wanted)) or 0
