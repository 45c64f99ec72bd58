"""Signs: the square code on a market's gate, a zone, a check point or a stall, opaque and revocable."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock, refs, secrets_box
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Owned
from portal.markets.workflow import SignState


class SignKind(Labelled):
    """What a sign stands for."""

    MARKET = "market", _l("市场")
    ZONE = "zone", _l("分区")
    POINT = "point", _l("巡查点")
    STALL = "stall", _l("档口")


class Sign(Owned, Identified, Base):
    """One code for one thing.  The code opens a door by its hash and is kept sealed, to be printed again."""

    __tablename__ = "sign"
    __table_args__ = (
        sa.Index(
            "uq_sign_live",
            "company_id",
            "kind",
            "subject_id",
            unique=True,
            sqlite_where=sa.text("state = 'live'"),
            postgresql_where=sa.text("state = 'live'"),
        ),
        sa.UniqueConstraint("company_id", "ref"),
        sa.Index("ix_sign_market", "market_id", "kind", "state", "id"),
        sa.Index("ix_sign_subject", "kind", "subject_id", "id"),
    )

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"))
    kind: Mapped[SignKind]
    subject_id: Mapped[int] = mapped_column(BigId)
    """The row it stands for: a market, zone, check point or stall."""
    ref: Mapped[str] = mapped_column(sa.String(9), default=refs.new_ref, insert_sentinel=True)
    """The number printed on it, to be read out on the telephone.  Unique: many are inserted in one go."""
    code_sealed: Mapped[str] = mapped_column(sa.String(200), info=secrets_box.SEALED)
    state: Mapped[SignState] = mapped_column(default=SignState.LIVE)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    made_by: Mapped[str] = mapped_column(sa.String(80))
    printed_at: Mapped[datetime | None]
    prints: Mapped[int] = mapped_column(default=0)
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str] = mapped_column(sa.String(80), default="")
    revoked_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}
