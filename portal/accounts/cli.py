"""The first administrator of an installation: nobody is there by default, and no password is printed."""

import click

from portal.accounts import queries
from portal.accounts.operations import links, people
from portal.accounts.operations.people import PersonCard
from portal.core import db
from portal.core.actor import SYSTEM, Role
from portal.core.errors import Mistake
from portal.core.settings import Settings
from portal.territory import operations as territory
from portal.territory import queries as areas
from portal.territory.models import Kind
from portal.territory.operations import NameCard


@click.command("first-admin")
@click.argument("username")
@click.argument("name")
def first_admin(username: str, name: str) -> None:
    """Let the first platform administrator in, by a link that works for seven days."""
    actor = SYSTEM(None)
    with db.acting(actor):
        city = next(iter(areas.children(None)), None)
        if city is None:
            raise click.ClickException("load the divisions first: portal import divisions")
        if queries.has_platform_admin():
            raise click.ClickException("there is a platform administrator already")
        try:
            body = territory.register_organisation(Kind.PLATFORM, city, NameCard("平台运维组", "平台"), actor)
            part = people.add_person(PersonCard(name, username=username), body, Role.PLATFORM_ADMIN, actor)
        except Mistake as mistake:
            raise click.ClickException(f"{mistake.field}: {mistake.words}") from None
        token = links.issue(part.person, actor)
    click.echo(f"{Settings.from_environment().base_url}/link/{token}")


commands = (first_admin,)
