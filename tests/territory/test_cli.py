"""Loading divisions and functions from the command line."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.core import db
from portal.territory import queries
from portal.territory.cli import DATA, divisions, functions
from tests.people import Cast

HEAD = "code,name,level,parent_code\n"


def test_the_lists_of_the_portal_are_the_default(cast: Cast) -> None:
    answer = CliRunner().invoke(divisions)
    assert answer.exit_code == 0 and "added" in answer.output
    answer = CliRunner().invoke(functions)
    assert answer.exit_code == 0 and "added 23" in answer.output
    assert CliRunner().invoke(divisions).output == "nothing changed\n"
    with db.reading():
        assert len(queries.functions()) == 23


def test_a_rename_is_told_with_the_old_name(cast: Cast, tmp_path: Path) -> None:
    CliRunner().invoke(divisions)
    file = tmp_path / "new.csv"
    file.write_text((DATA / "dongguan_divisions.csv").read_text().replace(",常平镇,", ",新常平镇,"))
    assert "renamed 441900110, before: 常平镇" in CliRunner().invoke(divisions, [str(file)]).output


def test_a_spreadsheets_mark_at_the_beginning_is_no_harm(cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "marked.csv"
    file.write_text(HEAD + "990100000000,样市,city,\n", encoding="utf-8-sig")
    assert "added 1: 990100" in CliRunner().invoke(divisions, [str(file)]).output


@pytest.mark.parametrize(
    "content",
    [b"", HEAD.encode(), b"a,b\n1,2\n", HEAD.encode() + b"9901,x,city,\n", b"\xff\xfe\x00x", b"code\n\x00\n"],
)
def test_a_bad_file_is_refused_in_words_and_changes_nothing(
    cast: Cast, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "bad.csv"
    file.write_bytes(content)
    answer = CliRunner().invoke(divisions, [str(file)])
    assert answer.exit_code == 1 and "Error: bad.csv" in answer.output
    with db.reading():
        assert queries.last_load() is None


def test_a_file_that_is_not_there_is_refused(cast: Cast) -> None:
    assert CliRunner().invoke(divisions, ["nowhere.csv"]).exit_code == 2
