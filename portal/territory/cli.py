"""Loading divisions and functions from the command line; the project's own lists are the default."""

import csv
from pathlib import Path

import click

from portal.core import db
from portal.core.actor import SYSTEM
from portal.core.reach import Reach, Sight
from portal.territory import operations
from portal.territory.operations import BadRows, LoadReport

DATA = Path(__file__).parents[1] / "data"
CSV = click.Path(exists=True, dir_okay=False, path_type=Path)


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a heading; a missing cell is empty."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(file)]


@click.command("divisions")
@click.argument("file", type=CSV, default=DATA / "dongguan_divisions.csv")
def divisions(file: Path) -> None:
    """Load the areas from FILE (the divisions of Dongguan that come with the portal)."""
    with db.acting(SYSTEM(Reach(Sight.CITY))) as _session:
        _tell(_loaded(file, operations.load_divisions))


@click.command("functions")
@click.argument("file", type=CSV, default=DATA / "functions.csv")
def functions(file: Path) -> None:
    """Load the functions of departments from FILE (the list that comes with the portal)."""
    with db.acting(SYSTEM(Reach(Sight.CITY))) as _session:
        _tell(_loaded(file, operations.load_functions))


def _loaded(file: Path, load: operations.Loader) -> LoadReport:
    try:
        return load(read(file), SYSTEM(Reach(Sight.CITY)))
    except (BadRows, UnicodeDecodeError, csv.Error) as trouble:
        raise click.ClickException(f"{file.name}: {trouble}") from None


def _tell(report: LoadReport) -> None:
    if report.is_empty:
        click.echo("nothing changed")
    for word, codes in (("added", report.added), ("restored", report.restored), ("retired", report.retired)):
        if codes:
            click.echo(f"{word} {len(codes)}: {', '.join(codes[:10])}{' ...' if len(codes) > 10 else ''}")
    for code, before in report.renamed.items():
        click.echo(f"renamed {code}, before: {before}")


commands = (divisions, functions)
