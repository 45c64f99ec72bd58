"""Kept forms: what somebody had typed when the session ran out, given back after signing in again."""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from portal.accounts import queries
from portal.accounts.models import KeptForm
from portal.core import aside, clock, db, identity, unkept
from portal.core.aside import Kind

LARGEST = 256_000
"""Bytes of all fields together."""
LIVES = timedelta(hours=2)
TOKEN_BYTES = 24
LONGEST_PATH = 800


def keep_form(
    path: str, fields: Mapping[str, Sequence[str]], person_id: int | None, files: Iterable[str] = ()
) -> str | None:
    """Keep what was typed for the person whose session ran out; gives the token, or None where nothing is kept.

    Nobody's form is kept: handed to whoever signs in next, it would let a stranger put words into his mouth.
    Passwords, codes, tokens and identity numbers are left out.
    """
    plain = unkept.without_secrets({name: list(values) for name, values in fields.items()})
    pairs = [[name, value] for name, values in plain.items() for value in values]
    is_small = len(json.dumps(pairs, ensure_ascii=False).encode()) <= LARGEST
    if person_id is None or not is_small or len(path) > LONGEST_PATH or not pairs:
        return None
    token = secrets.token_urlsafe(TOKEN_BYTES)
    aside.note(
        Kind.KEPT_FORM,
        _add,
        token_hash=queries.hashed(token),
        person_id=person_id,
        path=identity.masked(path),
        fields=pairs,
        files=[identity.masked(name[:200]) for name in files if name],
        expires_at=clock.now() + LIVES,
    )
    return token


def _add(**facts: Any) -> None:
    db.session.add(KeptForm(**facts))


def sweep() -> int:
    """Drop what nobody came back for; say how many."""
    old = sa.delete(KeptForm).where(KeptForm.expires_at <= clock.now())
    return db.session.execute(old).rowcount  # type: ignore[attr-defined,no-any-return]
