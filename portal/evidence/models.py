"""What we remember about photos and files: the bytes, and what they were handed in for."""

from datetime import datetime

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.core import clock
from portal.core.db import Base, BigId, Identified
from portal.core.labels import Labelled
from portal.core.reach import Machinery, OfVendor, Owned

HASH = sa.String(64)


class Kind(Labelled):
    """What is kept: a picture drawn anew, or a document as it came."""

    PHOTO = "photo", _l("照片")
    DOCUMENT = "document", _l("文件")


class Purpose(Labelled):
    """What an attachment is there for."""

    FOUND = "found", _l("检查照片")
    BEFORE = "before", _l("改前")
    AFTER = "after", _l("改后")
    PAPER = "paper", _l("证照")
    MATERIAL = "material", _l("材料")
    RESULT = "result", _l("结果")
    PLAN = "plan", _l("方案")


class Blob(Machinery, Identified, Base):
    """Bytes that lie in the storage, known inside one company: two companies never learn of a common file."""

    __tablename__ = "blob"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "sha256", "sha256_in"),
        sa.Index("ix_blob_history", "company_id", "kind", "id"),
    )

    company_id: Mapped[int] = mapped_column(BigId)
    sha256: Mapped[str] = mapped_column(HASH, index=True)
    """Of what is kept."""
    sha256_in: Mapped[str] = mapped_column(HASH)
    """Of what came; a phone asks by it which of its photos are still missing."""
    thumb_sha256: Mapped[str | None] = mapped_column(HASH, index=True)
    phash: Mapped[str | None] = mapped_column(sa.String(16))
    """What the picture looks like, as 64 bits; None where it shows too little to tell."""
    kind: Mapped[Kind]
    size: Mapped[int]
    """In bytes."""
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    missing_since: Mapped[datetime | None] = mapped_column(index=True)
    """Since when the nightly look no longer found the file."""


class Attachment(Owned, OfVendor, Identified, Base):
    """A photo or a file as part of an owned row, and only served through it.

    ``taken_at`` and ``position`` are what the camera wrote and prove nothing by themselves.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        sa.UniqueConstraint("company_id", "owner_kind", "owner_id", "part", "role", "blob_id"),
        sa.Index("ix_attachment_owner", "owner_kind", "owner_id", "id"),
    )

    owner_kind: Mapped[str] = mapped_column(sa.String(60))
    """The table of the row it belongs to."""
    owner_id: Mapped[int] = mapped_column(BigId)
    part: Mapped[str] = mapped_column(sa.String(60), default="")
    """Which part of the owner: an item of a checklist, a material of an application."""
    role: Mapped[Purpose]
    blob_id: Mapped[int] = mapped_column(BigId, sa.ForeignKey("blob.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120), default="")
    by_person_id: Mapped[int] = mapped_column(BigId)
    by_name: Mapped[str] = mapped_column(sa.String(80))
    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    taken_at: Mapped[datetime | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]

    blob: Mapped[Blob] = relationship(lazy="raise")

    @property
    def position(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees, as claimed."""
        if self.latitude is None or self.longitude is None:
            return None
        return self.latitude, self.longitude

    @property
    def is_photo(self) -> bool:
        return self.blob.kind is Kind.PHOTO
