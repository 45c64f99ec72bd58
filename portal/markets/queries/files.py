"""The file of a vendor as a whole: what is asked, what there is, who works there, which scales, since when where."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import db
from portal.evidence import queries as evidence
from portal.evidence.models import Attachment
from portal.markets.models import Equipment, Occupancy, Paper, Trade, Vendor, Worker
from portal.markets.queries.equipment import EquipmentLine
from portal.markets.queries.papers import (
    PaperLine,
    Requirement,
    calendar_for,
    find_trades,
    lines_of,
    requirements,
    wanted_codes,
)
from portal.markets.queries.vendors import occupancies_of
from portal.markets.queries.workers import people_of

MOST_PAPERS = 200


@dataclass(frozen=True)
class VendorFile:
    """Everything there is about a vendor, read in as few statements as it takes.

    ``papers`` are all of them, renewed ones last; ``photos`` the first photo of each paper that has one, by its id.
    """

    trades: Sequence[Trade]
    required: Sequence[Requirement]
    papers: Sequence[PaperLine]
    workers: Sequence[Worker]
    equipment: Sequence[EquipmentLine] = ()
    stays: Sequence[Occupancy] = ()
    photos: dict[int, Attachment] = field(default_factory=dict)

    @property
    def open(self) -> list[Requirement]:
        """What is missing, has run out or will soon."""
        return [line for line in self.required if line.is_open]

    @property
    def next_due(self) -> PaperLine | None:
        """The paper that runs out first, or ran out already."""
        dated = [line for line in self.papers if line.paper.replaced_by_id is None and line.paper.expires_on]
        gone = {worker.id for worker in self.workers if worker.to_on is not None}
        running = [line for line in dated if line.paper.worker_id not in gone]
        return min(running, key=lambda line: (line.paper.expires_on, line.paper.id), default=None)

    def certificate_of(self, worker: Worker) -> PaperLine | None:
        """The newest health certificate of somebody."""
        own = [line for line in self.papers if line.paper.worker_id == worker.id]
        return next((line for line in own if line.paper.replaced_by_id is None), None)


def file_of(vendor: Vendor) -> VendorFile:
    """The whole file of a vendor."""
    shown = demands_on(vendor)
    papers = [line.paper for line in shown.papers]
    photos = evidence.of_many(papers)
    return VendorFile(
        trades=shown.trades,
        required=shown.required,
        papers=shown.papers,
        workers=shown.workers,
        equipment=_equipment(vendor, shown.papers),
        stays=occupancies_of([vendor])[vendor.id],
        photos={paper: first for paper, of in photos.items() if (first := _first_photo(of)) is not None},
    )


def demands_on(vendor: Vendor, trades: Sequence[Trade] | None = None) -> VendorFile:
    """The papers and the people alone: enough to say what is missing.  ``trades`` where they were read already."""
    sold = find_trades(vendor.trade_codes) if trades is None else trades
    people = people_of(vendor)
    query = sa.select(Paper).where(Paper.vendor_id == vendor.id).options(joinedload(Paper.kind))
    ordered = query.order_by(Paper.replaced_by_id.is_not(None), Paper.expires_on, Paper.id.desc())
    papers = list(db.session.scalars(ordered.limit(MOST_PAPERS)))
    calendar = calendar_for(papers)
    wanted = wanted_codes(vendor, sold, people)
    required = requirements(wanted, papers, people, calendar) if wanted else []
    return VendorFile(sold, required, lines_of(papers, calendar), people)


def _equipment(vendor: Vendor, papers: Sequence[PaperLine]) -> list[EquipmentLine]:
    query = sa.select(Equipment).where(Equipment.vendor_id == vendor.id, Equipment.ended_on.is_(None))
    dates = {line.paper.equipment_id: line for line in papers if line.paper.replaced_by_id is None}
    rows = db.session.scalars(query.order_by(Equipment.sort_key, Equipment.id).limit(100))
    return [EquipmentLine(one, dates.get(one.id)) for one in rows]


def _first_photo(attachments: Sequence[Attachment]) -> Attachment | None:
    return next((one for one in attachments if one.is_photo), None)
