"""Records that come out of the checks by themselves and are signed by whoever holds the post."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Owned
from portal.selfcheck.workflow import RecordState


class RecordKind(Labelled):
    """Which record it is: those of food safety (参照 60号令), and the fire patrol's (GB/T 40248)."""

    DAILY = "daily", _l("日管控记录")
    WEEKLY = "weekly", _l("周排查报告")
    MONTHLY = "monthly", _l("月调度纪要")
    PATROL = "patrol", _l("防火巡查记录")


class ControlRecord(Owned, Identified, Base):
    """One record of one market and period; a day without a problem has one too."""

    __tablename__ = "control_record"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "market_id", "kind", "period_on"),
        sa.Index("ix_control_record_community", "community_code", "kind", "period_on"),
        sa.CheckConstraint("state <> 'signed' OR signed_by_id IS NOT NULL", name="signed_by_somebody"),
    )

    market_id: Mapped[int] = mapped_column(sa.ForeignKey("market.id"), index=True)
    kind: Mapped[RecordKind]
    period_on: Mapped[date]
    """The day, the week's Monday, or the month's first."""
    state: Mapped[RecordState] = mapped_column(default=RecordState.FORMING)
    content: Mapped[dict[str, Any]]
    """Computed from the checks while it forms; fixed by the signature."""
    measures: Mapped[str] = mapped_column(sa.Text, default="")
    """The one thing a person may add before signing."""
    formed_at: Mapped[datetime] = mapped_column(default=clock.now)
    digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    signed_by_id: Mapped[int | None] = mapped_column(BigId)
    signed_by_name: Mapped[str] = mapped_column(sa.String(80), default="")
    signed_as: Mapped[str] = mapped_column(sa.String(40), default="")
    """The post held at the moment of signing."""
    signed_with: Mapped[str] = mapped_column(sa.String(20), default="")
    signed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
