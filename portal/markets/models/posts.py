"""Posts: who answers for what in a market, from when to when."""

from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.accounts.models import Person
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Housed
from portal.markets.models.places import Market


class PostKind(Labelled):
    """What a person answers for; the first six sign records."""

    HEAD = "head", _l("负责人")
    SAFETY_MANAGER = "safety_manager", _l("安全管理人")
    FOOD_SAFETY_OFFICER = "food_safety_officer", _l("食品安全员")
    FOOD_SAFETY_DIRECTOR = "food_safety_director", _l("食品安全总监")
    TESTER = "tester", _l("快检员")
    METROLOGIST = "metrologist", _l("计量员")
    PATROLLER = "patroller", _l("巡查员")
    SERVICE_CLERK = "service_clerk", _l("服务专员")


class Post(Housed, Identified, Base):
    """A person holds a post in a market; it also lets him see the market."""

    __tablename__ = "post"
    __table_args__ = (
        sa.CheckConstraint("to_on IS NULL OR to_on >= from_on", name="ends_after_it_begins"),
        sa.Index(
            "uq_post_held",
            "company_id",
            "market_id",
            "person_id",
            "kind",
            unique=True,
            sqlite_where=sa.text("to_on IS NULL"),
            postgresql_where=sa.text("to_on IS NULL"),
        ),
        sa.Index("ix_post_person", "person_id", "market_id"),
    )

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"), index=True)
    person_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("person.id"))
    kind: Mapped[PostKind]
    from_on: Mapped[date]
    to_on: Mapped[date | None]
    """The last day of the post."""
    version: Mapped[int] = mapped_column()

    market: Mapped[Market] = relationship(lazy="raise")
    person: Mapped[Person] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}

    def is_held_on(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day <= self.to_on)
