"""Loading the kinds of paper and the trades from the command line; the project's own lists are the default."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from portal.core import db
from portal.core.actor import SYSTEM, Actor
from portal.core.reach import Reach, Sight
from portal.markets import operations
from portal.markets.operations.reference import Row
from portal.territory.cli import read
from portal.territory.operations import BadRows

DATA = Path(__file__).parents[1] / "data"
CSV = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("papers")
@click.argument("file", type=CSV, default=DATA / "papers.csv")
def papers(file: Path) -> None:
    """Load the kinds of paper from FILE (the list that comes with the portal)."""
    _load(file, operations.load_papers)


@click.command("trades")
@click.argument("file", type=CSV, default=DATA / "trades.csv")
def trades(file: Path) -> None:
    """Load the trades and the papers each needs from FILE (the list that comes with the portal)."""
    _load(file, operations.load_trades)


def _load(file: Path, load: Callable[[Iterable[Row], Actor], int]) -> None:
    who = SYSTEM(Reach(Sight.CITY))
    with db.acting(who):
        try:
            changed = load(read(file), who)
        except (BadRows, UnicodeDecodeError, csv.Error) as trouble:
            raise click.ClickException(f"{file.name}: {trouble}") from None
    click.echo(f"{changed} changed")


commands = (papers, trades)
