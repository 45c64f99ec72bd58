"""Looking up papers: what there is, what the law asks for, and what runs out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.core.policy import may
from portal.core.workdays import Calendar, CalendarDay
from portal.evidence import queries as evidence
from portal.markets.models import (
    Equipment,
    Holder,
    Market,
    Paper,
    PaperKind,
    PaperStanding,
    PaperWarning,
    Trade,
    Vendor,
    VendorKind,
    WarnUnit,
    Worker,
)
from portal.markets.policy import May
from portal.markets.queries.pages import Page, cut
from portal.markets.queries.places import in_sight
from portal.markets.queries.workers import workers_of

HEALTH_CERTIFICATE = "health_certificate"
DUE_WITHIN = timedelta(days=60)
"""How far ahead the list of what runs out looks."""


@dataclass(frozen=True)
class PaperLine:
    """A paper and where it stands today; ``days_left`` in calendar days, negative once past, None for 长期."""

    paper: Paper
    standing: PaperStanding
    days_left: int | None


@dataclass(frozen=True)
class Requirement:
    """A paper the law asks of a vendor, or of one of his people, and the best one there is."""

    kind: PaperKind
    standing: PaperStanding
    paper: Paper | None
    worker: Worker | None = None
    """Of whom it is asked; None for the vendor himself."""

    @property
    def is_open(self) -> bool:
        """Whether somebody should do something about it."""
        return self.standing in (PaperStanding.MISSING, PaperStanding.EXPIRED, PaperStanding.DUE)


def paper_kinds(*holders: Holder) -> Sequence[PaperKind]:
    """The kinds of paper about these holders, in the order of the list; all of them where none is named."""
    query = sa.select(PaperKind).order_by(PaperKind.position)
    return list(db.session.scalars(query.where(PaperKind.holder.in_(holders)) if holders else query))


def get_paper_kind(code: str) -> PaperKind:
    """The kind of paper of this code; raises NotThere."""
    kind = db.session.get(PaperKind, code)
    if kind is None:
        raise NotThere
    return kind


def trades() -> Sequence[Trade]:
    """Every trade, in the order of the list."""
    return list(db.session.scalars(sa.select(Trade).order_by(Trade.position)))


def find_trades(codes: Iterable[str]) -> Sequence[Trade]:
    """The trades of these codes, in the order of the list."""
    wanted = list(codes)
    if not wanted:
        return []
    return list(db.session.scalars(sa.select(Trade).where(Trade.code.in_(wanted)).order_by(Trade.position)))


def get_paper(actor: Actor, paper_id: int) -> Paper:
    """The paper with its kind, its market and its vendor; raises NotThere."""
    query = sa.select(Paper).where(Paper.id == paper_id, in_sight(actor, Paper.market_id))
    query = query.options(joinedload(Paper.kind), joinedload(Paper.market), joinedload(Paper.vendor))
    paper = db.session.scalars(query).first()
    if paper is None:
        raise NotThere
    return paper


def sees(actor: Actor, paper_id: int) -> bool:
    """Whether the actor reads this paper, and so its photos."""
    query = sa.select(Paper.id).where(Paper.id == paper_id, in_sight(actor, Paper.market_id))
    return may(actor, May.READ_VENDOR) and db.session.scalar(query) is not None


evidence.shown_with(Paper.__tablename__, sees)


def papers_of_vendor(vendor: Vendor) -> Sequence[PaperLine]:
    """All papers of a vendor, renewed ones included, the latest first."""
    return _lines(_of(Paper.vendor_id == vendor.id))


def papers_of_market(market: Market) -> Sequence[PaperLine]:
    """The market's own papers: its people, its equipment, its contracts."""
    return _lines(_of(Paper.market_id == market.id, Paper.vendor_id.is_(None)))


def _of(*wanted: sa.ColumnElement[bool]) -> sa.Select[Any]:
    query = sa.select(Paper).where(*wanted).options(joinedload(Paper.kind))
    return query.order_by(Paper.replaced_by_id.is_not(None), Paper.expires_on, Paper.id.desc()).limit(200)


def due_papers(
    actor: Actor,
    *,
    market: Market | None = None,
    is_expired: bool | None = None,
    wanted: Sequence[sa.ColumnElement[bool]] = (),
    cursor: str = "",
) -> Page[PaperLine]:
    """What has run out or will within sixty days in the markets in sight, the earliest first.

    Renewed papers, those of vendors and people who have left and of scrapped equipment are not there.
    ``is_expired`` narrows it to one side, ``wanted`` by any other conditions on papers.
    """
    today = clock.today()
    query = running_papers(Paper.expires_on <= today + DUE_WITHIN, in_sight(actor, Paper.market_id), *wanted)
    if market is not None:
        query = query.where(Paper.market_id == market.id)
    if is_expired is not None:
        query = query.where(Paper.expires_on < today if is_expired else Paper.expires_on >= today)
    query = query.options(joinedload(Paper.kind), joinedload(Paper.market), joinedload(Paper.vendor))
    found = cut(query, (Paper.expires_on, Paper.id), cursor, lambda paper: paper.expires_on.isoformat())
    return Page(lines_of(found.rows), found.next_cursor)


def running_papers(*wanted: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The newest papers of vendors who trade and of what is in use."""
    return (
        sa.select(Paper)
        .outerjoin(Vendor, Paper.vendor_id == Vendor.id)
        .outerjoin(Equipment, Paper.equipment_id == Equipment.id)
        .outerjoin(Worker, Paper.worker_id == Worker.id)
        .where(
            Paper.replaced_by_id.is_(None),
            Vendor.ended_on.is_(None),
            Worker.to_on.is_(None),
            Equipment.ended_on.is_(None),
            *wanted,
        )
    )


def expiring_in(market: Market, kinds: Sequence[PaperKind], until: date) -> Sequence[Paper]:
    """The papers of these kinds in a market whose last day comes by ``until``."""
    codes = [kind.code for kind in kinds]
    query = running_papers(
        Paper.market_id == market.id, Paper.kind_code.in_(codes), Paper.expires_on <= until
    )
    return list(
        db.session.scalars(query.options(joinedload(Paper.kind)).order_by(Paper.expires_on, Paper.id))
    )


def told_thresholds(papers: Sequence[Paper]) -> set[tuple[int, date, int]]:
    """Which warnings of these papers have been told: paper, last day as it was then, threshold."""
    query = sa.select(PaperWarning.paper_id, PaperWarning.expires_on, PaperWarning.threshold)
    query = query.where(PaperWarning.paper_id.in_([paper.id for paper in papers]))
    return {(paper, last_day, threshold) for paper, last_day, threshold in db.session.execute(query).all()}


def required_papers(vendor: Vendor) -> list[Requirement]:
    """What the law asks of a vendor for what he sells and of his people, and where each paper stands."""
    people = workers_of(vendor)
    wanted = wanted_codes(vendor, find_trades(vendor.trade_codes), people)
    if not wanted:
        return []
    query = sa.select(Paper).where(Paper.vendor_id == vendor.id, Paper.kind_code.in_(wanted))
    papers = list(db.session.scalars(query.options(joinedload(Paper.kind)).order_by(Paper.id).limit(400)))
    return requirements(wanted, papers, people, calendar_for(papers))


def wanted_codes(vendor: Vendor, trades: Sequence[Trade], people: Sequence[Worker]) -> list[str]:
    """The kinds of paper asked of a vendor (trades.csv), and of his people.

    A farmer selling his own produce in the designated zone needs none (无证无照经营查处办法 article 3).  Who touches
    ready-to-eat food needs a health certificate (食品安全法 article 45).
    """
    is_free = vendor.kind is VendorKind.OWN_PRODUCE
    codes = set() if is_free else {code for trade in trades for code in trade.required_papers}
    return sorted(codes | ({HEALTH_CERTIFICATE} if any(map(_needs_certificate, people)) else set()))


def _needs_certificate(worker: Worker) -> bool:
    return worker.handles_ready_food and worker.to_on is None


def requirements(
    wanted: Sequence[str], papers: Sequence[Paper], people: Sequence[Worker], calendar: Calendar
) -> list[Requirement]:
    """Where each wanted paper stands among a vendor's, the certificates person by person."""
    query = sa.select(PaperKind).where(PaperKind.code.in_(wanted)).order_by(PaperKind.position)
    bearers = [worker for worker in people if _needs_certificate(worker)]
    today = clock.today()
    return [
        Requirement(kind, *standing_among(_meant(papers, kind, of), today, calendar), of)
        for kind in db.session.scalars(query)
        for of in (bearers if kind.code == HEALTH_CERTIFICATE else [None])
    ]


def _meant(papers: Sequence[Paper], kind: PaperKind, of: Worker | None) -> list[Paper]:
    """The papers of a kind that speak of this person, or of any where the vendor himself is asked."""
    return [
        paper for paper in papers if paper.kind_code == kind.code and (of is None or paper.worker_id == of.id)
    ]


def standing_among(
    papers: Sequence[Paper], today: date, calendar: Calendar
) -> tuple[PaperStanding, Paper | None]:
    """Where several papers of one kind stand together, and the one that speaks for them.

    A paper in force counts; a renewal that begins by the day after its last day keeps it from being 临期.
    """
    in_force = [paper for paper in papers if paper.holds_on(today)]
    if not in_force:
        latest = max(papers, key=lambda paper: paper.expires_on or date.max, default=None)
        return (PaperStanding.MISSING if latest is None else PaperStanding.EXPIRED), latest
    best = max(in_force, key=lambda paper: paper.expires_on or date.max)
    standing = best.standing(today, calendar)
    if standing is PaperStanding.DUE and any(_follows(paper, best) for paper in papers):
        standing = PaperStanding.VALID if best.confirmed_at else PaperStanding.UNCONFIRMED
    return standing, best


def _follows(later: Paper, sooner: Paper) -> bool:
    if later.issued_on is None or sooner.expires_on is None or later is sooner:
        return False
    begins_in_time = later.issued_on <= sooner.expires_on + timedelta(days=1)
    return begins_in_time and (later.expires_on is None or later.expires_on > sooner.expires_on)


def _lines(query: sa.Select[Any]) -> Sequence[PaperLine]:
    return lines_of(list(db.session.scalars(query)))


def lines_of(papers: Sequence[Paper], calendar: Calendar | None = None) -> list[PaperLine]:
    """Where each of these papers stands today."""
    today = clock.today()
    calendar = calendar_for(papers) if calendar is None else calendar
    return [
        PaperLine(
            paper,
            paper.standing(today, calendar),
            (paper.expires_on - today).days if paper.expires_on else None,
        )
        for paper in papers
    ]


def standing_of(paper: Paper) -> PaperLine:
    """Where one paper stands today."""
    return lines_of([paper])[0]


def calendar_for(papers: Sequence[Paper]) -> Calendar:
    """The working days these papers are counted in: none are read where all count calendar days."""
    counted = [
        paper.expires_on
        for paper in papers
        if paper.expires_on is not None and paper.kind.warn_unit is WarnUnit.WORKING
    ]
    today = clock.today()
    near = [day for day in counted if today <= day <= today + timedelta(days=300)]
    if not near:
        return Calendar(())
    query = sa.select(CalendarDay.day, CalendarDay.is_workday).where(
        CalendarDay.day.between(today, max(near))
    )
    return Calendar((day, is_workday) for day, is_workday in db.session.execute(query).all())
