"""The command line: ``portal`` and its verbs."""

import json
import logging
from typing import Any

import click
from werkzeug.routing import Rule

from portal import worker as portal_worker
from portal.accounts import cli as accounts
from portal.app import create_app
from portal.bench.cli import bench
from portal.cli.demo import demo, tell
from portal.cli.doctor.command import doctor
from portal.cli.imports import load
from portal.cli.keeping.backup import backup
from portal.cli.keeping.restore import restore
from portal.cli.reindex import reindex
from portal.cli.retention import retain
from portal.cli.rotate import rotate_key
from portal.cli.serve import serve
from portal.core import schema
from portal.core.policy import Everyone, granted
from portal.core.settings import Settings
from portal.web.gate import Portal


@click.group()
def main() -> None:
    """The market co-governance portal."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")


@main.command()
@click.option(
    "--demo", "with_demo", is_flag=True, help="Tell the demo's story first; no errand runs in between."
)
def worker(with_demo: bool) -> None:
    """Do what was asked for later, until SIGTERM."""
    settings = Settings.from_environment()
    portal_worker.prepare(settings)
    if with_demo:
        tell(settings)
    portal_worker.serve(settings)


@main.command()
def upgrade() -> None:
    """Bring the database to the newest migration."""
    schema.upgrade(Settings.from_environment())


@main.command()
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def routes(as_json: bool) -> None:
    """Every route, its methods, the right it takes and the roles that hold it."""
    app = create_app()
    rows = [_route(app, rule) for rule in app.url_map.iter_rules() if rule.endpoint != "static"]
    rows.sort(key=lambda row: (row["rule"], row["methods"]))
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for row in rows:
        click.echo(
            f"{','.join(row['methods']):<10} {row['rule']:<56} {row['needs']:<28} {' '.join(row['roles'])}"
        )


def _route(app: Portal, rule: Rule) -> dict[str, Any]:
    view: Any = app.view_functions[rule.endpoint]
    roles = {
        role.value for one in granted().get(view.needs, ()) for role in getattr(one, "roles", None) or ()
    }
    return {
        "rule": rule.rule,
        "methods": sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}),
        "needs": view.needs.value,
        "roles": sorted(roles) or (["everybody"] if view.needs is Everyone.MAY_READ else ["signed in"]),
    }


KEEPING = (backup, restore, doctor, rotate_key, retain, reindex)

for command in (serve, demo, load, bench, *KEEPING, *accounts.commands):
    main.add_command(command)
