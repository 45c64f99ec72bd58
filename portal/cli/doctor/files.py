"""The files: can they be kept, are those that rows speak of there, and are they what they were?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from portal.cli.doctor.findings import Look, Said, ok, warn, wrong
from portal.cli.keeping import archive
from portal.core import clock, db
from portal.core.reach import beyond_reach
from portal.evidence import queries, storage
from portal.evidence.models import Blob
from portal.evidence.storage import LocalStorage

SAMPLE = 200
BATCH = 500
SWEPT_AFTER = timedelta(days=2)
"""The sweep takes what is a day old, once a night."""
NAMED = 5


def kept(look: Look) -> Said:
    """Writable; every file of the sample, or every file, there and itself; and none that no row speaks of."""
    if not look.settings.files.is_dir():
        yield ok("nothing was handed in yet")
    store = storage.use(look.settings)
    yield from _writable(store, look.settings.home)
    with beyond_reach("the doctor"), db.opened(None, writes=False):
        yield from _spoken_of(store, look)
        yield from _unspoken(store)


def _writable(store: LocalStorage, home: Path) -> Said:
    try:
        with store.draft() as draft:
            draft.write_bytes(b"the doctor was here")
    except OSError as error:
        yield wrong(f"nothing can be kept in {home}: {error.strerror}")
    else:
        yield ok("can be kept")


def _spoken_of(store: LocalStorage, look: Look) -> Said:
    seen, gone, spoiled = 0, [], []
    for sha256 in _hashes(None if look.is_thorough else SAMPLE):
        seen += 1
        try:
            with store.open(sha256) as file:
                if archive.sum_of(file)[0] != sha256:
                    spoiled.append(sha256)
        except OSError:
            gone.append(sha256)
    for fault, found in (("are missing", gone), ("are no longer what they were", spoiled)):
        if found:
            yield wrong(f"{len(found)} of {seen} looked at {fault}: {', '.join(found[:NAMED])}")
    if not gone and not spoiled:
        yield ok(f"{seen} looked at are there and what they were")


def _hashes(most: int | None) -> Iterator[str]:
    """The files of all blobs, or of some drawn by lot."""
    query = sa.select(Blob.sha256, Blob.thumb_sha256)
    query = query.order_by(Blob.id) if most is None else query.order_by(sa.func.random()).limit(most)
    for row in db.session.execute(query, execution_options={"yield_per": BATCH}):
        yield from (sha256 for sha256 in row if sha256)


def _unspoken(store: LocalStorage) -> Said:
    before = clock.now() - SWEPT_AFTER
    batch: list[str] = []
    unspoken = 0
    for one in store.walk():
        if one.since < before:
            batch.append(one.sha256)
        if len(batch) == BATCH:
            unspoken += len(set(batch) - queries.spoken_of(batch))
            batch = []
    unspoken += len(set(batch) - queries.spoken_of(batch))
    if unspoken:
        yield warn(
            f"{unspoken} files older than two days that no row speaks of: the nightly sweep does not run"
        )
    else:
        yield ok("none that no row speaks of")
