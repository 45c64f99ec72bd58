"""`portal import`: facts an installation loads, each by the package that keeps them."""

import click

COMMANDS: tuple[click.Command, ...] = ()


@click.group("import")
def load() -> None:
    """Load divisions, functions, working days, checklists, papers, trades."""


for command in COMMANDS:
    load.add_command(command)
