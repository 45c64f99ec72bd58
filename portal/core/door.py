"""Doors: what opens without a person (a sign, a receipt, a verification page), by an unguessable, revocable code."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock, db
from portal.core.db import Base, Identified
from portal.core.reach import Machinery, Owned, Reach, Sight


class Door(Machinery, Identified, Base):
    """A code that opens one thing of one market; only its hash is kept."""

    __tablename__ = "door"
    __table_args__ = (sa.Index("ix_door_subject", "opens", "subject_id"),)

    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    opens: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int] = mapped_column(sa.BigInteger)
    company_id: Mapped[int] = mapped_column(sa.BigInteger)
    community_code: Mapped[str] = mapped_column(sa.String(12))
    town_code: Mapped[str] = mapped_column(sa.String(9))
    vendor_id: Mapped[int | None] = mapped_column(sa.BigInteger)
    made_at: Mapped[datetime] = mapped_column(default=clock.now)
    revoked_at: Mapped[datetime | None]

    @property
    def reach(self) -> Reach:
        """The reach in which the thing behind the door is looked up."""
        return Reach(Sight.COMPANY, str(self.company_id))


def make(opens: str, subject: Owned, *codes: str) -> str:
    """Put doors before a row: those codes where they are given (a record's hash), else one of 128 random bits.

    A door that stands already stays as it is.
    """
    given = codes or (new_code(),)
    db.insert_all_new(Door, [_row(opens, subject, code) for code in given])
    return given[0]


def make_each(opens: str, codes: Mapping[str, Owned]) -> None:
    """Put one door before each of many rows, by its code, in one statement."""
    db.insert_all_new(Door, [_row(opens, subject, code) for code, subject in codes.items()])


def new_code() -> str:
    """128 random bits, as they stand in an address."""
    return secrets.token_urlsafe(16)


def _row(opens: str, subject: Owned, code: str) -> dict[str, Any]:
    return {
        "token_hash": token_hash(code),
        "opens": opens,
        "subject_id": subject.id,  # type: ignore[attr-defined]
        "company_id": subject.company_id,
        "community_code": subject.community_code,
        "town_code": subject.town_code,
        "made_at": clock.now(),
    }


def find(opens: str, code: str) -> Door | None:
    """The door this code opens, unless it was revoked."""
    door = look(opens, code)
    return door if door is not None and door.revoked_at is None else None


def look(opens: str, code: str) -> Door | None:
    """The door of this code, revoked or not: for pages that tell a code taken back from one that never was."""
    query = sa.select(Door).where(Door.token_hash == token_hash(code), Door.opens == opens)
    return db.session.scalars(query).first()


def revoke(opens: str, subject: Owned) -> None:
    """Shut every door before a row for good; the codes are still known, and open nothing."""
    db.session.execute(
        sa.update(Door)
        .where(Door.opens == opens, Door.subject_id == subject.id, Door.revoked_at.is_(None))  # type: ignore[attr-defined]
        .values(revoked_at=clock.now())
    )


def token_hash(code: str) -> str:
    """What is kept of a code."""
    return hashlib.sha256(code.encode()).hexdigest()
