"""A whole roster at once: vendors, their stalls and papers, by few statements; all of it, or (raising) nothing."""

from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.models import Market, Occupancy, PaperKind, Stall, Vendor
from portal.markets.operations import identity
from portal.markets.operations.facts import PaperFacts, VendorFacts, need_open, need_version
from portal.markets.operations.papers import new_paper
from portal.markets.operations.stalls import trades_among
from portal.markets.operations.vendors import identity_typed, keep_identity, past_day, rules
from portal.markets.policy import May
from portal.markets.workflow import STALL

AT_ONCE = 10_000
"""Values of one IN: SQLite takes 32,766."""


def register_listed_vendors(market: Market, listed: Sequence[VendorFacts], actor: Actor) -> list[Vendor]:
    """Open the files of many vendors.  Raises as ``register_vendor`` does."""
    demand(actor, May.KEEP_VENDORS, market)
    need_open(market)
    known = trades_among(queries.trades())
    vendors = []
    for facts in listed:
        written = {name: rule() for name, rule in rules(facts, known).items()}
        vendors.append(Vendor(market_id=market.id, **written).stands_in(market))
    _need_new(market, [vendor.uscc for vendor in vendors if vendor.uscc])
    numbers = [identity_typed(facts, vendor) for facts, vendor in zip(listed, vendors, strict=True)]
    db.session.add_all(vendors)
    db.session.flush()
    for vendor, own in zip(vendors, numbers, strict=True):
        journal.write(vendor, actor, "register_vendor")
        if own is not None:
            identity.seal(vendor, own)
    return vendors


def _need_new(market: Market, codes: Sequence[str]) -> None:
    for start in range(0, len(codes), AT_ONCE):
        query = sa.select(Vendor.uscc).where(
            Vendor.market_id == market.id, Vendor.uscc.in_(codes[start : start + AT_ONCE])
        )
        if (taken := db.session.scalars(query.limit(1)).first()) is not None:
            raise Mistake("uscc", _l("代码 %(number)s 在本市场已经登记。", number=taken))


def edit_listed_vendors(
    market: Market, listed: Sequence[tuple[Vendor, VendorFacts, int]], actor: Actor
) -> None:
    """Write down what is so now about many vendors, each with the version it was read in.

    Raises as ``edit_vendor`` does.
    """
    demand(actor, May.KEEP_VENDORS, market)
    need_open(market)
    known = trades_among(queries.trades())
    for vendor, facts, version in listed:
        need_version(vendor, version)
        if vendor.erased_on is not None:
            raise TooLate(_l("这家商户的资料已经按期清除。还在经营的，请先恢复经营。"))
        written = {name: rule() for name, rule in rules(facts, known).items()}
        changed = [name for name, value in written.items() if getattr(vendor, name) != value]
        for name in changed:
            setattr(vendor, name, written[name])
        if keep_identity(vendor, facts):
            changed.append("identity")
        if changed:
            journal.write(vendor, actor, "edit_vendor", changed=changed)
    db.session.flush()


def move_in_listed(market: Market, listed: Sequence[tuple[Stall, Vendor, date]], actor: Actor) -> None:
    """Let vendors keep vacant stalls, each from a day on.  Raises as ``move_in`` does."""
    demand(actor, May.KEEP_VENDORS, market)
    need_open(market)
    left = queries.left_on([stall.id for stall, _, _ in listed])
    stays = []
    for stall, vendor, from_on in listed:
        past_day("from_on", from_on)
        if (last := left.get(stall.id)) is not None and last > from_on:
            raise Mistake("from_on", _l("上一家到 %(day)s 才离场，进场日期不能更早。", day=last))
        STALL.perform("move_in", stall, actor, vendor.name, occupancy_changed_at=clock.now())
        if not stall.trade_codes:
            stall.trade_codes = list(vendor.trade_codes)
        stays.append(_stay(market, stall, vendor, from_on))
        journal.write(vendor, actor, "move_in", stall.code)
    db.session.add_all(stays)
    db.session.flush()


def _stay(market: Market, stall: Stall, vendor: Vendor, from_on: date) -> Occupancy:
    return Occupancy(
        market_id=market.id, stall=stall, stall_code=stall.code, vendor=vendor, from_on=from_on
    ).stands_in(market)


def record_listed_papers(
    market: Market, listed: Sequence[tuple[Vendor, PaperKind, PaperFacts]], actor: Actor
) -> None:
    """Enter papers of many vendors; none of them was compared with its original.

    Raises as ``record_paper`` does.
    """
    demand(actor, May.KEEP_PAPERS, market)
    need_open(market)
    papers = [new_paper(market, vendor, kind, facts) for vendor, kind, facts in listed]
    db.session.add_all(papers)
    db.session.flush()
    for paper in papers:
        journal.write(paper, actor, "record_paper")
