"""`portal restore`: an archive proved whole, then all of it or nothing, then compared with what it said."""

import shutil
from pathlib import Path

import click
import sqlalchemy as sa

from portal import tables
from portal.cli.keeping import archive, proving, rows
from portal.cli.keeping.archive import Manifest, Unfit
from portal.core import db, schema
from portal.core.db import Base
from portal.core.settings import Settings, UnsafeSettings
from portal.evidence import storage


class CannotRestore(Exception):
    """Nothing was changed; the text says why."""


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--replace", is_flag=True, help="Put the archive in the place of the rows that are there.")
@click.option("--check", is_flag=True, help="Only say whether the archive is whole; needs no database.")
@click.option(
    "--other-key", is_flag=True, help="Take an archive whose seal no key of this installation can prove."
)
def restore(file: Path, replace: bool, check: bool, other_key: bool) -> None:
    """Bring database and files back from an archive.  Stop the portal before."""
    tables.load()
    try:
        settings = Settings.from_environment()
        told, sha256 = proving.prove(file, settings.secret_key, *settings.old_secret_keys)
        _say(settings, told, sha256)
        if not check:
            _refuse_strange_seal(settings, told, other_key)
            put_back(settings, file, told, replace=replace)
    except Unfit as error:
        raise click.ClickException(f"nothing was changed: {file.name}: {error}") from error
    except (CannotRestore, UnsafeSettings, schema.NotOurs, OSError) as error:
        raise click.ClickException(f"nothing was changed: {error}") from error
    except sa.exc.DBAPIError as error:
        raise click.ClickException(f"nothing was changed: {_words(error)}") from error
    if not check:
        _say_done(told)


def put_back(settings: Settings, file: Path, told: Manifest, *, replace: bool) -> None:
    """Fill a fresh schema and the storage from a proved archive, in one transaction.

    Raises CannotRestore where rows are there and ``replace`` was not said, Unfit where what came out is not what the
    archive said, DBAPIError where the database would not take it; then nothing was changed but that files which no
    row speaks of may lie in the storage, from where the nightly sweep takes them.
    """
    storage.use(settings)
    settings.home.mkdir(parents=True, exist_ok=True)
    with schema.owning(db.use(settings.database_url).engine) as connection:
        if not replace:
            _refuse_rows(connection)
        schema.make_anew(connection)
        with schema.filling(connection):
            _fill(connection, file)
        _compare_rows(connection, told)
        _put_files(file)


def _refuse_rows(connection: sa.Connection) -> None:
    for name in schema.tables_there(connection):
        if connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first():
            raise CannotRestore(f"the database holds rows (of {name}); say --replace to give them up")


def _fill(connection: sa.Connection, file: Path) -> None:
    known = Base.metadata.tables
    for table in reversed(
        Base.metadata.sorted_tables
    ):  # what a migration may have put there stands in the archive
        connection.execute(sa.delete(table))
    fillers = {name: rows.Filler(connection, table) for name, table in known.items()}
    for name, content in archive.members(file):
        if part := proving.PART.fullmatch(name):
            fillers[part[1]].fill(rows.unpacked(content))


def _compare_rows(connection: sa.Connection, told: Manifest) -> None:
    for table in told.tables:
        if rows.tally_of(connection, Base.metadata.tables[table.name]).kept() != table:
            raise Unfit(f"the database did not give back the rows of {table.name} as they stand in it")


def _put_files(file: Path) -> None:
    store = storage.store()
    for name, content in archive.members(file):
        sha256 = name.removeprefix("files/")
        if sha256 == name:
            continue
        with store.draft() as draft:
            with draft.open("wb") as new:
                shutil.copyfileobj(content, new, archive.BLOCK)
            store.take_up(draft)
        with store.open(sha256) as there:
            if archive.sum_of(there)[0] != sha256:
                raise Unfit(f"the storage did not give back {sha256}")


def _words(error: sa.exc.DBAPIError) -> str:
    """What the database said, without the row it said it of."""
    if isinstance(error, sa.exc.OperationalError):
        return f"the database cannot be had ({_first_line(error)}); stop the portal first"
    return f"the database refused the rows: {_first_line(error)}"


def _first_line(error: sa.exc.DBAPIError) -> str:
    return (str(error.orig).splitlines() or [""])[0]


def _say(settings: Settings, told: Manifest, sha256: str) -> None:
    click.echo(
        f"The archive is whole: made {told.made_at} by version {told.portal} on {told.dialect}, SHA-256 {sha256}"
    )
    click.echo(
        f"{told.rows} rows in {len(told.tables)} tables, {told.files.count} files of {told.files.bytes} bytes"
    )
    if told.missing:
        click.echo(f"{len(told.missing)} files were missing already when it was made", err=True)
    if not _is_sealed_by_us(settings, told):
        click.echo(
            f"WARNING: it was made under another SECRET_KEY (fingerprint {told.key}). Its seal cannot be looked at, and"
            " identity numbers, second factors and signs stay shut until SECRET_KEY or OLD_SECRET_KEYS names that key.",
            err=True,
        )


def _refuse_strange_seal(settings: Settings, told: Manifest, other_key: bool) -> None:
    """Whoever alters an archive can name another key in it: without the seal the sums prove only that it is whole."""
    if not (_is_sealed_by_us(settings, told) or other_key):
        raise CannotRestore(
            f"it was made under another SECRET_KEY (fingerprint {told.key}), so nobody can say that it was not altered;"
            " set SECRET_KEY or OLD_SECRET_KEYS to that key, or say --other-key if you know where it comes from"
        )


def _is_sealed_by_us(settings: Settings, told: Manifest) -> bool:
    return told.key in map(archive.fingerprint, (settings.secret_key, *settings.old_secret_keys))


def _say_done(told: Manifest) -> None:
    for table in told.tables:
        if table.rows:
            click.echo(f"  {table.name:<24} {table.rows:>9}  {table.sha256}")
    click.echo(f"  {'files':<24} {told.files.count:>9}  {told.files.sha256}")
    click.echo("Restored: counts and hashes of all rows and files are those of the archive.")
