"""The doctor says in one line what is not sound, ends with 1 then, and says nothing of anybody."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal import tables
from portal.cli import main
from portal.core import clock, db, errands, journal
from portal.core.settings import Settings
from portal.evidence import storage
from tests.cli import archives
from tests.conftest import SECRET
from tests.people import Cast

OF_SOMEBODY = (archives.NUMBER.decode(), "陈样农", "00000000000", "麦小禾", SECRET.decode())


@pytest.fixture
def sound(new_database: Callable[[], str], tmp_path: Path) -> Iterator[tuple[Settings, Cast]]:
    """An installation with photos, a sealed journal and a sealed number."""
    tables.load()
    settings, cast = archives.installed(tmp_path, new_database())
    for seed in range(2):
        archives.attach(cast, seed)
    with clock.at(clock.now() + timedelta(minutes=5)), db.opened(None, writes=True) as own:
        assert journal.seal() == 2
        own.commit()
    yield settings, cast
    db.database().engine.dispose()


def report(settings: Settings, *words: str, key: bytes = SECRET) -> tuple[int, str]:
    done = archives.run(settings, "doctor", *words, key=key)
    assert not any(word in done.output for word in OF_SOMEBODY)
    return done.exit_code, done.output


def run_each(settings: Settings, statements: list[str]) -> None:
    with db.use(settings.database_url).engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def test_a_sound_installation_is_said_to_be_sound(sound: tuple[Settings, Cast]) -> None:
    code, words = report(sound[0], "--all")
    assert code == 0 and "wrong" not in words, words
    assert "4 looked at are there and what they were" in words
    code, told = report(sound[0], "--json")
    found = json.loads(told)
    assert code == 0 and found["sound"] is True
    checks = {"settings", "fonts", "disk", "database", "clock", "journal", "errands", "secrets", "files"}
    assert {one["check"] for one in found["findings"]} == checks


def test_whatever_is_not_sound_is_said(sound: tuple[Settings, Cast]) -> None:
    settings, _ = sound
    run_each(
        settings,
        [
            "UPDATE journal_line SET note = 'slipped in' WHERE id = 1",
            "INSERT INTO errand (name, key, sight, reach_key, data, status, due_at, attempts, error, asked_at, asked)"
            " VALUES ('tests.poison', '1', '', '', '{}', 'parked', '2026-01-01', 7, '陈样农', '2026-01-01', 1)",
        ],
    )
    gone, spoiled, *_ = sorted(storage.use(settings).kept.glob("*/*"))
    gone.unlink()
    spoiled.write_bytes(b"something else")
    code, words = report(settings, "--all", key=b"another secret, which is long enough as well")
    assert code == 1
    for said in (
        "seal 1 is broken",
        "given up: tests.poison (1)",
        f"1 of 4 looked at are missing: {gone.name}",
        f"1 of 4 looked at are no longer what they were: {spoiled.name}",
        "vendor.id_sealed: 1 of 1 looked at do not open under this SECRET_KEY",
    ):
        assert said in words, words


@pytest.mark.postgres
def test_a_wall_that_was_lowered_is_said(sound: tuple[Settings, Cast]) -> None:
    run_each(
        sound[0],
        [
            "ALTER TABLE stall NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY one_reach ON vendor",
            "CREATE POLICY one_reach ON vendor USING (true) WITH CHECK (true)",
            "CREATE POLICY another ON market USING (true)",
            "GRANT DELETE ON journal_line TO portal_app",
            "CREATE TABLE somebody_else (id INTEGER)",
        ],
    )
    code, words = report(sound[0])
    assert code == 1
    for said in (
        "stall is not walled in",
        "the policies of vendor are not",
        "the policies of market are not",
        "may change journal_line",
        "somebody_else is no table of this version",
    ):
        assert said in words, words
    assert words.count("wrong") == 5


def test_a_reference_that_leads_nowhere_is_said_on_sqlite(sound: tuple[Settings, Cast]) -> None:
    if db.database().engine.dialect.name != "sqlite":
        return
    with db.database().engine.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("PRAGMA foreign_keys=OFF")
        raw.execute("UPDATE stall SET market_id = 999999 WHERE id = 1")
        connection.invalidate()
    code, words = report(sound[0])
    assert code == 1 and "1 rows lead nowhere, in stall" in words


def test_nothing_further_is_asked_of_a_database_that_is_not_there_or_not_the_newest(
    sound: tuple[Settings, Cast], tmp_path: Path
) -> None:
    run_each(sound[0], ["UPDATE alembic_version SET version_num = '0001'"])
    code, words = report(sound[0])
    assert code == 1 and "at migration 0001" in words and "journal" not in words
    nowhere = replace(sound[0], database_url=f"sqlite:///{tmp_path / 'none.db'}")
    code, words = report(nowhere)
    assert code == 1 and "there is no database" in words
    assert not (tmp_path / "none.db").exists()


def test_unsafe_settings_are_the_first_thing_said() -> None:
    done = CliRunner().invoke(main, ["doctor"], env={"PORTAL_ENV": "production", "SECRET_KEY": "short"})
    assert done.exit_code == 1 and "SECRET_KEY is shorter" in done.output


def test_work_nobody_does_is_said(sound: tuple[Settings, Cast]) -> None:
    with clock.at(clock.now() - timedelta(hours=1)), db.opened(None, writes=True) as own:
        errands.later("core.sweep", "late", reach=errands.CITY)
        own.commit()
    code, words = report(sound[0])
    assert code == 0 and "warn   errands" in words and "no worker runs" in words
