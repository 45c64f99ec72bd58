"""Papers with a last day: licences, permits, certificates, verifications, contracts."""

from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core import clock
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import OfVendor, Owned, Shared
from portal.core.workdays import Calendar
from portal.markets.models.places import Market
from portal.markets.models.vendors import Vendor

ESCALATES_AFTER = 7
"""Days past the last day after which the community is told as well; an editable default."""
PAST, LONG_PAST = -1, -(ESCALATES_AFTER + 1)
"""Thresholds on the far side of the last day."""


class Holder(Labelled):
    """Whom or what a paper is about."""

    VENDOR = "vendor", _l("商户")
    PERSON = "person", _l("人员")
    EQUIPMENT = "equipment", _l("设备")
    MARKET = "market", _l("市场")


class WarnUnit(Labelled):
    """In which days a warning is counted."""

    CALENDAR = "calendar", _l("天")
    WORKING = "working", _l("个工作日")


class PaperStanding(Labelled):
    """Where a paper, or the demand for one, stands today.  The order is that of urgency."""

    EXPIRED = "expired", _l("已过期")
    MISSING = "missing", _l("未交")
    DUE = "due", _l("临期")
    UNCONFIRMED = "unconfirmed", _l("待核")
    VALID = "valid", _l("正常")
    NOT_APPLICABLE = "not_applicable", _l("不适用")

    @property
    def tone(self) -> str:
        """The tone of its tag."""
        return TONES.get(self, "")

    @property
    def needs_renewal(self) -> bool:
        """Whether its holder should be applying for a new one."""
        return self in (PaperStanding.EXPIRED, PaperStanding.DUE)


TONES = {
    PaperStanding.EXPIRED: "overdue",
    PaperStanding.MISSING: "overdue",
    PaperStanding.DUE: "soon",
    PaperStanding.UNCONFIRMED: "you",
    PaperStanding.VALID: "ok",
}


class PaperKind(Shared, Base):
    """A kind of paper: how long it holds and when to warn.  All of it is an editable setting."""

    __tablename__ = "paper_kind"

    code: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    holder: Mapped[Holder]
    validity_months: Mapped[int | None]
    """From issue to the last day; None: the date on the paper, or none at all."""
    warn_days: Mapped[list[int]] = mapped_column(default=list)
    """Days before the last day, the earliest warning first; empty: the kind has no last day."""
    warn_unit: Mapped[WarnUnit]
    renewal_note: Mapped[str] = mapped_column(sa.String(200))
    after_expiry_note: Mapped[str] = mapped_column(sa.String(200))
    hazard_code: Mapped[str | None] = mapped_column(sa.String(20))
    function_code: Mapped[str | None] = mapped_column(sa.String(40))
    """Whose subject it is among the functions of departments; None where no department has a say."""
    basis: Mapped[str] = mapped_column(sa.String(200))
    provenance: Mapped[str] = mapped_column(sa.String(40))
    position: Mapped[int]

    @property
    def may_expire(self) -> bool:
        return bool(self.warn_days)

    @property
    def widest_window(self) -> int:
        """Calendar days before the last day in which the earliest warning surely falls."""
        return max(self.warn_days, default=0) * (3 if self.warn_unit is WarnUnit.WORKING else 1)

    def warns_from(self, expires_on: date, days: int, calendar: Calendar) -> date:
        """The day on which the warning ``days`` before the last day is due.

        In working days the last day itself is not counted (行政许可法 article 82).
        """
        if self.warn_unit is WarnUnit.CALENDAR:
            return expires_on - timedelta(days=days)
        day, left = expires_on, days
        while left:
            day -= timedelta(days=1)
            left -= calendar.is_workday(day)
        return day


class Trade(Shared, Base):
    """What is sold, and which papers the law asks for it."""

    __tablename__ = "trade"

    code: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(100))
    required_papers: Mapped[list[str]] = mapped_column(default=list)
    counts_in_permit_rate: Mapped[bool]
    """Whether its vendors stand in the denominator of 办证率; a licence-only trade does not."""
    note: Mapped[str] = mapped_column(sa.String(200))
    position: Mapped[int]


class Paper(Owned, OfVendor, Identified, Base):
    """One paper.  A renewal is a new row, and the old one stays."""

    __tablename__ = "paper"
    __table_args__ = (
        sa.CheckConstraint(
            "issued_on IS NULL OR expires_on IS NULL OR expires_on >= issued_on", name="expires_after_issue"
        ),
        sa.CheckConstraint("vendor_id IS NOT NULL OR holder_name <> ''", name="has_a_holder"),
        sa.Index("ix_paper_company_due", "company_id", "expires_on", "id"),
        sa.Index("ix_paper_community_due", "community_code", "expires_on", "id"),
        sa.Index("ix_paper_town_due", "town_code", "expires_on", "id"),
        sa.Index("ix_paper_market_due", "market_id", "expires_on", "id"),
        sa.Index("ix_paper_kind_due", "market_id", "kind_code", "expires_on"),
    )

    vendor_id: Mapped[int | None] = mapped_column(
        BigId, sa.ForeignKey("vendor.id"), index=True, sort_order=-6
    )
    """Whose it is; None for the market's own people, equipment and contracts."""
    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"))
    kind_code: Mapped[str] = mapped_column(sa.ForeignKey("paper_kind.code"))
    holder_name: Mapped[str] = mapped_column(sa.String(80), default="")
    """The person or the piece of equipment, where the paper is about one."""
    worker_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("worker.id"), index=True)
    """Whose health certificate it is, where a vendor's people are entered."""
    equipment_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("equipment.id"), index=True)
    """Which piece of equipment it dates, where that is entered."""
    number: Mapped[str] = mapped_column(sa.String(60), default="")
    authority: Mapped[str] = mapped_column(sa.String(80), default="")
    issued_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    """The last day it holds; None is 长期."""
    confirmed_at: Mapped[datetime | None]
    """When somebody of the company compared it with the original; until then it reads 待核."""
    confirmed_by: Mapped[str] = mapped_column(sa.String(80), default="")
    replaced_by_id: Mapped[int | None] = mapped_column(BigId, sa.ForeignKey("paper.id"))
    """Its renewal, which closes all its warnings."""
    recorded_at: Mapped[datetime] = mapped_column(default=clock.now)
    version: Mapped[int] = mapped_column()

    kind: Mapped[PaperKind] = relationship(lazy="raise")
    market: Mapped[Market] = relationship(lazy="raise")
    vendor: Mapped[Vendor | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day."""
        has_begun = self.issued_on is None or self.issued_on <= day
        return has_begun and not self.is_expired(day)

    def is_expired(self, day: date) -> bool:
        return self.expires_on is not None and self.expires_on < day

    def standing(self, day: date, calendar: Calendar) -> PaperStanding:
        """Where it stands on a day, for itself; a renewal is the caller's to see.  ``kind`` must be loaded."""
        if self.is_expired(day):
            return PaperStanding.EXPIRED
        if self.replaced_by_id is None and self.threshold_on(day, calendar) is not None:
            return PaperStanding.DUE
        return PaperStanding.UNCONFIRMED if self.confirmed_at is None else PaperStanding.VALID

    def threshold_on(self, day: date, calendar: Calendar) -> int | None:
        """The tightest warning reached on a day: days before the last day, PAST or LONG_PAST, or None."""
        if self.expires_on is None:
            return None
        past = (day - self.expires_on).days
        if past > 0:
            return LONG_PAST if past > ESCALATES_AFTER else PAST
        return next(
            (
                n
                for n in sorted(self.kind.warn_days)
                if self.kind.warns_from(self.expires_on, n, calendar) <= day
            ),
            None,
        )


class PaperWarning(Owned, Identified, Base):
    """A warning day of a paper has been told; the unique key keeps it from being told twice."""

    __tablename__ = "paper_warning"
    __append_only__ = True
    __table_args__ = (sa.UniqueConstraint("company_id", "paper_id", "expires_on", "threshold"),)

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"), index=True)
    paper_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("paper.id"), index=True)
    expires_on: Mapped[date]
    """The last day as it was when told: a date put right is warned of anew."""
    threshold: Mapped[int]
    """Days before the last day; -1 once it has passed, -8 when it has been past for a week."""
    told_on: Mapped[date]
