"""`portal import lists|categories|workdays`: the portal's own files by default, bad ones told by name."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from portal.core import db, workdays
from portal.selfcheck import cli
from portal.selfcheck.models import Category, Checklist, ChecklistItem
from tests.people import Cast, count_rows


def run(command: object, *words: str) -> tuple[int, str]:
    answer = CliRunner().invoke(command, list(words))  # type: ignore[arg-type]
    return answer.exit_code, answer.output


@pytest.mark.usefixtures("database")
def test_lists_and_categories_are_loaded_once_and_left_alone_afterwards(cast: Cast) -> None:
    assert run(cli.categories) == (0, "17 categories loaded\n")
    assert run(cli.lists) == (0, "5 lists loaded\n")
    assert run(cli.lists) == (0, "0 lists loaded\n")
    assert [count_rows(model) for model in (Category, Checklist, ChecklistItem)] == [17, 5, 115]
    with db.reading() as look:
        assert {one.issuer_id for one in look.scalars(sa.select(Checklist))} == {cast.shi_ban.organisation_id}


def test_the_working_days_follow_the_notices(cast: Cast) -> None:
    assert run(cli.load_workdays) == (0, "108 days loaded\n")
    with db.reading():
        assert not workdays.is_workday(date(2026, 10, 1))
        assert workdays.is_workday(date(2026, 10, 10))


def test_a_file_of_something_else_is_refused_and_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("list,code\nwet,WM-01\n", encoding="utf-8")
    code, words = run(cli.lists, str(wrong))
    assert code == 1 and "wrong.csv" in words
    assert count_rows(Checklist) == 0
