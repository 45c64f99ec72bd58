"""Corrections: what a vendor says is wrong in his own file (PIPL article 46)."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core import clock
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import OfVendor, Owned
from portal.markets.models.vendors import Vendor
from portal.markets.workflow import CorrectionState


class CorrectedField(Labelled):
    """What of a file a vendor may ask to have put right."""

    NAME = "name", _l("名称、字号")
    KEEPER_NAME = "keeper_name", _l("经营者姓名")
    PHONE = "phone", _l("联系电话")
    GOODS = "goods", _l("经营品种")
    OTHER = "other", _l("其他")


class Correction(Owned, OfVendor, Identified, Base):
    """One thing a vendor wants put right; the company accepts it or says why not."""

    __tablename__ = "correction"
    __table_args__ = (
        sa.Index("ix_correction_market", "market_id", "state", "id"),
        sa.Index("ix_correction_vendor", "vendor_id", "state", "id"),
    )

    vendor_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vendor.id"), sort_order=-6)
    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"))
    field: Mapped[CorrectedField]
    old: Mapped[str] = mapped_column(sa.String(400), default="")
    wished: Mapped[str] = mapped_column(sa.String(400))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")
    state: Mapped[CorrectionState]
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    by_person_id: Mapped[int] = mapped_column(BigId)
    by_name: Mapped[str] = mapped_column(sa.String(80))
    answer: Mapped[str] = mapped_column(sa.String(200), default="")
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str] = mapped_column(sa.String(80), default="")
    version: Mapped[int] = mapped_column()

    vendor: Mapped[Vendor] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}
