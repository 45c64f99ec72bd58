"""What we remember about a notice: for whom, of what, and which figures stand in its words."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, Identified
from portal.core.reach import Machinery


class Notice(Machinery, Identified, Base):
    """One entry of one person's inbox; the words are made when it is read (texts.py)."""

    __tablename__ = "notice"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "digest_key"),
        sa.UniqueConstraint("person_id", "once_key"),
        sa.Index("ix_notice_inbox", "person_id", "read_at", "told_at"),
        sa.Index("ix_notice_told", "told_at"),
    )

    person_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("person.id"))
    event: Mapped[str] = mapped_column(sa.String(60))
    link: Mapped[str] = mapped_column(sa.String(300))
    """Where it leads: a path of the portal."""
    params: Mapped[dict[str, Any]]
    lines: Mapped[list[Any]]
    """Of a digest: event, link and params of each thing it gathers; empty for a notice of one thing."""
    line_count: Mapped[int] = mapped_column(default=0)
    """How many things the digest gathers, those beyond the kept lines included."""
    digest_key: Mapped[str | None] = mapped_column(sa.String(120))
    """What the digest is about, and its day."""
    once_key: Mapped[str | None] = mapped_column(sa.String(200))
    """The event and what its teller calls it, so that telling again says nothing new."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    told_at: Mapped[datetime] = mapped_column(default=clock.now)
    """When it last said something new."""
    read_at: Mapped[datetime | None]

    @property
    def is_unread(self) -> bool:
        return self.read_at is None
