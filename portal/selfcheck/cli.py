"""Loading checklists, hazard categories and working days from the command line; the portal's own are the default."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import sqlalchemy as sa

from portal.core import db, workdays
from portal.core.actor import SYSTEM, Actor
from portal.core.reach import Reach, Sight
from portal.selfcheck.operations import lists as operations
from portal.selfcheck.operations.lists import Row
from portal.territory.cli import read
from portal.territory.models import Kind, Organisation

DATA = Path(__file__).parents[1] / "data"
CSV = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("lists")
@click.argument("file", type=CSV, default=DATA / "selfcheck_items.csv")
@click.option(
    "--issuer", type=int, help="Organisation whose lists they are (the city's, where there is one)."
)
def lists(file: Path, issuer: int | None) -> None:
    """Load the official checklists from FILE as first versions; lists that are there already are left alone."""

    def load(rows: Sequence[Row], who: Actor) -> int:
        return len(operations.load_lists(rows, _issuer(issuer), who))

    _load(file, load, "lists")


@click.command("categories")
@click.argument("file", type=CSV, default=DATA / "categories.csv")
def categories(file: Path) -> None:
    """Load the hazard categories from FILE (the list that comes with the portal)."""
    _load(file, operations.load_categories, "categories")


@click.command("workdays")
@click.argument("file", type=CSV, default=DATA / "workdays.csv")
@click.option("--source", default="State Council notices", help="Where the days were published.")
def load_workdays(file: Path, source: str) -> None:
    """Load the holidays and worked weekends from FILE (the list that comes with the portal)."""
    _load(file, lambda rows, _who: workdays.load(map(dict, rows), source), "days")


def _load(file: Path, load: Callable[[Sequence[Row], Actor], int], what: str) -> None:
    who = SYSTEM(Reach(Sight.CITY))
    with db.acting(who):
        try:
            count = load(read(file), who)
        except (KeyError, ValueError, csv.Error) as trouble:
            raise click.ClickException(f"{file.name}: {trouble}") from None
    click.echo(f"{count} {what} loaded")


def _issuer(given: int | None) -> int:
    query = (
        sa.select(Organisation.id).where(Organisation.kind == Kind.CITY).order_by(Organisation.id).limit(1)
    )
    found = given or db.session.scalars(query).first()
    if found is None:
        raise click.ClickException("there is no city organisation yet; name one with --issuer")
    return found


commands = (lists, categories, load_workdays)
