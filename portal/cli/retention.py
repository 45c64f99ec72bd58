"""Erasing what was kept its time from the command line, or only counting it."""

from collections import Counter

import click

from portal import tables
from portal.core import db, secrets_box
from portal.core.actor import SYSTEM
from portal.core.reach import Reach, Sight
from portal.core.settings import Settings
from portal.markets.models import Market
from portal.markets.operations import retention as operations
from portal.markets.queries import retention

CITY = Reach(Sight.CITY)


@click.command("retention")
@click.option("--dry-run", is_flag=True, help="Count what is due and erase nothing.")
def retain(dry_run: bool) -> None:
    """Erase what was kept its time in every market, as the worker does each night."""
    settings = Settings.from_environment()
    tables.load()
    db.use(settings.database_url)
    secrets_box.use(settings.secret_key, *settings.old_secret_keys)
    with db.opened(CITY, writes=False):
        markets = retention.every_market()
    totals: Counter[str] = Counter({rule.code: 0 for rule in retention.SWEPT})
    for market_id, _company in markets:
        totals.update(_counted(market_id) if dry_run else _erased(market_id))
    for code, number in totals.items():
        click.echo(f"{code}: {number} {'due' if dry_run else 'erased'}")


def _counted(market_id: int) -> dict[str, int]:
    with db.opened(CITY, writes=False) as session:
        return {one.rule.code: one.now for one in retention.due_in(session.get_one(Market, market_id))}


def _erased(market_id: int) -> Counter[str]:
    """Batch by batch, each a transaction, until nothing is due."""
    totals: Counter[str] = Counter()
    while True:
        with db.acting(SYSTEM(CITY)) as session:
            counts = operations.erase_due(session.get_one(Market, market_id), SYSTEM(CITY))
        totals.update(counts)
        if not any(counts.values()):
            return totals
