"""`portal bench`: measure what the portal does a second on this machine."""

import json
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from portal.bench import figures, selfcheck
from portal.bench.databases import KINDS
from portal.bench.load import LoadFailed
from portal.bench.postgres import NoPostgres
from portal.bench.selfcheck import Untrue
from portal.bench.served import NotServed

BENCHES = {"selfcheck": selfcheck.measure}


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
@click.argument("name", type=click.Choice(sorted(BENCHES)))
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
@click.option("--database", type=click.Choice([*KINDS, "both"]), default="both", show_default=True)
@click.option(
    "--seconds", type=click.FloatRange(0.1, 600), default=4.0, show_default=True, help="For each cell."
)
@click.option("--clients", type=Counts(), default="1,8,32", show_default=True, help="Clients at once.")
def bench(name: str, as_json: bool, database: str, seconds: float, clients: tuple[int, ...]) -> None:
    """Measure NAME beside two floors: an empty Flask page, and a bare Flask view that makes the same inserts.

    PostgreSQL is the one BENCH_DATABASE_URL or DATABASE_URL names, else one started for the run.
    """
    kinds = KINDS if database == "both" else (database,)
    with _folder() as folder:
        try:
            found = []
            for kind in kinds:
                for figure in BENCHES[name](kind, clients, seconds, folder):
                    click.echo(
                        f"{figure.name} on {kind} at {figure.clients}: {figure.value} {figure.unit}", err=True
                    )
                    found.append(figure)
        except (LoadFailed, NoPostgres, NotServed, Untrue) as trouble:
            raise click.ClickException(str(trouble)) from trouble
    if as_json:
        click.echo(json.dumps([one.plain() for one in found], indent=1))
        return
    for line in (*figures.table(found), "", *figures.aims(found)):
        click.echo(line)


@contextmanager
def _folder() -> Iterator[Path]:
    """A home of its own, gone afterwards; a SIGTERM as well ends the servers first."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        yield Path(folder)
