"""`portal doctor`: one line a check, and an exit code for whoever watches over many."""

import json
from collections.abc import Iterator
from dataclasses import asdict

import click

from portal import tables
from portal.cli.doctor import books, database, files, machine
from portal.cli.doctor.findings import Check, Finding, Level, Look
from portal.core import db
from portal.core.settings import Settings, UnsafeSettings

BEFORE: tuple[tuple[str, Check], ...] = (
    ("settings", machine.settings),
    ("fonts", machine.fonts),
    ("disk", machine.disk),
    ("database", database.there),
)
AFTER: tuple[tuple[str, Check], ...] = (
    ("database", database.whole),
    ("clock", database.moment),
    ("journal", books.seals),
    ("errands", books.waiting),
    ("secrets", books.secrets),
    ("files", files.kept),
)
"""What can only be asked of a database that is there and the newest."""


@click.command()
@click.option("--all", "thorough", is_flag=True, help="Look at every file and secret, not at a sample.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def doctor(thorough: bool, as_json: bool) -> None:
    """Say whether this installation is sound; ends with 1 where something is wrong.  Changes nothing."""
    found = list(findings(thorough))
    is_sound = all(one.level is not Level.WRONG for one in found)
    if as_json:
        told = {"sound": is_sound, "findings": [asdict(one) for one in found]}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for one in found:
            click.echo(f"{one.level:<6} {one.check:<9} {one.words}")
    if not is_sound:
        raise SystemExit(1)


def findings(thorough: bool) -> Iterator[Finding]:
    """Every finding, in the order of the checks."""
    tables.load()
    try:
        look = Look(Settings.from_environment(), thorough)
    except UnsafeSettings as error:
        yield Finding("settings", Level.WRONG, str(error))
        return
    before = [finding for name, check in BEFORE for finding in _asked(name, check, look)]
    yield from before
    if all(one.level is not Level.WRONG for one in before if one.check == "database"):
        for name, check in AFTER:
            yield from _asked(name, check, look)
        db.database().engine.dispose()


def _asked(name: str, check: Check, look: Look) -> Iterator[Finding]:
    try:
        for level, words in check(look):
            yield Finding(name, level, words)
    except Exception as error:  # whatever it was: its text may hold what somebody typed
        yield Finding(name, Level.WRONG, f"could not be looked at: {type(error).__name__}")
