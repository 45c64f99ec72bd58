"""Checks: the occurrence made ahead, the sheet it is walked by, the answers, and what was submitted."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, orm_insert_sentinel, relationship

from portal.core import clock
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Owned
from portal.selfcheck.models.rules import Grade, Slot
from portal.selfcheck.workflow import CheckState

BACKFILL_FOR = timedelta(days=3)
"""After it was missed, how long a check may still be entered, with a reason."""


class Outcome(Labelled):
    """What an answer says."""

    PASS = "pass", _l("正常")
    FAIL = "fail", _l("有问题")


class ReviewKind(Labelled):
    """Why a submitted check is looked at: by exception, in the sample, or only noted."""

    ATTENTION = "attention", _l("要你定")
    SAMPLE = "sample", _l("抽到")
    CLEAN = "clean", _l("都正常")


class ExcuseKind(Labelled):
    """Why a check need not be walked; what the calendar or the plan excused comes back when they change again."""

    CLOSED = "closed", _l("休市")
    PLAN = "plan", _l("计划已改")
    HAND = "hand", _l("单次免查")


class Sheet(Owned, Identified, Base):
    """The items of a check as they were when it was made: the same content is one row, and never changes."""

    __tablename__ = "sheet"
    __append_only__ = True
    __table_args__ = (sa.UniqueConstraint("company_id", "market_id", "digest"),)

    market_id: Mapped[int] = mapped_column(sa.ForeignKey("market.id"), index=True)
    slot: Mapped[Slot]
    digest: Mapped[str] = mapped_column(sa.String(64))
    items: Mapped[list[Any]]
    """One mapping an item, the keys those of ItemFacts plus ``origin`` (core, wet, ..., house) and ``version``."""
    skipped: Mapped[list[Any]]
    """What does not apply: code, title, reason, who set it and since when."""
    made_at: Mapped[datetime] = mapped_column(default=clock.now)


class Occurrence(Owned, Identified, Base):
    """One check that is due: made ahead, so that a missed one is a row and not an absence."""

    __tablename__ = "occurrence"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "plan_line_id", "service_day", "round_no"),
        sa.UniqueConstraint("company_id", "ref"),
        sa.Index("ix_occurrence_day", "company_id", "market_id", "service_day"),
        sa.Index("ix_occurrence_community", "community_code", "state", "review_due_at"),
        sa.Index("ix_occurrence_town", "town_code", "state", "review_due_at"),
        sa.Index("ix_occurrence_due", "state", "due_at"),
        sa.Index("ix_occurrence_town_day", "town_code", "service_day"),
        sa.CheckConstraint("state <> 'excused' OR excuse_reason <> ''", name="excused_for_a_reason"),
        sa.CheckConstraint(
            "state NOT IN ('submitted', 'accepted', 'sent_back') OR submitted_at IS NOT NULL",
            name="submitted_once",
        ),
        sa.CheckConstraint("NOT is_backfilled OR backfill_reason <> ''", name="backfilled_for_a_reason"),
    )

    market_id: Mapped[int] = mapped_column(sa.ForeignKey("market.id"), index=True)
    plan_line_id: Mapped[int] = mapped_column(sa.ForeignKey("plan_line.id"), index=True)
    sheet_id: Mapped[int] = mapped_column(sa.ForeignKey("sheet.id"))
    ref: Mapped[str] = mapped_column(sa.String(12))
    slot: Mapped[Slot]
    service_day: Mapped[date]
    round_no: Mapped[int] = mapped_column(default=1)
    opens_at: Mapped[datetime]
    due_at: Mapped[datetime]
    missed_at: Mapped[datetime]
    """From this moment an unsubmitted check counts as missed, whether or not anybody has recorded it yet."""
    zone_ids: Mapped[list[int]] = mapped_column(default=list)
    """The zones of the day, for items that rotate."""
    event: Mapped[str] = mapped_column(sa.String(120), default="")
    """What happened, where the check is walked for an event."""
    seed: Mapped[int] = mapped_column(BigId)
    """Drawn when the check is made; picks the random item, which nobody is told before 开始."""
    random_code: Mapped[str] = mapped_column(sa.String(12), default="")

    state: Mapped[CheckState] = mapped_column(default=CheckState.DUE)
    item_count: Mapped[int]
    answered: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime | None]
    opened_by_id: Mapped[int | None] = mapped_column(BigId)
    opened_by_name: Mapped[str] = mapped_column(sa.String(80), default="")
    submitted_at: Mapped[datetime | None]
    submitted_by_id: Mapped[int | None] = mapped_column(BigId)
    submitted_by_name: Mapped[str] = mapped_column(sa.String(80), default="")
    is_late: Mapped[bool] = mapped_column(default=False)
    is_backfilled: Mapped[bool] = mapped_column(default=False)
    backfill_reason: Mapped[str] = mapped_column(sa.String(200), default="")
    excuse_kind: Mapped[ExcuseKind | None]
    excuse_reason: Mapped[str] = mapped_column(sa.String(200), default="")

    review_kind: Mapped[ReviewKind | None]
    review_due_at: Mapped[datetime | None]
    reviewed_at: Mapped[datetime | None]
    reviewed_by_id: Mapped[int | None] = mapped_column(BigId)
    reviewed_by_name: Mapped[str] = mapped_column(sa.String(80), default="")
    review_note: Mapped[str] = mapped_column(sa.String(400), default="")
    version: Mapped[int] = mapped_column()
    batch_position: Mapped[int | None] = orm_insert_sentinel()
    """Lets SQLite insert two weeks of checks in one statement; means nothing afterwards."""

    sheet: Mapped[Sheet] = relationship(lazy="raise")
    answers: Mapped[list["Answer"]] = relationship(back_populates="occurrence", lazy="raise")
    submissions: Mapped[list["Submission"]] = relationship(
        back_populates="occurrence", lazy="raise", order_by="Submission.number"
    )

    __mapper_args__ = {"version_id_col": version}

    @property
    def lost_at(self) -> datetime:
        """From when it is missed unless it is handed in; begun to be entered afterwards, when that is over too."""
        return self.enterable_until if self.is_backfilled else self.missed_at

    @property
    def enterable_until(self) -> datetime:
        """Until when it may be entered afterwards, once it was missed."""
        return self.missed_at + BACKFILL_FOR

    def is_missed(self, now: datetime) -> bool:
        """Whether it was missed, recorded or not."""
        waits = self.state in {CheckState.DUE, CheckState.OPEN}
        return self.state is CheckState.MISSED or (waits and now >= self.lost_at)

    @property
    def redo_by(self) -> datetime | None:
        """Until when a check that was sent back is to be walked again."""
        return self.review_due_at if self.state is CheckState.SENT_BACK else None

    def is_overdue(self, now: datetime) -> bool:
        """Whether its window, or the time to walk it again, has passed and it is still to be submitted."""
        waits = self.state in {CheckState.DUE, CheckState.OPEN, CheckState.SENT_BACK}
        return waits and now > (self.redo_by or self.due_at)


class Answer(Owned, Identified, Base):
    """What was found at one item, kept as it was given.

    A failed answer keeps category, proposed grade, note and stall; a hazard grows from it later.
    """

    __tablename__ = "answer"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "occurrence_id", "item_code"),
        sa.CheckConstraint("outcome <> 'fail' OR category <> ''", name="failed_has_a_category"),
    )

    market_id: Mapped[int] = mapped_column(BigId)
    occurrence_id: Mapped[int] = mapped_column(sa.ForeignKey("occurrence.id"), index=True)
    item_code: Mapped[str] = mapped_column(sa.String(12))
    outcome: Mapped[Outcome]
    number: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 3))
    text: Mapped[str] = mapped_column(sa.String(120), default="")
    """The certificate number, the choice, the date or the scanned code."""
    phrases: Mapped[list[str]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(sa.String(1_000), default="")
    stall_id: Mapped[int | None] = mapped_column(BigId, index=True)
    category: Mapped[str] = mapped_column(sa.String(8), default="")
    grade: Mapped[Grade | None]
    hazard_code: Mapped[str] = mapped_column(sa.String(12), default="")
    is_suspected_major: Mapped[bool] = mapped_column(default=False)
    answered_by_id: Mapped[int] = mapped_column(BigId)
    answered_at: Mapped[datetime] = mapped_column(default=clock.now)
    device_at: Mapped[datetime | None]
    """The phone's own clock when it was tapped: a claim, kept beside the arrival."""
    version: Mapped[int] = mapped_column()
    batch_position: Mapped[int | None] = orm_insert_sentinel()
    """Lets SQLite insert a whole check's answers in one statement; means nothing afterwards."""

    occurrence: Mapped[Occurrence] = relationship(back_populates="answers", lazy="raise")

    __mapper_args__ = {"version_id_col": version}


class Submission(Owned, Identified, Base):
    """What was submitted, whole and unchangeable; the hash is on the record and opens the verification page."""

    __tablename__ = "submission"
    __append_only__ = True
    __table_args__ = (sa.UniqueConstraint("company_id", "occurrence_id", "number"),)

    market_id: Mapped[int] = mapped_column(BigId)
    occurrence_id: Mapped[int] = mapped_column(sa.ForeignKey("occurrence.id"), index=True)
    number: Mapped[int]
    submitted_at: Mapped[datetime] = mapped_column(default=clock.now)
    submitted_by_id: Mapped[int] = mapped_column(BigId)
    submitted_by_name: Mapped[str] = mapped_column(sa.String(80))
    content: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """SHA-256 over the canonical JSON of ``content``; the reach codes are not part of it."""

    occurrence: Mapped[Occurrence] = relationship(back_populates="submissions", lazy="raise")


class PointVisit(Owned, Identified, Base):
    """A check point's sign was scanned during a check; once a check."""

    __tablename__ = "point_visit"
    __append_only__ = True
    __table_args__ = (sa.UniqueConstraint("company_id", "occurrence_id", "point_id"),)

    market_id: Mapped[int] = mapped_column(BigId)
    occurrence_id: Mapped[int] = mapped_column(sa.ForeignKey("occurrence.id"), index=True)
    point_id: Mapped[int] = mapped_column(BigId, index=True)
    at: Mapped[datetime] = mapped_column(default=clock.now)
    device_at: Mapped[datetime | None]
    """The phone's own clock: a claim."""
    by_person_id: Mapped[int] = mapped_column(BigId)
    by_name: Mapped[str] = mapped_column(sa.String(80))
