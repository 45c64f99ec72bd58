"""The journal as an auditor reads it: newest first, narrowed by who, what, which and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db
from portal.core.journal import JournalLine, JournalSeal
from portal.territory.models import Organisation

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What of the journal is asked for; an empty field asks for everything."""

    name: str = ""
    verb: str = ""
    subject_kind: str = ""
    subject_id: int | None = None
    organisation_id: int | None = None
    first: date | None = None
    last: date | None = None
    before: int | None = None
    """The id of the line the page before ended with."""


@dataclass(frozen=True)
class Found:
    """A page of the journal, and the id the next one begins before (None on the last)."""

    lines: Sequence[JournalLine]
    organisations: dict[int, Organisation]
    next_before: int | None


def find(wanted: Wanted) -> Found:
    """Up to fifty lines, the latest first."""
    query = narrowed(sa.select(JournalLine), wanted).order_by(JournalLine.id.desc()).limit(PAGE + 1)
    lines = list(db.session.scalars(query))
    more = lines[PAGE - 1].id if len(lines) > PAGE else None
    return Found(lines[:PAGE], _organisations(lines[:PAGE]), more)


def narrowed(query: Any, wanted: Wanted) -> Any:
    """A query about lines of the journal, cut down to what is asked for."""
    equal = {
        JournalLine.actor_name: wanted.name,
        JournalLine.verb: wanted.verb,
        JournalLine.subject_kind: wanted.subject_kind,
        JournalLine.subject_id: wanted.subject_id,
        JournalLine.organisation_id: wanted.organisation_id,
    }
    for column, value in equal.items():
        if value not in ("", None):
            query = query.where(column == value)
    if wanted.first:
        query = query.where(JournalLine.at >= clock.at_local(wanted.first, time.min))
    if wanted.last and wanted.last < date.max:
        query = query.where(JournalLine.at < clock.at_local(wanted.last + timedelta(days=1), time.min))
    if wanted.before is not None:
        query = query.where(JournalLine.id < wanted.before)
    return query


def _organisations(lines: Sequence[JournalLine]) -> dict[int, Organisation]:
    ids = {line.organisation_id for line in lines}
    if not ids:
        return {}
    found = db.session.scalars(sa.select(Organisation).where(Organisation.id.in_(ids)))
    return {one.id: one for one in found}


def last_seal() -> JournalSeal | None:
    """The newest seal; what came after it waits for the next."""
    return db.session.scalars(sa.select(JournalSeal).order_by(JournalSeal.id.desc()).limit(1)).first()
