"""The nightly sweep: files nobody speaks of go after a day, files somebody misses are told."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db, errands
from portal.core.actor import SYSTEM
from portal.evidence import operations, queries, storage
from portal.evidence.models import Attachment, Blob

log = logging.getLogger(__name__)

GRACE = timedelta(hours=24)
BATCH = 500


@dataclass
class Compared:
    """What a look found: files without a row, and blobs that miss theirs, have it again, or serve nothing."""

    orphans: list[str] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    found: list[int] = field(default_factory=list)
    unused: list[int] = field(default_factory=list)


@errands.schedule("evidence.sweep", at=time(3, 20), lease=timedelta(hours=2))
def sweep(_data: dict[str, Any]) -> None:
    """Look first, for the look is long and must not hold the write lock; then write what changed."""
    before = clock.now() - GRACE
    with db.opened(errands.CITY, writes=False):
        compared = _compare(before)
    store = storage.store()
    gone = sum(store.forget(sha256, before) for sha256 in compared.orphans)
    halves = store.drop_halves(before)
    _enter(compared)
    log.info(
        "evidence: %s files deleted, %s halves, %s rows without file", gone, halves, len(compared.missing)
    )


def _compare(before: datetime) -> Compared:
    store, compared = storage.store(), Compared()
    old = [kept.sha256 for kept in store.walk() if kept.since < before]
    for batch in _batches(old):
        compared.orphans += sorted(set(batch) - queries.spoken_of(batch))
    for blob_id, sha256, thumb_sha256, missing_since, is_used, created_at in _rows():
        has_file = store.has(sha256) and (thumb_sha256 is None or store.has(thumb_sha256))
        if not is_used and created_at < before:
            compared.unused.append(blob_id)
        elif not has_file and missing_since is None:
            compared.missing.append(blob_id)
        elif has_file and missing_since is not None:
            compared.found.append(blob_id)
    return compared


def _rows() -> Iterator[Any]:
    is_used = sa.exists().where(Attachment.blob_id == Blob.id)
    columns = (Blob.id, Blob.sha256, Blob.thumb_sha256, Blob.missing_since, is_used, Blob.created_at)
    last = 0
    while rows := db.session.execute(
        sa.select(*columns).where(Blob.id > last).order_by(Blob.id).limit(BATCH)
    ).all():
        yield from rows
        last = rows[-1].id


def _enter(compared: Compared) -> None:
    actor = SYSTEM(errands.CITY)
    for blob in _blobs(compared.missing):
        log.error("the file of blob %s is missing", blob.id)
        operations.note_missing(blob, actor)
    for blob in _blobs(compared.found):
        operations.note_found(blob, actor)
    for batch in _batches(compared.unused):
        still_unused = ~sa.exists().where(Attachment.blob_id == Blob.id)
        db.session.execute(sa.delete(Blob).where(Blob.id.in_(batch), still_unused))


def _blobs(ids: Sequence[int]) -> Iterator[Blob]:
    for batch in _batches(ids):
        yield from db.session.scalars(sa.select(Blob).where(Blob.id.in_(batch)))


def _batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
