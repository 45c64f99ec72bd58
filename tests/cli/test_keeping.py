"""A backup holds all of one moment, whoever works meanwhile; a restore brings back all of it or changes nothing."""

import gzip
import json
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from portal import tables
from portal.cli.keeping import archive, backup, rows
from portal.cli.keeping.archive import Manifest
from portal.core import db, secrets_box
from portal.core.db import Base
from portal.core.settings import Settings
from portal.evidence import storage
from portal.evidence.models import Attachment, Blob
from portal.markets.models import Vendor
from tests.cli import archives
from tests.conftest import SECRET
from tests.people import Cast, count_rows

OTHER = b"another secret, which is long enough as well"


class Source(NamedTuple):
    """An installation, the archive of it, and how many photos had been handed in before and when it was done."""

    settings: Settings
    cast: Cast
    archive: Path
    before: int
    after: int


@pytest.fixture(scope="module")
def source(new_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Source]:
    """Backed up once, in the middle of the work."""
    tables.load()
    home = tmp_path_factory.mktemp("source")
    settings, cast = archives.installed(home, new_database())
    archives.attach(cast, 200_000)
    with archives.load(cast) as done:
        while done() < 4:
            pass
        before = done()
        made = backup.back_up(settings, home)
        after = done()
    assert made.manifest.missing == []
    yield Source(settings, cast, made.path, before + 1, after + 1)
    db.database().engine.dispose()


@pytest.fixture
def empty(new_database: Callable[[], str], tmp_path: Path) -> Iterator[Settings]:
    """A machine on which nothing was installed yet."""
    yield Settings(home=tmp_path / "new", database_url=new_database(), secret_key=SECRET)
    db.database().engine.dispose()


def told_of(path: Path) -> Manifest:
    return next(
        Manifest.read(content.read()) for name, content in archive.members(path) if name == archive.MANIFEST
    )


def tables_of(settings: Settings) -> list[str]:
    engine = sa.create_engine(db.use(settings.database_url).engine.url)
    try:
        return sa.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def test_everything_comes_back_as_it_stood_at_one_moment_while_people_worked(
    source: Source, empty: Settings
) -> None:
    assert source.before < source.after, "nobody worked while the backup was made"
    told = told_of(source.archive)
    photos = next(table.rows for table in told.tables if table.name == "attachment")
    assert source.before <= photos <= source.after
    assert stat.S_IMODE(source.archive.stat().st_mode) == 0o600
    assert [one.name for one in source.settings.home.glob(".portal*")] == []

    done = archives.run(empty, "restore", str(source.archive))
    assert done.exit_code == 0, done.output
    assert "counts and hashes of all rows and files are those of the archive" in done.output
    again = backup.back_up(empty, empty.home).manifest
    assert (again.tables, again.files) == (told.tables, told.files)

    storage.use(empty)
    with db.acting(source.cast.kuang):
        blobs = db.session.scalars(sa.select(Blob).join(Attachment, Attachment.blob_id == Blob.id)).all()
        assert len({storage.store().read(blob.sha256) for blob in blobs}) == photos
        vendor = db.session.scalars(sa.select(Vendor)).one()
        about = secrets_box.about("vendor", "id_sealed", vendor.id)
        assert secrets_box.open_(vendor.id_sealed or "", about) == archives.NUMBER
    archives.attach(source.cast, 300_000)  # numbers go on behind the restored ones
    assert count_rows(Attachment) == photos + 1


@pytest.mark.slow
@pytest.mark.postgres
def test_a_backup_of_one_database_is_restored_into_the_other_and_back(
    source: Source, empty: Settings, tmp_path: Path
) -> None:
    small = replace(empty, home=tmp_path / "small", database_url=f"sqlite:///{tmp_path / 'small.db'}")
    assert archives.run(small, "restore", str(source.archive)).exit_code == 0
    assert archives.run(small, "backup", str(tmp_path / "small.tar")).exit_code == 0
    told = told_of(tmp_path / "small.tar")
    assert told.dialect == "sqlite"
    assert (told.tables, told.files) == (told_of(source.archive).tables, told_of(source.archive).files)
    with ordinary_owner(empty) as mine:  # whom the walls bind as well
        back = archives.run(mine, "restore", str(tmp_path / "small.tar"))
        assert back.exit_code == 0, back.output
        assert archives.run(mine, "restore", str(source.archive)).exit_code == 1
        again = archives.run(mine, "restore", "--replace", str(source.archive))
        assert again.exit_code == 0, again.output
        assert archives.run(mine, "backup", str(tmp_path / "mine.tar")).exit_code == 0
        assert told_of(tmp_path / "mine.tar").tables == told.tables
        looked = archives.run(mine, "doctor")
        assert looked.exit_code == 0 and "superuser" not in looked.output, looked.output


@contextmanager
def ordinary_owner(settings: Settings) -> Iterator[Settings]:
    """The same database in the hands of a role that is no superuser."""
    url = sa.make_url(db.use(settings.database_url).engine.url)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE ROLE portal_keeper LOGIN; GRANT portal_app TO portal_keeper")
        connection.exec_driver_sql("GRANT ALL ON SCHEMA public TO portal_keeper")
    theirs = url.set(drivername="postgresql", username="portal_keeper")
    yield replace(settings, database_url=theirs.render_as_string(hide_password=False))
    db.database().engine.dispose()
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "REASSIGN OWNED BY portal_keeper TO CURRENT_USER; DROP OWNED BY portal_keeper"
        )
        connection.exec_driver_sql("DROP ROLE portal_keeper")
    engine.dispose()


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def place_of(content: bytes, name: bytes) -> int:
    """Somewhere inside a member."""
    return content.index(name) + 512 + 20


DAMAGES: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda _: b"", "not a backup"),
    "something else": (lambda _: b"PK\3\4" * 2_000, "not a backup"),
    "half of it": (lambda whole: whole[: len(whole) // 2], "cut off"),
    "all but its end": (lambda whole: whole[:-10], "cut off"),
    "a flipped row": (lambda whole: flipped(whole, place_of(whole, b"rows/stall/000001")), "damaged"),
    "a flipped file": (lambda whole: flipped(whole, place_of(whole, b"files/")), "damaged"),
    "a flipped manifest": (lambda whole: flipped(whole, place_of(whole, b"manifest.json")), "damaged"),
    "another sum": (lambda whole: whole[:-135] + b"0" * 64 + whole[-71:], "damaged"),
    "another seal": (lambda whole: whole[:-65] + b"0" * 64 + b"\n", "altered"),
    "a newer format": (lambda whole: whole.replace(b"format 1", b"format 2", 1), "newer"),
}


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES.keys())
def test_an_archive_that_is_not_what_it_was_is_refused_and_nothing_is_changed(
    source: Source, tmp_path: Path, damage: Callable[[bytes], bytes], words: str
) -> None:
    bad = tmp_path / "bad.tar"
    bad.write_bytes(damage(source.archive.read_bytes()))
    refused = archives.run(source.settings, "restore", "--replace", str(bad))
    assert refused.exit_code == 1
    assert "nothing was changed" in refused.output and words in refused.output
    db.use(source.settings.database_url)
    assert count_rows(Attachment) >= source.after


def without(gone: str) -> Callable[[str, bytes], Iterator[tuple[str, bytes]]]:
    return lambda name, content: iter([] if name.startswith(gone) else [(name, content)])


def more(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    if name == archive.MANIFEST:
        yield "files/../../passwd", b"x"
    yield name, content


FORGERIES = {
    "by somebody without the key": ({"key": OTHER}, "altered"),
    "with rows left out": ({"parts": without("rows/stall")}, "the rows of stall"),
    "with a file left out": ({"parts": without("files/")}, "its files"),
    "without a manifest": ({"parts": without("manifest")}, "manifest is missing"),
    "with a file of a strange name": ({"parts": more}, "file of the name"),
    "of another migration": ({"told": lambda told: replace(told, revision="0000")}, "made at migration 0000"),
    "of other tables": ({"told": lambda told: replace(told, tables=told.tables[1:])}, "its tables"),
}


@pytest.mark.parametrize(("changes", "words"), FORGERIES.values(), ids=FORGERIES.keys())
def test_an_archive_made_up_anew_is_refused_for_what_does_not_fit(
    source: Source, empty: Settings, tmp_path: Path, changes: dict, words: str
) -> None:
    forged = archives.rewritten(source.archive, tmp_path / "forged.tar", **changes)
    refused = archives.run(empty, "restore", str(forged))
    assert refused.exit_code == 1
    assert words in refused.output
    assert tables_of(empty) == [] and not empty.files.exists()


@pytest.mark.slow
def test_rows_are_given_up_only_when_told_to_and_a_failed_restore_keeps_them(
    source: Source, empty: Settings, tmp_path: Path
) -> None:
    assert archives.run(empty, "restore", str(source.archive)).exit_code == 0
    archives.attach(source.cast, 400_000)
    mine = backup.back_up(empty, tmp_path / "mine.tar").manifest

    refused = archives.run(empty, "restore", str(source.archive))
    assert refused.exit_code == 1 and "--replace" in refused.output

    lines: list[bytes] = []

    def homeless(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
        """Stalls of a market that is not there."""
        if name.startswith("rows/stall/"):
            place = told_of(source.archive)
            columns = next(table.columns for table in place.tables if table.name == "stall")
            found = [json.loads(line) for line in gzip.decompress(content).splitlines()]
            for row in found:
                row[columns.index("market_id")] = 999_999
            lines.append(b"".join(rows._line(row) for row in found))
            content = rows.packed(lines[0])
        yield name, content

    bad = archives.rewritten(
        source.archive,
        tmp_path / "bad.tar",
        parts=homeless,
        told=lambda told: archives.with_sum(told, "stall", lines[0]),
    )
    assert archives.run(empty, "restore", "--check", str(bad)).exit_code == 0
    refused = archives.run(empty, "restore", "--replace", str(bad))
    assert refused.exit_code == 1 and "nothing was changed" in refused.output, refused.output
    assert backup.back_up(empty, tmp_path / "still.tar").manifest.tables == mine.tables

    assert archives.run(empty, "restore", "--replace", str(source.archive)).exit_code == 0
    after = backup.back_up(empty, tmp_path / "after.tar").manifest
    assert after.tables == told_of(source.archive).tables


def test_tables_that_are_not_ours_are_never_dropped(source: Source, empty: Settings) -> None:
    with db.use(empty.database_url).engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE somebody_else (id INTEGER)")
    refused = archives.run(empty, "restore", "--replace", str(source.archive))
    assert refused.exit_code == 1 and "not the portal's" in refused.output
    assert tables_of(empty) == ["somebody_else"]


def test_an_archive_of_another_key_is_warned_of_and_taken_only_on_purpose(
    source: Source, empty: Settings
) -> None:
    checked = archives.run(empty, "restore", "--check", str(source.archive), key=OTHER)
    assert checked.exit_code == 0 and "another SECRET_KEY" in checked.output
    assert SECRET.decode() not in checked.output
    refused = archives.run(empty, "restore", str(source.archive), key=OTHER)
    assert refused.exit_code == 1 and "nothing was changed" in refused.output and tables_of(empty) == []
    assert archives.run(empty, "restore", "--other-key", str(source.archive), key=OTHER).exit_code == 0


def test_a_file_that_is_missing_or_no_longer_itself_is_named_and_the_rest_is_kept(
    source: Source, tmp_path: Path
) -> None:
    kept = storage.use(source.settings).kept
    gone, spoiled = sorted(kept.glob("*/*"))[:2]
    contents = gone.read_bytes(), spoiled.read_bytes()
    gone.unlink()
    spoiled.write_bytes(b"something else")
    made = archives.run(source.settings, "backup", str(tmp_path / "poor.tar"))
    gone.write_bytes(contents[0])
    spoiled.write_bytes(contents[1])
    assert made.exit_code == backup.INCOMPLETE
    assert gone.name in made.output and spoiled.name in made.output
    told = told_of(tmp_path / "poor.tar")
    assert told.missing == [gone.name, spoiled.name]
    assert archives.run(source.settings, "restore", "--check", str(tmp_path / "poor.tar")).exit_code == 0


def test_nothing_is_written_over_and_nothing_is_left_where_a_backup_fails(
    source: Source, tmp_path: Path
) -> None:
    there = tmp_path / "there.tar"
    there.write_text("kept")
    assert "is there already" in archives.run(source.settings, "backup", str(there)).output
    nowhere = replace(source.settings, database_url=f"sqlite:///{tmp_path / 'none.db'}")
    assert archives.run(nowhere, "backup", str(tmp_path / "none.tar")).exit_code == 1
    assert [one.name for one in tmp_path.iterdir()] == ["there.tar"]


def test_every_column_can_be_written_down_and_every_column_of_a_file_is_known() -> None:
    tables.load()
    hashes = set()
    for table in Base.metadata.sorted_tables:
        for column in rows.columns(table):
            rows.reader_of(column)
            if "sha256" in column.name:
                hashes.add(f"{table.name}.{column.name}")
    spoken_of = {f"{table}.{name}" for table, names in backup.SPOKEN_OF.items() for name in names}
    of_what_came, may_be_over = {"blob.sha256_in", "import.sha256", "export.data_sha256"}, {"export.sha256"}
    assert hashes == spoken_of | of_what_came | may_be_over
