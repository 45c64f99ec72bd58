"""The nightly sweep finds orphans on both sides, and harms nothing that is young or spoken of."""

import os
import time
from datetime import timedelta

import pytest

from portal.core import clock, db, errands, journal
from portal.core.actor import SYSTEM
from portal.evidence import operations, queries, schedule
from portal.evidence.models import Blob, Purpose
from portal.markets.models import Stall
from portal.markets.workflow import StallState
from tests.evidence import pictures
from tests.people import count_rows


def sweep(days: float = 0) -> None:
    with clock.at(clock.now() + timedelta(days=days)), db.acting(SYSTEM(errands.CITY)):
        schedule.sweep({})


def hashes(files):
    return {kept.sha256 for kept in files.walk()}


@pytest.fixture
def spoken_of(cast, take):
    """A staged photo with its row."""
    staged = take()
    with db.acting(cast.mai):
        stall = db.session.get_one(Stall, cast.east.stall_ids[0])
        attachment = operations.attach(staged, stall, "", Purpose.FOUND, cast.mai)
    return staged, attachment.id


def test_a_file_without_a_row_stays_a_day_and_then_goes(cast, files, take):
    take()
    sweep(days=0.9)
    assert len(hashes(files)) == 2
    sweep(days=1.1)
    assert hashes(files) == set()


def test_a_file_with_its_row_stays_for_ever(files, spoken_of):
    staged, _ = spoken_of
    sweep(days=1000)
    assert hashes(files) == {staged.sha256, staged.thumb_sha256}


def test_an_orphan_handed_in_again_is_young_again(cast, files, take):
    staged = take()
    old = time.time() - 3 * 86_400
    os.utime(files.kept / staged.sha256[:2] / staged.sha256, (old, old))
    take()
    sweep()
    assert staged.sha256 in hashes(files)


def test_what_was_put_again_while_the_sweep_looked_is_given_back(files):
    sha256 = files.put(b"a licence")

    assert not files.forget(sha256, clock.now() - timedelta(hours=1))
    assert files.read(sha256) == b"a licence"
    assert files.forget(sha256, clock.now() + timedelta(hours=1))
    assert not files.forget(sha256, clock.now())


def test_half_a_file_of_a_killed_process_goes_after_a_day(cast, files):
    files.put(b"makes the folders")
    (files.arriving / "half").write_bytes(b"half")
    sweep(days=0.5)
    assert (files.arriving / "half").exists()
    sweep(days=1.5)
    assert not (files.arriving / "half").exists()


def test_a_missing_file_is_counted_and_told_once_and_forgiven_when_it_is_back(cast, files, spoken_of, take):
    staged, _ = spoken_of
    files.forget(staged.sha256, clock.now() + timedelta(days=1))
    sweep()
    sweep()
    with db.acting(cast.mai):
        assert queries.figures() == {"missing_files": 1}
    take()
    sweep()
    with db.acting(cast.mai):
        assert queries.figures() == {"missing_files": 0}


def test_the_journal_says_which_file_was_missed(cast, files, spoken_of):
    staged, attachment_id = spoken_of
    files.forget(staged.sha256, clock.now() + timedelta(days=1))
    sweep()
    with db.acting(cast.mai):
        lines = journal.of(queries.get_attachment(attachment_id).blob)

    assert [(line.verb, line.data["sha256"]) for line in lines] == [("file_missing", staged.sha256)]


def test_what_was_taken_back_loses_its_row_and_then_its_file(cast, files, spoken_of):
    with db.acting(cast.mai):
        operations.detach(queries.get_attachment(spoken_of[1]), cast.mai)
    sweep(days=0.5)
    assert count_rows(Blob) == 1
    sweep(days=2)
    assert count_rows(Blob) == 0
    sweep(days=2)
    assert hashes(files) == set()


def test_the_long_look_holds_no_write_lock(cast, files, spoken_of):
    """A sweep that has nothing to write never begins a write: another one goes on meanwhile."""
    with db.acting(cast.mai) as mine:
        mine.add(
            Stall(
                market_id=cast.east.market_id,
                zone_id=cast.east.zone_ids[0],
                code="x-1",
                sort_key="x-1",
                state=StallState.VACANT,
            ).stands_in(cast.market())
        )
        mine.flush()
        sweep()


def test_more_files_than_a_batch_are_compared(cast, files, monkeypatch, take):
    monkeypatch.setattr(schedule, "BATCH", 2)
    for seed in range(4):
        take(pictures.photo(seed))
    sweep(days=2)
    assert hashes(files) == set()


def test_the_sweep_runs_every_night(cast):
    assert "evidence.sweep" in errands.names()
