"""The read log: who saw whose personal data in full, when, and why (PIPL article 51; kept for a year at least)."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
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
