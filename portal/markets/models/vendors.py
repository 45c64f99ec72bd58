"""Vendors, and which stall each of them keeps or kept."""

from datetime import date, datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core import clock, secrets_box
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import OfVendor, Owned
from portal.markets.models.places import Market, Stall


class VendorKind(Labelled):
    """What a vendor is in law; it decides which papers are required."""

    ENTERPRISE = "enterprise", _l("企业")
    INDIVIDUAL = "individual", _l("个体工商户")
    COOPERATIVE = "cooperative", _l("合作社")
    OWN_PRODUCE = "own_produce", _l("自产自销农民")
    UNLICENSED = "unlicensed", _l("执照待办")

    @property
    def needs_uscc(self) -> bool:
        """Whether a credit code is asked for; the others are known by an identity number."""
        return self not in (VendorKind.OWN_PRODUCE, VendorKind.UNLICENSED)


class Vendor(Owned, OfVendor, Identified, Base):
    """Somebody who trades in a market.  The file is kept six months after the last day of trade."""

    __tablename__ = "vendor"
    __vendor_key__ = "id"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "market_id", "uscc"),
        sa.CheckConstraint("uscc IS NOT NULL OR kind IN ('own_produce', 'unlicensed')", name="known_by_code"),
        sa.CheckConstraint("uscc IS NULL OR id_sealed IS NULL", name="identity_only_without_code"),
        sa.Index("ix_vendor_name", "market_id", "name", "id"),
    )

    vendor_id = None  # reached by its own id

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"))
    kind: Mapped[VendorKind]
    name: Mapped[str] = mapped_column(sa.String(120))
    """As on the licence."""
    keeper_name: Mapped[str] = mapped_column(sa.String(60))
    """The person who runs it."""
    phone: Mapped[str] = mapped_column(sa.String(20))
    uscc: Mapped[str | None] = mapped_column(sa.String(18))
    id_sealed: Mapped[str | None] = mapped_column(sa.String(200), info=secrets_box.TIED)
    """Identity number in the secrets box, asked only where there is no credit code."""
    id_last4: Mapped[str | None] = mapped_column(sa.String(4))
    trade_codes: Mapped[list[str]] = mapped_column(default=list)
    goods: Mapped[str] = mapped_column(sa.String(400), default="")
    """Kinds of goods, sources and origins (legal content of the file for food vendors)."""
    started_on: Mapped[date]
    ended_on: Mapped[date | None]
    erased_on: Mapped[date | None]
    """When names and numbers were taken out, the time of keeping being over; the row and its dates stay."""
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column()

    market: Mapped[Market] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}


class Occupancy(Owned, OfVendor, Identified, Base):
    """A vendor kept a stall from one day until before another; no two of a stall overlap."""

    __tablename__ = "occupancy"
    __table_args__ = (
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
        sa.Index(
            "uq_occupancy_open",
            "company_id",
            "stall_id",
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        ),
        sa.Index("ix_occupancy_stall", "stall_id", "from_on"),
    )

    vendor_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("vendor.id"), index=True, sort_order=-6)
    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"), index=True)
    stall_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("stall.id"))
    stall_code: Mapped[str] = mapped_column(sa.String(20))
    """The plate as it read then; a vendor's reach shows no stalls, and plates are renumbered."""
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    """The day of leaving: the next vendor may move in on it."""

    stall: Mapped[Stall] = relationship(lazy="raise")
    vendor: Mapped[Vendor] = relationship(lazy="raise")
