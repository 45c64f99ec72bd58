"""An installation with something in it, its archive made while it is used, and archives somebody has tampered with."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from portal.cli import main
from portal.cli.keeping import archive
from portal.cli.keeping.archive import Manifest, Writer
from portal.core import clock, db, schema, secrets_box
from portal.core.settings import Settings
from portal.evidence import operations, storage
from portal.evidence.models import Purpose
from portal.evidence.staging import Staged, stage
from portal.markets.models import Stall, Vendor, VendorKind
from tests import people
from tests.conftest import SECRET
from tests.evidence import pictures
from tests.people import Cast

NUMBER = b"441900190001010000"


def run(settings: Settings, *words: str, key: bytes | None = None) -> Result:
    """Say something to the command line in the name of this installation."""
    env = {
        "PORTAL_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": (key or settings.secret_key).decode(),
    }
    return CliRunner().invoke(main, words, env=env)


def installed(home: Path, url: str) -> tuple[Settings, Cast]:
    """An installation as migrations make it, with the cast in it."""
    settings = Settings(home=home, database_url=url, secret_key=SECRET)
    schema.upgrade(settings)
    secrets_box.use(SECRET)
    storage.use(settings)
    cast = people.gather()
    with db.acting(cast.kuang):
        vendor = Vendor(
            market_id=cast.east.market_id,
            kind=VendorKind.OWN_PRODUCE,
            name="陈样菜地",
            keeper_name="陈样农",
            phone="00000000000",
            started_on=clock.today(),
        ).stands_in(cast.market())
        db.session.add(vendor)
        db.session.flush()
        vendor.id_sealed = secrets_box.seal(NUMBER, secrets_box.about("vendor", "id_sealed", vendor.id))
    return settings, cast


def attach(cast: Cast, seed: int) -> None:
    """One deed as people do it: a photo, its attachment and a line of the journal."""
    staged = stage(pictures.sent(pictures.photo(seed, (64, 48))))
    assert isinstance(staged, Staged)
    with db.acting(cast.mai):
        stall = db.session.get_one(Stall, cast.east.stall_ids[seed % 3])
        operations.attach(staged, stall, f"FS-{seed}", Purpose.FOUND, cast.mai)


@contextmanager
def load(cast: Cast, threads: int = 2) -> Iterator[Callable[[], int]]:
    """People at work until the end of the block; yields how many deeds were done so far."""
    done: list[int] = []
    failures: list[BaseException] = []
    is_over = threading.Event()

    def work(first: int) -> None:
        try:
            for seed in range(first, 100_000, threads):
                if is_over.is_set():
                    return
                attach(cast, seed)
                done.append(seed)
        except BaseException as failure:
            failures.append(failure)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    try:
        yield lambda: len(done)
    finally:
        is_over.set()
        for worker in workers:
            worker.join()
    assert not failures, failures


def rewritten(
    source: Path,
    target: Path,
    *,
    key: bytes = SECRET,
    told: Callable[[Manifest], Manifest] = lambda told: told,
    parts: Callable[[str, bytes], Iterator[tuple[str, bytes]]] = lambda name, content: iter(
        [(name, content)]
    ),
) -> Path:
    """The archive with members and manifest changed and all sums made anew, as a forger would."""
    with target.open("wb") as file:
        writer = Writer(file, clock.now())
        for name, content in archive.members(source):
            kept = content.read()
            if name == archive.MANIFEST:
                kept = told(Manifest.read(kept)).written()
            for new_name, new in parts(name, kept):
                writer.add(new_name, new)
        writer.finish(key)
    return target


def with_sum(told: Manifest, table: str, lines: bytes) -> Manifest:
    """The manifest with the sum of other lines for one table."""
    sums: dict[str, Any] = {"sha256": hashlib.sha256(lines).hexdigest(), "rows": lines.count(b"\n")}
    tables = [replace(one, **sums) if one.name == table else one for one in told.tables]
    return replace(told, tables=tables)
