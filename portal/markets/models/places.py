"""Places: a market, its zones, its stalls, and where it was counted before it was moved."""

import re
from datetime import date, datetime, time
from decimal import Decimal

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core import clock
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Owned, Shared
from portal.markets.workflow import MarketState, StallState
from portal.territory.models import Area, Organisation


class MarketKind(Labelled):
    """What a market, or a zone of a mixed one, deals in; it chooses the checklists."""

    WET = "wet", _l("农贸市场")
    CLOTHING = "clothing", _l("服装市场")
    BUILDING = "building", _l("建材五金市场")
    FOOD = "food", _l("茶叶食品冻品市场")
    MIXED = "mixed", _l("综合市场")


class Market(Owned, Identified, Base):
    """Premises where many traders deal, run by one managing company (``company_id``)."""

    __tablename__ = "market"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "code"),
        sa.CheckConstraint("state <> 'closed' OR closed_on IS NOT NULL", name="closed_has_a_day"),
        sa.Index("ix_market_community", "community_code", "code"),
        sa.Index("ix_market_town", "town_code", "code"),
        sa.Index("ix_market_code", "code"),
    )

    code: Mapped[str] = mapped_column(sa.String(20))
    """City, town and community digits, M and a serial that is never used again, even after a move."""
    name: Mapped[str] = mapped_column(sa.String(80))
    kind: Mapped[MarketKind]
    opener_name: Mapped[str] = mapped_column(sa.String(120))
    """The legal person that provides the site (食品安全法 article 61); often not the managing company."""
    opener_uscc: Mapped[str | None] = mapped_column(sa.String(18))
    address: Mapped[str] = mapped_column(sa.String(200))
    phone: Mapped[str | None] = mapped_column(sa.String(20))
    opens_at: Mapped[time]
    closes_at: Mapped[time]
    """Earlier than ``opens_at`` where trade runs past midnight."""
    area_m2: Mapped[Decimal | None] = mapped_column(sa.Numeric(9, 1))
    floors_up: Mapped[int | None]
    floors_down: Mapped[int | None]
    is_key_unit: Mapped[bool] = mapped_column(default=False)
    """A key unit of fire safety: a daily patrol record is its legal duty (消防法 article 17)."""
    state: Mapped[MarketState]
    closed_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column()

    company: Mapped[Organisation] = relationship(
        primaryjoin="foreign(Market.company_id) == Organisation.id", viewonly=True, lazy="raise"
    )
    community: Mapped[Area] = relationship(
        primaryjoin="foreign(Market.community_code) == Area.code", viewonly=True, lazy="raise"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def market_id(self) -> int:
        """Its own id, so that a market and its rows can be asked alike."""
        return self.id

    @property
    def is_open(self) -> bool:
        return self.state is MarketState.OPEN


class MarketSerial(Shared, Base):
    """The last serial given to a market of a community, so that a code never comes twice."""

    __tablename__ = "market_serial"

    community_code: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    last: Mapped[int]


class MarketMove(Owned, Identified, Base):
    """A market came to be counted with another community: a merger, a new border, a mistake put right."""

    __tablename__ = "market_move"
    __append_only__ = True

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"), index=True)
    from_community_code: Mapped[str] = mapped_column(sa.String(12))
    to_community_code: Mapped[str] = mapped_column(sa.String(12))
    reason: Mapped[str] = mapped_column(sa.String(200))
    moved_by: Mapped[str] = mapped_column(sa.String(80))
    moved_at: Mapped[datetime] = mapped_column(default=clock.now)


class OperatorChange(Owned, Identified, Base):
    """Another company came to run a market; its rows went with it, the people and posts of the old one did not."""

    __tablename__ = "operator_change"
    __append_only__ = True

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"), index=True)
    from_company_id: Mapped[int] = mapped_column(BigId)
    from_name: Mapped[str] = mapped_column(sa.String(120))
    to_company_id: Mapped[int] = mapped_column(BigId)
    to_name: Mapped[str] = mapped_column(sa.String(120))
    reason: Mapped[str] = mapped_column(sa.String(200))
    moved_by: Mapped[str] = mapped_column(sa.String(80))
    moved_at: Mapped[datetime] = mapped_column(default=clock.now)


class Zone(Owned, Identified, Base):
    """A part of a market: a hall, a floor, a row of one trade."""

    __tablename__ = "zone"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "market_id", "code"),
        sa.Index("ix_zone_order", "market_id", "position"),
    )

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"))
    code: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(40))
    kind: Mapped[MarketKind | None]
    """Its own kind, in a mixed market."""
    floor: Mapped[str] = mapped_column(sa.String(10), default="")
    position: Mapped[int]
    """Its place in the walk through the market, from 1."""
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class Stall(Owned, Identified, Base):
    """The smallest place that is managed; it has a code and at most one occupant at a time."""

    __tablename__ = "stall"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "market_id", "code"),
        sa.Index("ix_stall_order", "market_id", "sort_key", "id"),
        sa.Index("ix_stall_state", "market_id", "state", "sort_key", "id"),
    )

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"))
    zone_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("zone.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(20))
    sort_key: Mapped[str] = mapped_column(sa.String(80))
    """``natural_key`` of the code, so that A-2 stands before A-10 in any collation."""
    area_m2: Mapped[Decimal | None] = mapped_column(sa.Numeric(7, 1))
    trade_codes: Mapped[list[str]] = mapped_column(default=list)
    """What the stall is laid out for; what a vendor really sells stands with the vendor."""
    has_gas: Mapped[bool] = mapped_column(default=False)
    state: Mapped[StallState]
    occupancy_changed_at: Mapped[datetime | None]
    """Touched by every moving in and out, so that two at once meet on ``version``."""
    version: Mapped[int] = mapped_column()

    market: Mapped[Market] = relationship(lazy="raise")
    zone: Mapped[Zone | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}


def natural_key(code: str) -> str:
    """A key that sorts codes as people count: A-2 before A-10, A-1-9 before A-12-1.

    Digits are written with their length before them; hyphens and the like, which collations weigh
    differently, are left out.
    """
    runs = re.findall(r"\d+|[^\W\d_]+", code.upper())
    return "".join(_counted(run) if run.isdigit() else run for run in runs)


def _counted(digits: str) -> str:
    figure = digits.lstrip("0") or "0"
    return f"{len(figure):02d}{figure}"
