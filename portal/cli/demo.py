"""`portal demo`: tells the story, or says what it told."""

import json
from typing import Any

import click

from portal import tables
from portal.core import schema, secrets_box
from portal.core.settings import Settings
from portal.demo import foundation, story
from portal.demo.report import report
from portal.evidence import storage


@click.command()
@click.option(
    "--days", default=story.DAYS, show_default=True, type=click.IntRange(1, 400), help="Days to tell."
)
@click.option("--json", "as_json", is_flag=True, help="Print accounts and markets for scripts.")
def demo(days: int, as_json: bool) -> None:
    """Tell the demo's story, which ends today; told before, it is brought up to today."""
    settings = Settings.from_environment()
    is_told = _is_there(settings)
    if not (as_json and is_told):
        story.tell(settings, days, lambda words: click.echo(words, err=True))
    found = report(settings.base_url)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else table(found))


def tell(settings: Settings) -> None:
    """Tell the usual days in a process that is prepared already, and say who may sign in."""
    story.tell(settings, say=click.echo)
    click.echo(table(report(settings.base_url)))


def table(found: dict[str, Any]) -> str:
    """The accounts as people read them."""
    lines = [f"Open {found['base']} and sign in; every password is {found['accounts'][0]['password']}"]
    lines += [
        f"  {one['user']:<18} {one['role']:<22} {one['organisation']}"
        + (f"  TOTP {one['totp_secret']}" if one["totp_secret"] else "")
        for one in found["accounts"]
    ]
    return "\n".join(lines)


def _is_there(settings: Settings) -> bool:
    tables.load()
    schema.upgrade(settings)
    secrets_box.use(settings.secret_key, *settings.old_secret_keys)
    storage.use(settings)
    return foundation.is_told()
