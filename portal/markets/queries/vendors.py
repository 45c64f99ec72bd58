"""Looking up vendors and where they trade."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.models import Membership
from portal.core import db
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.markets.models import Market, Occupancy, Stall, Vendor
from portal.markets.queries.pages import Page, cut
from portal.markets.queries.places import in_sight

AT_ONCE = 10_000
"""Values of one IN: SQLite takes 32,766."""


def get_vendor(actor: Actor, vendor_id: int) -> Vendor:
    """The vendor with his market, which stays empty for the vendor himself; raises NotThere."""
    query = sa.select(Vendor).where(Vendor.id == vendor_id, in_sight(actor, Vendor.market_id))
    vendor = db.session.scalars(query.options(joinedload(Vendor.market).joinedload(Market.company))).first()
    if vendor is None:
        raise NotThere
    return vendor


def list_vendors(
    market: Market, *, search: str = "", is_ended: bool = False, cursor: str = ""
) -> Page[Vendor]:
    """The vendors of a market by name; ``search`` is part of a name, or a whole credit code."""
    query = sa.select(Vendor).where(Vendor.market_id == market.id)
    query = query.where(Vendor.ended_on.is_not(None) if is_ended else Vendor.ended_on.is_(None))
    if search:
        wanted: tuple[Any, ...] = (
            Vendor.name.contains(search, autoescape=True),
            Vendor.keeper_name.contains(search, autoescape=True),
            Vendor.uscc == search.upper(),
        )
        query = query.where(sa.or_(*wanted))
    return cut(query, (Vendor.name, Vendor.id), cursor, lambda vendor: vendor.name)


def find_vendor_by_uscc(market: Market, uscc: str) -> Vendor | None:
    """The vendor of this credit code in a market."""
    query = sa.select(Vendor).where(Vendor.market_id == market.id, Vendor.uscc == uscc)
    return db.session.scalars(query).first()


def occupants_of(stalls: Sequence[Stall]) -> dict[int, Vendor]:
    """Who keeps each of these stalls now, by the stall's id."""
    query = (
        sa.select(Occupancy)
        .where(Occupancy.stall_id.in_([stall.id for stall in stalls]), Occupancy.to_on.is_(None))
        .options(joinedload(Occupancy.vendor))
    )
    return {line.stall_id: line.vendor for line in db.session.scalars(query)}


def left_on(stall_ids: Iterable[int]) -> dict[int, date]:
    """The last day somebody left each of these stalls, where anybody did."""
    query = sa.select(Occupancy.stall_id, sa.func.max(Occupancy.to_on)).where(Occupancy.to_on.is_not(None))
    found: dict[int, date] = {}
    ids = list(stall_ids)
    for start in range(0, len(ids), AT_ONCE):
        part = query.where(Occupancy.stall_id.in_(ids[start : start + AT_ONCE]))
        found |= {
            stall_id: day
            for stall_id, day in db.session.execute(part.group_by(Occupancy.stall_id)).all()
            if day is not None
        }
    return found


def occupant_of(stall: Stall) -> Occupancy | None:
    """The running occupancy of a stall, with its vendor."""
    query = (
        sa.select(Occupancy)
        .where(Occupancy.stall_id == stall.id, Occupancy.to_on.is_(None))
        .options(joinedload(Occupancy.vendor))
    )
    return db.session.scalars(query).first()


def history_of_stall(stall: Stall) -> Sequence[Occupancy]:
    """Who kept a stall, the latest first, with the vendors."""
    query = sa.select(Occupancy).where(Occupancy.stall_id == stall.id)
    query = query.options(joinedload(Occupancy.vendor))
    return list(db.session.scalars(query.order_by(Occupancy.from_on.desc(), Occupancy.id.desc()).limit(50)))


def occupancies_of(vendors: Sequence[Vendor], *, only_open: bool = False) -> dict[int, list[Occupancy]]:
    """The stalls these vendors keep (or kept), by the vendor's id, the latest first."""
    query = sa.select(Occupancy).where(Occupancy.vendor_id.in_([vendor.id for vendor in vendors]))
    if only_open:
        query = query.where(Occupancy.to_on.is_(None))
    found: dict[int, list[Occupancy]] = {vendor.id: [] for vendor in vendors}
    for line in db.session.scalars(query.order_by(Occupancy.from_on.desc(), Occupancy.stall_code).limit(500)):
        found[line.vendor_id].append(line)
    return found


def vendors_without_stall(market: Market, most: int = 200) -> Sequence[Vendor]:
    """Vendors who trade but keep no stall, the newest first: those likely to move in."""
    keeps = sa.select(Occupancy.vendor_id).where(Occupancy.market_id == market.id, Occupancy.to_on.is_(None))
    query = sa.select(Vendor).where(
        Vendor.market_id == market.id, Vendor.ended_on.is_(None), Vendor.id.not_in(keeps)
    )
    return list(db.session.scalars(query.order_by(Vendor.id.desc()).limit(most)))


def accounts_of(vendor: Vendor) -> Sequence[Membership]:
    """The parts of people who read this vendor's file as their own, with the people."""
    query = sa.select(Membership).where(Membership.vendor_id == vendor.id, Membership.ended_at.is_(None))
    return list(
        db.session.scalars(query.options(joinedload(Membership.person)).order_by(Membership.id).limit(20))
    )
