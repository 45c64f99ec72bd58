"""Time: the clock can be played, and working days follow the yearly notice."""

import csv
from datetime import UTC, date, datetime, time
from pathlib import Path

import pytest

from portal.core import clock, db, workdays
from portal.core.workdays import Calendar, Limit

DAYS = Path(__file__).parents[2] / "portal" / "data" / "workdays.csv"

# Counted by hand from the notice for 2026 (State Council): last day of a limit of n working days after a day.
VECTORS = [
    ("2026-02-13", 1, "2026-02-14"),
    ("2026-02-14", 1, "2026-02-24"),
    ("2026-02-12", 3, "2026-02-24"),
    ("2026-05-08", 1, "2026-05-09"),
    ("2026-09-18", 1, "2026-09-20"),
    ("2026-09-24", 1, "2026-09-28"),
    ("2026-09-30", 1, "2026-10-08"),
    ("2026-09-30", 3, "2026-10-10"),
    ("2026-09-18", 10, "2026-10-09"),
]


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    with DAYS.open(encoding="utf-8") as file:
        return Calendar(
            (date.fromisoformat(row["date"]), row["is_workday"] == "1") for row in csv.DictReader(file)
        )


@pytest.mark.parametrize(("start", "days", "last"), VECTORS)
def test_limits_skip_holidays_and_count_worked_weekends(
    calendar: Calendar, start: str, days: int, last: str
) -> None:
    assert calendar.add(date.fromisoformat(start), days) == Limit(date.fromisoformat(last), False)


def test_the_year_2026_has_248_working_days(calendar: Calendar) -> None:
    assert calendar.count(date(2026, 1, 1), date(2026, 12, 31)) == 248


def test_a_limit_into_a_year_not_published_is_an_estimate(calendar: Calendar) -> None:
    assert calendar.add(date(2026, 12, 30), 1) == Limit(date(2026, 12, 31), False)
    assert calendar.add(date(2026, 12, 30), 2) == Limit(date(2027, 1, 1), True)


@pytest.mark.parametrize("days", [-1, 10**9])
def test_a_limit_without_sense_is_refused(calendar: Calendar, days: int) -> None:
    with pytest.raises(ValueError):
        calendar.add(date(2026, 1, 1), days)


def test_the_calendar_is_rows_that_can_be_loaded_again(database: db.Database) -> None:
    with DAYS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for _ in range(2):
        with db.opened(None, writes=True) as session:
            assert workdays.load(rows, "chinesecalendar") == len(rows) == 108
            session.commit()
    with db.reading():
        assert workdays.add_workdays(date(2026, 9, 30), 1).day == date(2026, 10, 8)
        assert not workdays.is_workday(date(2026, 10, 1))


def test_a_day_can_be_played() -> None:
    with clock.at(datetime(2026, 10, 9, 5, 33)):
        assert clock.now() == datetime(2026, 10, 8, 21, 33, tzinfo=UTC)
        assert clock.today() == date(2026, 10, 9)
        assert clock.at_local(date(2026, 10, 9), time(5, 33)) == clock.now()
    assert clock.now().year >= 2026
