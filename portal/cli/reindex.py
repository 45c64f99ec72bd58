"""`portal reindex`: the search words of every market made anew, after an upgrade or when what is there is not found."""

import click
import sqlalchemy as sa

from portal import tables
from portal.core import db, schema
from portal.core.actor import SYSTEM
from portal.core.reach import Reach, Sight
from portal.core.settings import Settings
from portal.markets import operations
from portal.markets.models import Market


@click.command()
def reindex() -> None:
    """Make the search words of every market anew, a market at a time."""
    tables.load()
    schema.upgrade(Settings.from_environment())
    click.echo(f"{reindex_all()} words")


def reindex_all() -> int:
    """Each market in a write of its own; says how many words there are."""
    with db.opened(Reach(Sight.CITY), writes=False) as session:
        markets = session.execute(sa.select(Market.id, Market.company_id).order_by(Market.id)).all()
    number = 0
    for market_id, company_id in markets:
        with db.acting(SYSTEM(Reach(Sight.COMPANY, str(company_id)))) as session:
            number += operations.reindex(session.get_one(Market, market_id))
    return number
