"""`portal backup`: the database as it stood at one moment, and every file, in one archive, while the portal is used.

The rows are read in one snapshot, which holds up nobody.  Files are copied after it: they are never changed, and one
that loses its row is kept for a day.
"""

import hashlib
import os
import re
import secrets
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, NamedTuple

import click
import sqlalchemy as sa

from portal import tables
from portal.cli.keeping import archive, rows
from portal.cli.keeping.archive import Files, Kept, Manifest, Writer
from portal.core import clock, db, schema
from portal.core.db import Base
from portal.core.reach import beyond_reach
from portal.core.settings import Settings, UnsafeSettings
from portal.evidence import storage

SPOKEN_OF = {"blob": ("sha256", "thumb_sha256"), "import": ("sealed_sha256", "marked_sha256")}
"""The columns that name files which must be there; whatever else lies in the storage is taken along."""
INCOMPLETE = 3
"""What the command ends with when the archive was written and a file was missing."""


class Made(NamedTuple):
    """An archive that was written."""

    path: Path
    sha256: str
    manifest: Manifest


class CannotBackUp(Exception):
    """Nothing was written; the text says why."""


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
def backup(target: Path) -> None:
    """Write database and files into one archive: TARGET, or a new file in TARGET where that is a folder."""
    try:
        settings = Settings.from_environment()
        prepare(settings)
        made = back_up(settings, target)
    except (CannotBackUp, UnsafeSettings, OSError, sa.exc.DBAPIError) as error:
        raise click.ClickException(f"no backup was made: {_words(error)}") from error
    told, files = made.manifest, made.manifest.files
    click.echo(
        f"{made.path}: {len(told.tables)} tables, {told.rows} rows, {files.count} files, {files.bytes} bytes"
    )
    click.echo(f"SHA-256 {made.sha256}")
    click.echo(
        f"SECRET_KEY is not in it (fingerprint {told.key}): keep it elsewhere, what is sealed opens with it alone"
    )
    if told.missing:
        for sha256 in told.missing:
            click.echo(f"missing or damaged: {sha256}", err=True)
        click.echo(f"{len(told.missing)} files are not in the archive; the rest is", err=True)
        raise SystemExit(INCOMPLETE)


def prepare(settings: Settings) -> None:
    """Choose database and storage; raises CannotBackUp where there is no installation."""
    tables.load()
    storage.use(settings)
    url = sa.make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise CannotBackUp(f"there is no database at {url.database}")
    db.use(settings.database_url)


def back_up(settings: Settings, target: Path) -> Made:
    """Write the archive beside its place, sync it, and name it when it is whole; see ``backup``."""
    made_at = clock.now()
    path = _place(target, made_at)
    _check_revision()
    with _draft(path) as file:
        writer = Writer(file, made_at)
        with _snapshot() as connection:
            wanted: set[bytes] = set()
            kept = [_write_table(writer, connection, table, wanted) for table in Base.metadata.sorted_tables]
        files, missing = _write_files(writer, wanted)
        manifest = Manifest(
            format=archive.FORMAT,
            portal=version(),
            revision=schema.newest(),
            made_at=made_at.isoformat(),
            dialect=db.database().engine.dialect.name,
            key=archive.fingerprint(settings.secret_key),
            tables=kept,
            files=files,
            missing=missing,
        )
        writer.add(archive.MANIFEST, manifest.written())
        return Made(path, writer.finish(settings.secret_key), manifest)


def version() -> str:
    """Which version of the portal this is, as pyproject.toml says."""
    file = Path(__file__).parents[3] / "pyproject.toml"
    return (
        str(tomllib.loads(file.read_text(encoding="utf-8"))["project"]["version"]) if file.is_file() else ""
    )


def _words(error: Exception) -> str:
    if isinstance(error, sa.exc.DBAPIError):
        return f"the database says {str(error.orig).splitlines()[0]}"
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


def _place(target: Path, made_at: datetime) -> Path:
    name = f"portal-{clock.local(made_at):%Y%m%d-%H%M%S}.tar"
    path = target / name if target.is_dir() else target
    if path.exists():
        raise CannotBackUp(f"{path} is there already")
    if not path.parent.is_dir():
        raise CannotBackUp(f"there is no folder {path.parent}")
    return path


def _check_revision() -> None:
    with db.database().engine.connect() as connection:
        there = schema.revision(connection)
    if there != schema.newest():
        raise CannotBackUp(
            f"the database stands at migration {there or 'none'}, this version at {schema.newest()}; run portal upgrade"
        )


@contextmanager
def _draft(path: Path) -> Iterator[IO[bytes]]:
    """A file of one's own beside ``path``, which becomes it when all is written and synced, or goes."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        storage.sync_folder(path.parent)
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


@contextmanager
def _snapshot() -> Iterator[sa.Connection]:
    """Every row of every table as of one moment: whoever writes meanwhile writes on, unseen."""
    with beyond_reach("a backup"), db.opened(None, writes=False) as look:
        is_postgres = db.database().engine.dialect.name == "postgresql"
        options = {"isolation_level": "REPEATABLE READ"} if is_postgres else {}
        yield look.connection(execution_options=options)


def _write_table(writer: Writer, connection: sa.Connection, table: sa.Table, wanted: set[bytes]) -> Kept:
    tally = rows.Tally(table)
    for number, part in enumerate(rows.parts(connection, tally), 1):
        writer.add(f"rows/{table.name}/{number:06}.jsonl.gz", rows.packed(part))
    for name in SPOKEN_OF.get(table.name, ()):
        column = table.columns[name]
        hashes = connection.execution_options(yield_per=rows.AT_ONCE).scalars(sa.select(column).distinct())
        wanted.update(bytes.fromhex(sha256) for sha256 in hashes if sha256)
    return tally.kept()


def _write_files(writer: Writer, wanted: set[bytes]) -> tuple[Files, list[str]]:
    """Every file that lies there and is what its name says; and the hashes of those wanted that were not."""
    store, listed, count, size = storage.store(), hashlib.sha256(), 0, 0
    for kept in store.walk():
        with suppress(FileNotFoundError), store.open(kept.sha256) as file:  # the sweep may be quicker
            sha256, length = archive.sum_of(file)
            if sha256 == kept.sha256:
                file.seek(0)
                writer.add_file(f"files/{sha256}", length, file)
                listed.update(listing(sha256, length))
                count, size = count + 1, size + length
                wanted.discard(bytes.fromhex(sha256))
    return Files(count, size, listed.hexdigest()), sorted(sha256.hex() for sha256 in wanted)


def listing(sha256: str, size: int) -> bytes:
    """One file's line in the list of files."""
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise archive.Unfit(f"it holds a file of the name {sha256[:80]!r}")
    return f"{sha256} {size}\n".encode()
