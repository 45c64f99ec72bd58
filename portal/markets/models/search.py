"""Search words: names and their pinyin initials, compared by range so that every reach finds them by index."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, orm_insert_sentinel

from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Owned

LONGEST_WORD = 60
BY_SIGNS = sa.String(LONGEST_WORD).with_variant(sa.String(LONGEST_WORD, collation="C"), "postgresql")
"""Compared sign by sign: the order of a language would put a-017 among the words without a hyphen."""


class Found(Labelled):
    """What a word leads to."""

    MARKET = "market", _l("市场")
    STALL = "stall", _l("档口")
    VENDOR = "vendor", _l("商户")
    EQUIPMENT = "equipment", _l("设备")


class SearchWord(Owned, Identified, Base):
    """One word by which one row is found, in lower case."""

    __tablename__ = "search_word"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "kind", "subject_id", "word"),
        sa.Index("ix_search_word_company", "company_id", "word"),
        sa.Index("ix_search_word_community", "community_code", "word"),
        sa.Index("ix_search_word_town", "town_code", "word"),
        sa.Index("ix_search_word_city", "word"),
    )

    market_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("market.id"), index=True)
    kind: Mapped[Found]
    subject_id: Mapped[int] = mapped_column(BigId)
    word: Mapped[str] = mapped_column(BY_SIGNS)
    batch_position: Mapped[int | None] = orm_insert_sentinel()
    """Lets SQLite insert the words of a whole market in one statement; means nothing afterwards."""
