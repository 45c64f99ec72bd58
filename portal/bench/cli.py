"""`portal bench`: measure what the portal does a second on this machine."""

import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from portal.bench import exports, figures, imports, selfcheck
from portal.bench.databases import KINDS
from portal.bench.load import LoadFailed
from portal.bench.postgres import NoPostgres
from portal.bench.selfcheck import Untrue
from portal.bench.served import NotServed

NAMES = ("export", "import", "selfcheck")
OF_ROWS: dict[str, Any] = {"export": exports, "import": imports}
"""Benchmarks that measure a number of rows, not a number of clients."""


class Counts(click.ParamType[tuple[int, ...]]):
    """Numbers of clients, with commas between."""

    name = "numbers"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...]:
        words = str(value).split(",")
        if not all(word.strip().isdecimal() and 0 < int(word) <= 256 for word in words):
            self.fail("expected numbers from 1 to 256 with commas between, such as 1,8,32", param, ctx)
        return tuple(int(word) for word in words)


@click.command()
@click.argument("name", type=click.Choice(NAMES))
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.option("--database", type=click.Choice([*KINDS, "both"]), default="both", show_default=True)
@click.option(
    "--seconds", type=click.FloatRange(0.1, 600), default=4.0, show_default=True, help="For each cell."
)
@click.option("--clients", type=Counts(), default="1,8,32", show_default=True, help="Clients at once.")
@click.option(
    "--rows",
    type=click.IntRange(1),
    help=f"Of a list that goes out ({exports.ROWS:,}) or of a workbook that comes in ({imports.ROWS:,}).",
)
def bench(
    name: str, as_json: bool, database: str, seconds: float, clients: tuple[int, ...], rows: int | None
) -> None:
    """Measure NAME: selfcheck, beside an empty Flask page and a bare Flask view that makes the same inserts; export,
    beside the same rows as plain CSV; or import, a dirty workbook in the worker, and bombs refused.

    PostgreSQL is the one BENCH_DATABASE_URL or DATABASE_URL names, else one started for the run.
    """
    kinds = KINDS if database == "both" else (database,)
    with _folder() as folder:
        try:
            found = (
                _of_rows(OF_ROWS[name], kinds, rows, folder)
                if name in OF_ROWS
                else _loaded(kinds, clients, seconds, folder)
            )
        except (LoadFailed, NoPostgres, NotServed, Untrue) as trouble:
            raise click.ClickException(str(trouble)) from trouble
    if as_json:
        click.echo(json.dumps([one.plain() for one in found], indent=1))
        return
    told: Any = OF_ROWS.get(name, figures)
    for line in (*told.table(found), "", *told.aims(found)):
        click.echo(line)


def _loaded(kinds: Sequence[str], clients: tuple[int, ...], seconds: float, folder: Path) -> list[Any]:
    found = []
    for kind in kinds:
        for figure in selfcheck.measure(kind, clients, seconds, folder):
            click.echo(f"{figure.name} on {kind} at {figure.clients}: {figure.value} {figure.unit}", err=True)
            found.append(figure)
    return found


def _of_rows(own: Any, kinds: Sequence[str], rows: int | None, folder: Path) -> list[Any]:
    found = []
    for kind in kinds:
        for figure in own.measure(kind, rows or own.ROWS, folder):
            click.echo(f"{figure.name} on {kind}: {figure.seconds:.1f} s", err=True)
            found.append(figure)
    return found


@contextmanager
def _folder() -> Iterator[Path]:
    """A home of its own, gone afterwards; a SIGTERM as well ends the servers first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        yield Path(folder)
