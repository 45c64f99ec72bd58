"""Looking up the people of vendors, with the health certificates the law asks of some of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import db
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.markets.models import Vendor, Worker
from portal.markets.queries.places import in_sight


def workers_of(vendor: Vendor) -> Sequence[Worker]:
    """Who works for a vendor now, in the order they came."""
    query = sa.select(Worker).where(Worker.vendor_id == vendor.id, Worker.to_on.is_(None))
    return list(db.session.scalars(query.order_by(Worker.id).limit(100)))


def people_of(vendor: Vendor) -> Sequence[Worker]:
    """Who works or worked for a vendor, those there now first."""
    query = sa.select(Worker).where(Worker.vendor_id == vendor.id)
    return list(
        db.session.scalars(
            query.order_by(Worker.to_on.is_not(None), Worker.to_on.desc(), Worker.id).limit(100)
        )
    )


def get_worker(actor: Actor, worker_id: int) -> Worker:
    """Somebody with his vendor; raises NotThere."""
    query = sa.select(Worker).where(Worker.id == worker_id, in_sight(actor, Worker.market_id))
    found = db.session.scalars(query.options(joinedload(Worker.vendor))).first()
    if found is None:
        raise NotThere
    return found
