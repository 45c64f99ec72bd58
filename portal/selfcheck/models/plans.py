"""A market's own arrangement: when it checks, what does not apply, what it adds, when it is closed."""

from datetime import date, datetime, time

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock
from portal.core.db import Base, BigId, Identified
from portal.core.reach import Housed, Owned, Shared
from portal.selfcheck.models.rules import ItemFacts, Slot


class PlanLine(Owned, Identified, Base):
    """One line of a market's plan: a slot and its window, repeated."""

    __tablename__ = "plan_line"
    __table_args__ = (sa.Index("ix_plan_line_market", "company_id", "market_id"),)

    market_id: Mapped[int] = mapped_column(sa.ForeignKey("market.id"), index=True)
    slot: Mapped[Slot]
    starts_at: Mapped[time]
    """Local clock time at which the first window opens."""
    day_shift: Mapped[int] = mapped_column(default=0)
    """Days from the service day to the day the window opens on: -1 for an opening check that begins before midnight,
    1 for the closing check of a market that trades past it."""
    minutes: Mapped[int]
    """How long a window is; it may pass midnight and still belongs to the day it began."""
    rounds: Mapped[int] = mapped_column(default=1)
    every_minutes: Mapped[int] = mapped_column(default=0)
    """From the beginning of one round to the beginning of the next (GB/T 40248: at most two hours)."""
    weekdays: Mapped[list[int]] = mapped_column(default=list)
    """ISO weekdays on which it is due; empty means every day (weekly lines name one)."""
    day_of_month: Mapped[int | None]
    """For monthly, quarterly and yearly lines; a shorter month's last day stands in."""
    month: Mapped[int | None]
    """For yearly lines the month of the year, for quarterly ones the month of the quarter (1 to 3)."""
    grace_minutes: Mapped[int] = mapped_column(default=180)
    """After the window, how long a late submission is still taken before it counts as missed."""
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    set_by_id: Mapped[int] = mapped_column(BigId)
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class HouseItem(Housed, Identified, ItemFacts, Base):
    """An item a company adds for one market; it names which of the company's concerns it serves."""

    __tablename__ = "house_item"
    __table_args__ = (sa.UniqueConstraint("company_id", "market_id", "code"),)

    market_id: Mapped[int] = mapped_column(BigId, index=True)
    ended_on: Mapped[date | None]
    set_by_id: Mapped[int] = mapped_column(BigId)
    set_at: Mapped[datetime] = mapped_column(default=clock.now)


class NotApplicable(Housed, Identified, Base):
    """An official item that does not apply in one market, with the reason, set once and not daily."""

    __tablename__ = "not_applicable"
    __table_args__ = (sa.Index("ix_not_applicable_market", "company_id", "market_id"),)

    market_id: Mapped[int] = mapped_column(BigId)
    item_code: Mapped[str] = mapped_column(sa.String(12))
    reason: Mapped[str] = mapped_column(sa.String(200))
    from_on: Mapped[date]
    ended_on: Mapped[date | None]
    set_by_id: Mapped[int] = mapped_column(BigId)
    set_by_name: Mapped[str] = mapped_column(sa.String(80))


class ClosedDay(Owned, Identified, Base):
    """Days a market itself is closed (a weekly day of rest, a poultry day), said before they begin."""

    __tablename__ = "closed_day"
    __table_args__ = (sa.Index("ix_closed_day_market", "company_id", "market_id", "from_on"),)

    market_id: Mapped[int] = mapped_column(sa.ForeignKey("market.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(200))
    set_by_id: Mapped[int] = mapped_column(BigId)
    set_at: Mapped[datetime] = mapped_column(default=clock.now)
    withdrawn_at: Mapped[datetime | None]


class Closure(Shared, Identified, Base):
    """One act of a town that closes all its markets for some days (a typhoon)."""

    __tablename__ = "closure"
    __table_args__ = (sa.Index("ix_closure_area", "area_code", "from_on"),)

    area_code: Mapped[str] = mapped_column(sa.String(12))
    from_on: Mapped[date]
    to_on: Mapped[date]
    reason: Mapped[str] = mapped_column(sa.String(200))
    issuer_id: Mapped[int] = mapped_column(BigId)
    issued_by_id: Mapped[int] = mapped_column(BigId)
    issued_at: Mapped[datetime] = mapped_column(default=clock.now)
    lifted_at: Mapped[datetime | None]
