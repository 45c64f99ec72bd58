"""The rules as data: versioned checklists and their items, and the hazard categories they name."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core import clock
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Shared
from portal.selfcheck.workflow import ListState


class ListCode(Labelled):
    """Which official list: the core for every market, and one a kind of market (the same words as MarketKind)."""

    CORE = "core", _l("各类市场通用自检事项")
    WET = "wet", _l("农贸市场自检事项")
    CLOTHING = "clothing", _l("服装市场自检事项")
    BUILDING = "building", _l("建材五金市场自检事项")
    FOOD = "food", _l("茶叶食品冻品市场自检事项")

    @property
    def prefix(self) -> str:
        """What the codes of its items begin with."""
        return {"core": "C", "wet": "WM", "clothing": "CL", "building": "BM", "food": "TF"}[self.value]


class Slot(Labelled):
    """When in a market's day, week or year an item is looked at."""

    OPENING = "opening", _l("开市检查")
    PATROL = "patrol", _l("巡场检查")
    CLOSING = "closing", _l("收市检查")
    DAILY = "daily", _l("日间检查")
    WEEKLY = "weekly", _l("每周检查")
    MONTHLY = "monthly", _l("每月检查")
    QUARTERLY = "quarterly", _l("每季检查")
    YEARLY = "yearly", _l("每年检查")
    EVENT = "event", _l("遇事检查")


class Rotation(Labelled):
    """Whether an item covers everything each time, one zone of the day, or a sample."""

    NONE = "none", _l("全场")
    ZONE = "zone", _l("当日区域")
    SAMPLE = "sample", _l("抽查")


class ItemKind(Labelled):
    """How an item is answered."""

    TICK = "tick", _l("看一看")
    NUMBER = "number", _l("填读数")
    COUNT = "count", _l("填数量")
    CHOICE = "choice", _l("选一项")
    DATE = "date", _l("填日期")
    TEXT = "text", _l("填编号")
    SCAN = "scan", _l("扫码")


class Evidence(Labelled):
    """What proves an answer."""

    NONE = "none", _l("不用")
    PHOTO = "photo", _l("照片")
    SCAN = "scan", _l("扫码")
    SIGNATURE = "signature", _l("签名")
    FILE = "file", _l("文件")


class Grade(Labelled):
    """The proposed grade of a failed item; 重大 is a department's to decide, never ours."""

    MINOR = "minor", _l("一般")
    SERIOUS = "serious", _l("较大")


class Category(Shared, Base):
    """A hazard category and the function that leads in it by default."""

    __tablename__ = "category"

    code: Mapped[str] = mapped_column(sa.String(8), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    function_code: Mapped[str] = mapped_column(sa.String(40))


class Checklist(Shared, Identified, Base):
    """One version of one official list (core, wet, clothing, building, food)."""

    __tablename__ = "checklist"
    __table_args__ = (sa.UniqueConstraint("code", "version_no"),)

    code: Mapped[ListCode]
    version_no: Mapped[int]
    issuer_id: Mapped[int] = mapped_column(BigId)
    """The organisation whose draft it is; others see it once it is published."""
    state: Mapped[ListState] = mapped_column(default=ListState.DRAFT)
    effective_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    drafter_ids: Mapped[list[int]] = mapped_column(default=list)
    """Everybody who worked on the draft; none of them publishes it."""
    drafted_at: Mapped[datetime] = mapped_column(default=clock.now)
    published_by_id: Mapped[int | None] = mapped_column(BigId)
    published_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    items: Mapped[list["ChecklistItem"]] = relationship(
        back_populates="checklist",
        order_by="ChecklistItem.position",
        lazy="raise",
        cascade="all, delete-orphan",
    )

    __mapper_args__ = {"version_id_col": version}


class ItemFacts:
    """What is known of an item, official or a company's own."""

    code: Mapped[str] = mapped_column(sa.String(12))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120))
    title_en: Mapped[str] = mapped_column(sa.String(240), default="")
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    slots: Mapped[list[str]]
    rotation: Mapped[Rotation] = mapped_column(default=Rotation.NONE)
    event: Mapped[str] = mapped_column(sa.String(60), default="")
    kind: Mapped[ItemKind] = mapped_column(default=ItemKind.TICK)
    unit: Mapped[str] = mapped_column(sa.String(20), default="")
    low: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 3))
    high: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 3))
    is_low_inclusive: Mapped[bool] = mapped_column(default=True)
    is_high_inclusive: Mapped[bool] = mapped_column(default=True)
    choices: Mapped[list[str]] = mapped_column(default=list)
    target_note: Mapped[str] = mapped_column(sa.Text, default="")
    evidence_pass: Mapped[str] = mapped_column(sa.String(20), default=Evidence.NONE.value)
    evidence_fail: Mapped[str] = mapped_column(sa.String(20), default=Evidence.PHOTO.value)
    phrases: Mapped[list[str]] = mapped_column(default=list)
    category: Mapped[str] = mapped_column(sa.String(8))
    grade: Mapped[Grade] = mapped_column(default=Grade.MINOR)
    may_be_major: Mapped[bool] = mapped_column(default=False)
    hazard_code: Mapped[str] = mapped_column(sa.String(12), default="")
    function_code: Mapped[str] = mapped_column(sa.String(40), default="")
    criterion: Mapped[str] = mapped_column(sa.Text, default="")
    criterion_en: Mapped[str] = mapped_column(sa.Text, default="")
    method: Mapped[str] = mapped_column(sa.Text, default="")
    basis: Mapped[str] = mapped_column(sa.Text, default="")
    provenance: Mapped[str] = mapped_column(sa.String(40), default="")


class ChecklistItem(Shared, Identified, ItemFacts, Base):
    """One item of one version; codes never change or get reused."""

    __tablename__ = "checklist_item"
    __table_args__ = (sa.UniqueConstraint("checklist_id", "code"),)

    checklist_id: Mapped[int] = mapped_column(sa.ForeignKey("checklist.id"))

    checklist: Mapped[Checklist] = relationship(back_populates="items", lazy="raise")
