"""What we remember about areas, department functions and organisations."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core import clock
from portal.core.db import Base, Identified
from portal.core.labels import Labelled
from portal.core.reach import Shared


class Level(Labelled):
    """How high an area stands; ``length`` says how many digits its code has."""

    CITY = "city", _l("市")
    TOWN = "town", _l("镇街")
    COMMUNITY = "community", _l("村（社区）")

    @property
    def length(self) -> int:
        return {"city": 6, "town": 9, "community": 12}[self.value]


class Kind(Labelled):
    """What an organisation is."""

    COMPANY = "company", _l("市场公司")
    COMMUNITY = "community", _l("村（社区）工作站")
    TOWN = "town", _l("镇街指挥中心")
    DEPARTMENT = "department", _l("部门")
    CITY = "city", _l("市级主管")
    PLATFORM = "platform", _l("平台运维")


def cut(code: str, level: Level) -> str:
    """The code of the area of ``level`` that ``code`` lies in.

    Codes are cut by length, never by stripping zeros: 常平镇 441900110 without its zero would open nine other towns.
    Raises ValueError where ``code`` is shorter than the level asked for.
    """
    if len(code) < level.length:
        raise ValueError(f"{code!r} names no {level.value}")
    return code[: level.length]


def level_of(code: str) -> Level:
    """The level a code of ours stands for.  Raises ValueError for any other length."""
    for level in Level:
        if len(code) == level.length:
            return level
    raise ValueError(f"{code!r} is no area code")


class Area(Shared, Base):
    """A city, a town or a community of the statistical divisions."""

    __tablename__ = "area"

    code: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    level: Mapped[Level]
    parent_code: Mapped[str | None] = mapped_column(sa.String(12), sa.ForeignKey("area.code"), index=True)
    retired_on: Mapped[date | None]
    """The day a load no longer named it; the row stays, for old records point to it."""
    successor_code: Mapped[str | None] = mapped_column(sa.String(12), sa.ForeignKey("area.code"))

    @property
    def id(self) -> int:
        """The number the journal knows it by."""
        return int(self.code)

    @property
    def is_retired(self) -> bool:
        return self.retired_on is not None


class AreaLoad(Identified, Shared, Base):
    """One load of the divisions, so that the page can say how old they are."""

    __tablename__ = "area_load"
    __append_only__ = True

    loaded_at: Mapped[datetime] = mapped_column(default=clock.now)
    by_name: Mapped[str] = mapped_column(sa.String(60))
    row_count: Mapped[int]
    added_count: Mapped[int]
    renamed_count: Mapped[int]
    retired_count: Mapped[int]


class Function(Shared, Base):
    """What a department is in charge of."""

    __tablename__ = "function"

    code: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    name_en: Mapped[str] = mapped_column(sa.String(80))
    level_note: Mapped[str] = mapped_column(sa.String(120), default="")
    """At which level it sits; for some towns there is none."""


class Organisation(Identified, Shared, Base):
    """A body that people act for: its name card is read by everybody."""

    __tablename__ = "organisation"
    __table_args__ = (
        sa.Index("ix_organisation_list", "area_code", "id"),
        sa.CheckConstraint("kind != 'company' OR length(area_code) = 12", name="company_in_community"),
        sa.CheckConstraint("kind != 'community' OR length(area_code) = 12", name="community_in_community"),
        sa.CheckConstraint("kind != 'town' OR length(area_code) = 9", name="town_in_town"),
    )

    kind: Mapped[Kind]
    name: Mapped[str] = mapped_column(sa.String(80))
    short_name: Mapped[str] = mapped_column(sa.String(30))
    area_code: Mapped[str] = mapped_column(sa.String(12), sa.ForeignKey("area.code"))
    uscc: Mapped[str | None] = mapped_column(sa.String(18), unique=True)
    """Unified social credit code, GB 32100-2015."""
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    version: Mapped[int] = mapped_column()

    area: Mapped[Area] = relationship(lazy="raise")
    functions: Mapped[list["OrganisationFunction"]] = relationship(
        lazy="raise", back_populates="organisation", cascade="all, delete-orphan"
    )

    __mapper_args__: dict[str, Any] = {"version_id_col": version}

    @property
    def town_code(self) -> str | None:
        """The town it stands in, or None for a body of the city."""
        return cut(self.area_code, Level.TOWN) if len(self.area_code) >= Level.TOWN.length else None

    @property
    def function_codes(self) -> frozenset[str]:
        return frozenset(line.function_code for line in self.functions)


class OrganisationFunction(Shared, Base):
    """One function of one department."""

    __tablename__ = "organisation_function"

    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), primary_key=True)
    function_code: Mapped[str] = mapped_column(sa.ForeignKey("function.code"), primary_key=True)

    organisation: Mapped[Organisation] = relationship(lazy="raise", back_populates="functions")
