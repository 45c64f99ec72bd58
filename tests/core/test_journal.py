"""The journal: a line for every deed, sealed so that a changed, lost or slipped-in line shows."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from portal.core import clock, db, journal
from portal.core.reach import ReachRefused, beyond_reach
from tests.people import Cast

NOON = datetime(2026, 10, 9, 4, 0, tzinfo=UTC)


def write(cast: Cast, *verbs: str) -> None:
    with clock.at(NOON), db.acting(cast.kuang):
        for verb in verbs:
            journal.write(cast.market(), cast.kuang, verb, "词", figure=3)


def seal() -> int:
    with clock.at(NOON + timedelta(minutes=5)), db.opened(None, writes=True) as session:
        count = journal.seal()
        session.commit()
    return count


def broken() -> int | None:
    with db.reading():
        return journal.first_broken_seal()


def tamper(statement: sa.Executable) -> None:
    with db.database().engine.begin() as connection:
        connection.execute(statement)


def test_a_deed_is_read_back_by_its_subject(cast: Cast) -> None:
    write(cast, "open", "close")
    with db.opened(cast.kuang.reach, writes=False):
        lines = journal.of(cast.market())
    assert [(line.actor_name, line.verb, line.note, line.data) for line in lines] == [
        ("邝样安", "close", "词", {"figure": 3}),
        ("邝样安", "open", "词", {"figure": 3}),
    ]


def test_lines_are_sealed_in_batches_and_only_once(cast: Cast) -> None:
    write(cast, "one", "two", "three")
    assert seal() == 3
    assert seal() == 0
    assert broken() is None


def test_fresh_lines_wait_until_every_earlier_transaction_has_ended(cast: Cast) -> None:
    write(cast, "one")
    with clock.at(NOON + timedelta(seconds=5)), db.opened(None, writes=True):
        assert journal.seal() == 0


@pytest.mark.parametrize(
    "harm",
    [
        sa.update(journal.JournalLine.__table__).values(note="另一句"),
        sa.update(journal.JournalLine.__table__).values(actor_name="别人"),
        sa.delete(journal.JournalLine.__table__).where(journal.JournalLine.__table__.c.verb == "two"),
        sa.update(journal.JournalSeal.__table__).values(previous="0" * 64),
    ],
    ids=["changed", "another name", "lost", "chain"],
)
def test_tampering_breaks_the_seal(cast: Cast, harm: sa.Executable) -> None:
    write(cast, "one", "two")
    seal()
    tamper(harm)
    assert broken() is not None


def test_no_code_of_ours_rewrites_a_line(cast: Cast) -> None:
    write(cast, "one")
    with pytest.raises(ReachRefused), db.acting(cast.kuang) as session:
        session.scalars(sa.select(journal.JournalLine)).first().note = "别的"


def test_the_deed_and_its_line_are_kept_or_dropped_together(cast: Cast) -> None:
    with beyond_reach("a test"), db.opened(None, writes=True) as session:
        journal.write(cast.market(), cast.kuang, "open")
        session.rollback()
    with db.reading() as session:
        assert session.scalars(sa.select(journal.JournalLine)).first() is None
