"""Permits: vendors who trade without a paper the law asks for, worked out by the database for any number of markets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import clock, db
from portal.insight.queries.part import Part
from portal.markets.models import Market, Paper, PaperKind, Trade, Vendor, VendorKind
from portal.markets.queries import Page
from portal.markets.queries.pages import cut


@dataclass(frozen=True)
class Gaps:
    """How many vendors lack how many papers."""

    vendors: int = 0
    papers: int = 0


@dataclass(frozen=True)
class GapLine:
    """A vendor, and what he lacks."""

    vendor: Vendor
    kinds: Sequence[PaperKind]


def _each(column: Any, name: str) -> Any:
    """The texts of a list of texts as rows, which the two databases spell differently."""
    is_postgresql = db.session.get_bind().dialect.name == "postgresql"
    each = sa.func.jsonb_array_elements_text if is_postgresql else sa.func.json_each
    return each(column).table_valued("value", name=name, joins_implicitly=True)


def _gaps(part: Part) -> sa.Subquery:
    """Vendor, market and kind of paper, a row for each paper the law asks for that is not in force (trades.csv).

    Asked of whoever trades, but for a farmer with his own produce (无证无照经营查处办法 article 3).  A paper that is
    expired, or begins later, is not in force.
    """
    trade, wanted = _each(Vendor.trade_codes, "sold"), _each(Trade.required_papers, "wanted")
    today = clock.today()
    in_force = sa.select(Paper.id).where(
        Paper.vendor_id == Vendor.id,
        Paper.kind_code == wanted.c.value,
        sa.or_(Paper.issued_on.is_(None), Paper.issued_on <= today),
        sa.or_(Paper.expires_on.is_(None), Paper.expires_on >= today),
    )
    query = (
        sa.select(Vendor.id.label("vendor_id"), Vendor.market_id, wanted.c.value.label("kind_code"))
        .select_from(Vendor)
        .join(trade, sa.true())
        .join(Trade, Trade.code == trade.c.value)
        .join(wanted, sa.true())
        .where(
            *part.of(Vendor),
            *part.of_kinds(wanted.c.value),
            Vendor.ended_on.is_(None),
            Vendor.kind != VendorKind.OWN_PRODUCE,
            ~in_force.exists(),
        )
    )
    return query.distinct().subquery()


def count_gaps(part: Part) -> Gaps:
    """Of all markets together."""
    gaps = _gaps(part)
    vendors, papers = sa.func.count(gaps.c.vendor_id.distinct()), sa.func.count(gaps.c.kind_code)
    return Gaps(*db.session.execute(sa.select(vendors, papers)).one())


def gaps_by_market(part: Part, markets: Sequence[Market]) -> dict[int, Gaps]:
    """Of each of these markets; those that lack nothing are not in it."""
    gaps = _gaps(part)
    query = sa.select(
        gaps.c.market_id, sa.func.count(gaps.c.vendor_id.distinct()), sa.func.count(gaps.c.kind_code)
    ).where(gaps.c.market_id.in_([market.id for market in markets]))
    rows = db.session.execute(query.group_by(gaps.c.market_id)).all()
    return {market_id: Gaps(vendors, papers) for market_id, vendors, papers in rows}


def list_gaps(part: Part, *, market_id: int | None = None, cursor: str = "") -> Page[GapLine]:
    """The vendors who lack something, by name, with what they lack: the records behind a figure."""
    query = sa.select(Vendor).where(Vendor.id.in_(sa.select(_gaps(part).c.vendor_id)))
    if market_id is not None:
        query = query.where(Vendor.market_id == market_id)
    found = cut(
        query.options(joinedload(Vendor.market)), (Vendor.name, Vendor.id), cursor, lambda vendor: vendor.name
    )
    kinds = _lacked(part, found.rows)
    return Page([GapLine(vendor, kinds.get(vendor.id, [])) for vendor in found.rows], found.next_cursor)


def _lacked(part: Part, vendors: Sequence[Vendor]) -> dict[int, list[PaperKind]]:
    gaps, found = _gaps(part), dict[int, list[PaperKind]]()
    query = sa.select(gaps.c.vendor_id, PaperKind).join(PaperKind, PaperKind.code == gaps.c.kind_code)
    query = query.where(gaps.c.vendor_id.in_([vendor.id for vendor in vendors]))
    for vendor_id, kind in db.session.execute(query.order_by(PaperKind.position)).all():
        found.setdefault(vendor_id, []).append(kind)
    return found
