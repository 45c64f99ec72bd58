"""Erasing what was kept its time: names, numbers and photos go, the row and its days stay."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.accounts.operations import people
from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.policy import demand
from portal.evidence import operations as evidence
from portal.evidence.models import Attachment
from portal.markets import queries
from portal.markets.models import Correction, Market, Paper, Vendor, Worker
from portal.markets.operations import identity
from portal.markets.policy import May
from portal.markets.queries import retention
from portal.markets.queries.retention import ERASED

AT_ONCE = 40
"""Rows of a rule erased in one transaction: a vendor's file is some ten rows and a few photos."""


def erase_due(market: Market, actor: Actor, most: int = AT_ONCE) -> dict[str, int]:
    """Erase what has come due in a market, so many rows a rule; says by rule how many it was.

    The journal keeps what, how many and by which rule.  Raises NotAllowed for anybody but the portal.
    """
    demand(actor, May.ERASE, market)
    vendors = retention.rows_due(retention.VENDOR_FILES, market, most)
    _erase_files(vendors, actor)
    certificates = retention.rows_due(retention.CERTIFICATES, market, most)
    _erase_papers(certificates, actor)
    workers = retention.rows_due(retention.WORKERS, market, most)
    _erase_papers(_certificates_of(workers), actor)
    _erase_workers(workers)
    counts = {"vendor_files": len(vendors), "certificates": len(certificates), "workers": len(workers)}
    if any(counts.values()):
        facts: dict[str, Any] = counts
        journal.write(market, actor, "erase", **facts)
    db.session.flush()
    return counts


def _erase_files(vendors: Sequence[Vendor], actor: Actor) -> None:
    ids = [vendor.id for vendor in vendors]
    if not ids:
        return
    _erase_papers(_rows(Paper, ids), actor)
    _erase_workers(_rows(Worker, ids))
    for correction in _rows(Correction, ids):
        correction.old = correction.wished = correction.reason = correction.answer = ""
        correction.by_name = ERASED
    for vendor in vendors:
        identity.forget(vendor)
        vendor.name = vendor.keeper_name = ERASED
        vendor.phone = vendor.goods = ""
        vendor.erased_on = clock.today()
        for membership in queries.accounts_of(vendor):
            people.end_membership(membership, actor)
    db.session.flush()


def _rows(model: type[Any], vendor_ids: list[int]) -> Sequence[Any]:
    return list(db.session.scalars(sa.select(model).where(model.vendor_id.in_(vendor_ids))))


def _certificates_of(workers: Sequence[Worker]) -> Sequence[Paper]:
    ids = [worker.id for worker in workers]
    return list(db.session.scalars(sa.select(Paper).where(Paper.worker_id.in_(ids)))) if ids else []


def _erase_papers(papers: Sequence[Paper], actor: Actor) -> None:
    query = sa.select(Attachment).where(
        Attachment.owner_kind == Paper.__tablename__, Attachment.owner_id.in_([paper.id for paper in papers])
    )
    for photo in db.session.scalars(query.options(joinedload(Attachment.blob))).all() if papers else ():
        evidence.detach(photo, actor)
    for paper in papers:
        paper.number, paper.holder_name = "", ERASED
        paper.confirmed_by = ""


def _erase_workers(workers: Sequence[Worker]) -> None:
    for worker in workers:
        worker.name, worker.job = ERASED, ""
