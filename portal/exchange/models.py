"""What we remember about workbooks that came in and lists that went out."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock, secrets_box
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Machinery, Owned
from portal.exchange.workflow import ExportState, ImportState, WhyNot

HASH = sa.String(64)


class ImportKind(Labelled):
    """Which list a workbook brings."""

    STALLS = "stalls", _l("档口")
    VENDORS = "vendors", _l("商户和证照")
    PEOPLE = "people", _l("人员")
    EQUIPMENT = "equipment", _l("设备")


class Verdict(Labelled):
    """What a row of a workbook would do."""

    NEW = "new", _l("新增")
    CHANGED = "changed", _l("更新")
    SAME = "same", _l("没有变化")
    WRONG = "wrong", _l("有错")
    LEFT_OUT = "left_out", _l("不是数据行")


class Import(Owned, Identified, Base):
    """One workbook brought in for one market: judged first, taken over whole or not at all."""

    __tablename__ = "import"
    __table_args__ = (
        sa.Index("ix_import_market", "market_id", "id"),
        sa.Index(
            "uq_import_running",
            "company_id",
            "market_id",
            unique=True,
            sqlite_where=sa.text("state IN ('waiting', 'applying')"),
            postgresql_where=sa.text("state IN ('waiting', 'applying')"),
        ),
    )

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"))
    kind: Mapped[ImportKind]
    filename: Mapped[str] = mapped_column(sa.String(120))
    size: Mapped[int]
    """In bytes."""
    sha256: Mapped[str] = mapped_column(HASH, index=True)
    """Of the workbook as it came."""
    sealed_sha256: Mapped[str] = mapped_column(HASH, default="", index=True, info=secrets_box.FILE)
    """Of the workbook as it lies sealed in the storage until the import is over; empty once it is gone."""
    marked_sha256: Mapped[str] = mapped_column(HASH, default="", index=True, info=secrets_box.FILE)
    """Of the sealed workbook with its marked cells, where there is something to mend."""
    state: Mapped[ImportState]
    words: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Why it could not be read or taken over (``exchange.words``), for whoever sent it."""
    plan_digest: Mapped[str] = mapped_column(HASH, default="")
    """Of everything it would do; what is taken over is what was shown, or nothing."""
    left_sheets: Mapped[list[str]] = mapped_column(default=list)
    """Other sheets that could be seen and were not read."""
    sheet: Mapped[str] = mapped_column(sa.String(80), default="")
    header_row: Mapped[int] = mapped_column(default=0)
    columns: Mapped[list[Any]] = mapped_column(default=list)
    """Which column of the workbook was taken for what: letter, its header, our field; unknown ones with no field."""
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_all: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Rows by verdict."""
    fault_count: Mapped[int] = mapped_column(default=0)
    by_person_id: Mapped[int] = mapped_column(BigId)
    by_name: Mapped[str] = mapped_column(sa.String(80))
    by_membership_id: Mapped[int] = mapped_column(BigId)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    judged_at: Mapped[datetime | None]
    applied_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": version}


class ImportRow(Owned, Identified, Base):
    """What was found about one row of a workbook; rows that change nothing are only counted."""

    __tablename__ = "import_row"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "import_id", "number"),
        sa.Index("ix_import_row_verdict", "import_id", "verdict", "number"),
    )

    market_id: Mapped[int] = mapped_column(BigId)
    import_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("import.id"))
    number: Mapped[int]
    """The row in the workbook, counted as Excel counts."""
    verdict: Mapped[Verdict]
    key: Mapped[str] = mapped_column(sa.String(80), default="")
    changes: Mapped[list[Any]] = mapped_column(default=list)
    """[{field, old, new}], identity numbers masked."""
    faults: Mapped[list[Any]] = mapped_column(default=list)
    """[{cell, field, words, suggestion}], words as ``exchange.words`` keeps them."""


class Listed(Labelled):
    """Which list goes out; what each holds stands in queries/listings."""

    MARKETS = "markets", _l("市场名单")
    ZONES = "zones", _l("分区清单")
    STALLS = "stalls", _l("档口清单")
    VENDORS = "vendors", _l("商户清单")
    WORKERS = "workers", _l("商户从业人员")
    CORRECTIONS = "corrections", _l("更正申请")
    PAPERS = "papers", _l("证照清单")
    EQUIPMENT = "equipment", _l("设备清单")
    POINTS = "points", _l("巡查点清单")
    SIGNS = "signs", _l("标识码清单")
    CHECKS = "checks", _l("检查清单")
    FINDINGS = "findings", _l("检查发现的问题")
    RECORDS = "records", _l("记录清单")
    REVIEWS = "reviews", _l("社区看自检的清单")
    POSTS = "posts", _l("岗位清单")
    PEOPLE = "people", _l("人员清单")
    ORGANISATIONS = "organisations", _l("单位名单")
    IMPORTS = "imports", _l("导入记录")
    JOURNAL = "journal", _l("日志")
    READS = "reads", _l("查阅记录")


class ExportFormat(Labelled):
    """What a list goes out as."""

    XLSX = "xlsx", _l("Excel 表格（.xlsx）")
    CSV = "csv", _l("CSV 文本（.csv）")


class Export(Machinery, Identified, Base):
    """One list that goes out, made by the worker for one membership and kept for some days."""

    __tablename__ = "export"
    __table_args__ = (
        sa.Index("ix_export_membership", "membership_id", "id"),
        sa.Index("ix_export_person", "person_id", "asked_at"),
        sa.Index("ix_export_expiry", "state", "expires_at"),
    )

    person_id: Mapped[int] = mapped_column(BigId)
    membership_id: Mapped[int] = mapped_column(BigId)
    organisation_id: Mapped[int] = mapped_column(BigId)
    listing: Mapped[str] = mapped_column(sa.String(40))
    """A ``Listed`` by its value; a list that is no longer made keeps its row."""
    format: Mapped[ExportFormat]
    filters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By name, as they stand in an address."""
    told: Mapped[list[Any]] = mapped_column(default=list)
    """The filters in words, pairs, in the language of whoever asked."""
    state: Mapped[ExportState]
    why: Mapped[WhyNot | None]
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_all: Mapped[int] = mapped_column(default=0)
    size: Mapped[int] = mapped_column(default=0)
    """In bytes."""
    sha256: Mapped[str] = mapped_column(HASH, default="", index=True)
    """Of the file; it lies in the storage until it expires."""
    data_sha256: Mapped[str] = mapped_column(HASH, default="")
    """Of the rows alone as a CSV file writes them, the same in both formats."""
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    done_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    downloads: Mapped[int] = mapped_column(default=0)
