"""Equipment and the points where a walk stops: extinguishers, hydrants, lifts, cold stores, scales."""

from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import OfVendor, Owned
from portal.markets.models.places import Stall, Zone
from portal.markets.models.vendors import Vendor


class EquipmentKind(Labelled):
    """What a piece of equipment is; the kind says which paper keeps its date."""

    EXTINGUISHER_POWDER = "extinguisher_powder", _l("干粉灭火器")
    EXTINGUISHER_WATER = "extinguisher_water", _l("水基型灭火器")
    EXTINGUISHER_CO2 = "extinguisher_co2", _l("二氧化碳灭火器")
    HYDRANT = "hydrant", _l("消火栓")
    LIFT = "lift", _l("电梯")
    FORKLIFT = "forklift", _l("叉车")
    FRIDGE = "fridge", _l("冷柜冷库")
    GAS_DETECTOR = "gas_detector", _l("燃气报警器")
    SCALE = "scale", _l("电子秤")
    FAIR_SCALE = "fair_scale", _l("公平秤")
    OTHER = "other", _l("其他设备")

    @property
    def paper_kind(self) -> str:
        """The kind of paper (data/papers.csv) that says when it is due; empty where none does."""
        return PAPER_KINDS.get(self, "")


PAPER_KINDS = {
    EquipmentKind.EXTINGUISHER_POWDER: "extinguisher_powder",
    EquipmentKind.EXTINGUISHER_WATER: "extinguisher_water",
    EquipmentKind.EXTINGUISHER_CO2: "extinguisher_co2",
    EquipmentKind.LIFT: "lift_inspection",
    EquipmentKind.FORKLIFT: "forklift_inspection",
    EquipmentKind.GAS_DETECTOR: "gas_detector",
    EquipmentKind.SCALE: "scale_verification",
    EquipmentKind.FAIR_SCALE: "scale_verification",
}


class CheckPoint(Owned, Identified, Base):
    """A place where a walk stops and a sign hangs: a stairwell, a pump room, the fair scale."""

    __tablename__ = "check_point"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "market_id", "code"),
        sa.Index("ix_check_point_order", "market_id", "position", "id"),
    )

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"))
    zone_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("zone.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(60))
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    position: Mapped[int]
    """Its place in the walk through the market, from 1."""
    ended_on: Mapped[date | None]
    version: Mapped[int] = mapped_column()

    zone: Mapped[Zone | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}


class Equipment(Owned, OfVendor, Identified, Base):
    """One piece of equipment of the market or of a vendor.  When it is due stands on its newest paper."""

    __tablename__ = "equipment"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "market_id", "code"),
        sa.Index("ix_equipment_order", "market_id", "sort_key", "id"),
        sa.Index("ix_equipment_kind", "market_id", "kind", "sort_key", "id"),
    )

    vendor_id: Mapped[int | None] = mapped_column(
        BigId, sa.ForeignKey("vendor.id"), index=True, sort_order=-6
    )
    """Whose it is; None for the market's own."""
    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"))
    kind: Mapped[EquipmentKind]
    code: Mapped[str] = mapped_column(sa.String(40))
    """The market's own number of it, as on its plate."""
    sort_key: Mapped[str] = mapped_column(sa.String(120))
    name: Mapped[str] = mapped_column(sa.String(80))
    maker: Mapped[str] = mapped_column(sa.String(80), default="")
    model: Mapped[str] = mapped_column(sa.String(80), default="")
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    point_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("check_point.id"), index=True)
    stall_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("stall.id"), index=True)
    made_on: Mapped[date | None]
    ended_on: Mapped[date | None]
    """Scrapped or sold; the row stays."""
    note: Mapped[str] = mapped_column(sa.String(200), default="")
    version: Mapped[int] = mapped_column()

    vendor: Mapped[Vendor | None] = relationship(lazy="raise")
    point: Mapped[CheckPoint | None] = relationship(lazy="raise")
    stall: Mapped[Stall | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}

    @property
    def called(self) -> str:
        """Its code and name in one, as its papers name it."""
        return f"{self.code} {self.name}"[:80]
