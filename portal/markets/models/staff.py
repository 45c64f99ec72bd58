"""The people who work for a vendor, known for their health certificates."""

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, BigId, Identified
from portal.core.reach import OfVendor, Owned
from portal.markets.models.vendors import Vendor


class Worker(Owned, OfVendor, Identified, Base):
    """Somebody who works at a vendor's stall (食品安全法 article 45: a certificate a year for ready-to-eat food)."""

    __tablename__ = "worker"
    __table_args__ = (
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
        sa.Index("ix_worker_vendor", "vendor_id", "to_on", "id"),
    )

    vendor_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vendor.id"), sort_order=-6)
    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    job: Mapped[str] = mapped_column(sa.String(60), default="")
    handles_ready_food: Mapped[bool] = mapped_column(default=False)
    """Touches food that is eaten as it is: then a health certificate is required."""
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    version: Mapped[int] = mapped_column()

    vendor: Mapped[Vendor] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}
