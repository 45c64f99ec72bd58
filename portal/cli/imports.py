"""`portal import`: facts an installation loads, each by the package that keeps them."""

import click

from portal.core import schema, secrets_box
from portal.core.settings import Settings
from portal.markets import cli as markets
from portal.selfcheck import cli as selfcheck
from portal.territory import cli as territory


@click.group("import")
def load() -> None:
    """Load divisions, functions, working days, checklists, papers, trades."""
    settings = Settings.from_environment()
    schema.upgrade(settings)
    secrets_box.use(settings.secret_key, *settings.old_secret_keys)


for command in (*territory.commands, *markets.commands, *selfcheck.commands):
    load.add_command(command)
