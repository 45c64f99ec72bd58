"""Looking up what vendors want put right in their files."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import db
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.markets.models import Correction, Market, Vendor
from portal.markets.queries.pages import PAGE, Page
from portal.markets.queries.places import in_sight
from portal.markets.workflow import CorrectionState


def get_correction(actor: Actor, correction_id: int) -> Correction:
    """The correction with the vendor's file; raises NotThere."""
    query = sa.select(Correction).where(Correction.id == correction_id, in_sight(actor, Correction.market_id))
    found = db.session.scalars(query.options(joinedload(Correction.vendor).joinedload(Vendor.market))).first()
    if found is None:
        raise NotThere
    return found


def corrections_in(market: Market, *, is_open: bool, cursor: str = "") -> Page[Correction]:
    """The corrections asked for in a market that wait, or those that were decided, the earliest first."""
    query = sa.select(Correction).where(Correction.market_id == market.id)
    is_waiting = Correction.state == CorrectionState.OPEN
    query = query.where(is_waiting if is_open else ~is_waiting).options(joinedload(Correction.vendor))
    if (last := db.as_id(cursor)) is not None:
        query = query.where(Correction.id > last)
    rows = list(db.session.scalars(query.order_by(Correction.id).limit(PAGE + 1)))
    return Page(rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else "")


def corrections_of(vendor: Vendor) -> Sequence[Correction]:
    """What a vendor asked for, the latest first."""
    query = sa.select(Correction).where(Correction.vendor_id == vendor.id)
    return list(db.session.scalars(query.order_by(Correction.id.desc()).limit(50)))


def count_open_corrections(vendor: Vendor) -> int:
    """How many of a vendor's wait for an answer."""
    query = sa.select(sa.func.count(Correction.id)).where(
        Correction.vendor_id == vendor.id, Correction.state == CorrectionState.OPEN
    )
    return db.session.scalar(query) or 0
