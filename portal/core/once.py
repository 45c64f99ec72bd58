"""Once-tokens: a write carries one, kept in the same transaction, so that a repeat is answered and not done again.

A failed write is an unknown outcome (the row may be there all the same), and a double click is two writes; both
are answered from the first one's row.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import cast

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock, db
from portal.core.db import Base
from portal.core.reach import Machinery

KEPT_FOR = timedelta(days=3)
SHORTEST, LONGEST = 16, 64


class Once(Machinery, Base):
    """A write that was carried out, and how it was answered."""

    __tablename__ = "once"

    token_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.BigInteger)
    path: Mapped[str] = mapped_column(sa.String(400))
    status: Mapped[int] = mapped_column(default=0)
    location: Mapped[str] = mapped_column(sa.Text, default="")
    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)


_table = cast(sa.Table, Once.__table__)
# Run by every write, so built once.
SETTLED = sa.update(_table).where(_table.c.token_hash == sa.bindparam("key"))
SETTLED = SETTLED.values(status=sa.bindparam("status"), location=sa.bindparam("location"))


def new_token() -> str:
    """A token for one form."""
    return secrets.token_urlsafe(18)


def is_token(text: str) -> bool:
    return SHORTEST <= len(text) <= LONGEST and text.isascii() and text.isprintable()


def find(token: str, person_id: int, path: str) -> Once | None:
    """The write this person already made with this token at this address."""
    done = db.session.get(Once, _hash(token, person_id, path))
    return done if done is not None and done.status else None


def claim(token: str, person_id: int, path: str) -> str | None:
    """Enter the token in this transaction, waiting for a twin; None when it was carried out before."""
    key = _hash(token, person_id, path)
    is_new = db.insert_if_new(
        Once, token_hash=key, person_id=person_id, path=path[:400], status=0, location="", at=clock.now()
    )
    return key if is_new else None


def settle(key: str, status: int, location: str) -> None:
    """Keep how the claimed write was answered."""
    db.session.execute(SETTLED, {"key": key, "status": status, "location": location})


def sweep() -> int:
    """Forget tokens no form can still hold; say how many."""
    old = sa.delete(Once).where(Once.at < clock.now() - KEPT_FOR)
    return db.session.execute(old).rowcount  # type: ignore[attr-defined,no-any-return]


def _hash(token: str, person_id: int, path: str) -> str:
    return hashlib.sha256(f"{person_id}\n{path}\n{token}".encode()).hexdigest()
