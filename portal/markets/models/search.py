"""Search words: names and their pinyin initials, compared by range so that every reach finds them by index."""

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Owned


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
    word: Mapped[str] = mapped_column(sa.String(60))
