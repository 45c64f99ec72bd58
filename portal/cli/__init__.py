"""The command line: ``portal`` and its verbs."""

import json
import logging

import click

from portal import worker as portal_worker
from portal.app import create_app
from portal.cli.imports import load
from portal.cli.serve import serve
from portal.core import schema
from portal.core.policy import Everyone, granted
from portal.core.settings import Settings
from portal.demo.cli import demo


@click.group()
def main() -> None:
    """The market co-governance portal."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")


@main.command()
def worker() -> None:
    """Do what was asked for later, until SIGTERM."""
    portal_worker.serve(Settings.from_environment())


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
        click.echo(f"{','.join(row['methods']):<10} {row['rule']:<56} {row['needs']:<28} {' '.join(row['roles'])}")


def _route(app: object, rule: object) -> dict[str, object]:
    view = app.view_functions[rule.endpoint]  # type: ignore[attr-defined]
    roles = {role.value for one in granted().get(view.needs, ()) for role in getattr(one, "roles", None) or ()}
    return {
        "rule": rule.rule,  # type: ignore[attr-defined]
        "methods": sorted(rule.methods - {"HEAD", "OPTIONS"}),  # type: ignore[attr-defined]
        "needs": view.needs.value,
        "roles": sorted(roles) or (["everybody"] if view.needs is Everyone.MAY_READ else ["signed in"]),
    }


for command in (serve, demo, load):
    main.add_command(command)
