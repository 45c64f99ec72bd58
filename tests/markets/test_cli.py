"""Loading reference data from the command line."""

from click.testing import CliRunner

from portal.markets import cli
from portal.markets.models import PaperKind, Trade
from tests.people import count_rows


def test_the_portals_own_lists_are_loaded_without_naming_a_file(cast):
    runner = CliRunner()
    assert runner.invoke(cli.papers).output == "32 changed\n"
    assert runner.invoke(cli.trades).output == "20 changed\n"
    assert runner.invoke(cli.trades).output == "0 changed\n"
    assert (count_rows(PaperKind), count_rows(Trade)) == (32, 20)


def test_a_broken_file_is_named_and_nothing_is_kept(cast, tmp_path):
    file = tmp_path / "papers.csv"
    file.write_text("code,zh\nx,样\n", encoding="utf-8")
    answer = CliRunner().invoke(cli.papers, [str(file)])
    assert answer.exit_code == 1 and "papers.csv: row 2" in answer.output
    assert count_rows(PaperKind) == 0


def test_trades_before_papers_are_refused(cast):
    answer = CliRunner().invoke(cli.trades)
    assert answer.exit_code == 1 and "no such paper" in answer.output
