"""Looking up imports, what was found about their rows, and what stalls were called before."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy as sa

from portal.core import db
from portal.core.actor import Actor
from portal.core.errors import NotThere
from portal.core.journal import JournalLine
from portal.evidence.queries import spoken_of_by
from portal.exchange.models import Import, ImportRow, Verdict
from portal.exchange.workflow import ImportState
from portal.markets import queries as markets
from portal.markets.models import Market, Stall
from portal.markets.queries import Page

PAGE = 50
RUNNING = (ImportState.WAITING, ImportState.APPLYING)
CHUNK = 5_000


def get_import(actor: Actor, import_id: int) -> tuple[Market, Import]:
    """An import and its market, as far as the market is in sight; raises NotThere."""
    found = db.session.get(Import, import_id)
    if found is None:
        raise NotThere
    return markets.get_market(actor, found.market_id), found


def list_imports(market: Market, most: int = 30) -> Sequence[Import]:
    """The imports of a market, the latest first."""
    query = sa.select(Import).where(Import.market_id == market.id)
    return list(db.session.scalars(query.order_by(Import.id.desc()).limit(most)))


def running_in(market: Market) -> Import | None:
    """The import of a market the worker has in hand."""
    query = sa.select(Import).where(Import.market_id == market.id, Import.state.in_(RUNNING))
    return db.session.scalars(query.limit(1)).first()


def find_done(market: Market, sha256: str) -> Import | None:
    """The last time these very bytes were taken over in a market."""
    query = sa.select(Import).where(
        Import.market_id == market.id, Import.sha256 == sha256, Import.state == ImportState.DONE
    )
    return db.session.scalars(query.order_by(Import.id.desc()).limit(1)).first()


def rows_of(one: Import, verdict: Verdict, after: int = 0) -> Page[ImportRow]:
    """The rows of one verdict after a row number, fifty at a time."""
    query = sa.select(ImportRow).where(
        ImportRow.import_id == one.id, ImportRow.verdict == verdict, ImportRow.number > after
    )
    rows = list(db.session.scalars(query.order_by(ImportRow.number).limit(PAGE + 1)))
    return Page(rows[:PAGE], str(rows[PAGE - 1].number) if len(rows) > PAGE else "")


def lying_since(before: datetime) -> Sequence[Import]:
    """Imports nobody came back to, and those whose rows are kept no longer, made before a moment."""
    query = sa.select(Import).where(
        Import.made_at < before, sa.or_(Import.sealed_sha256 != "", Import.marked_sha256 != "")
    )
    return list(db.session.scalars(query.order_by(Import.id).limit(200)))


def stuck_since(before: datetime) -> Sequence[Import]:
    """Imports the worker gave up on while it took them over."""
    query = sa.select(Import).where(Import.state == ImportState.APPLYING, Import.applied_at < before)
    return list(db.session.scalars(query.order_by(Import.id).limit(200)))


def renumbered_from(stalls: Iterable[Stall]) -> dict[int, str]:
    """What stalls were called before their last renumbering, by id, as the journal tells."""
    codes = {stall.id: stall.code for stall in stalls}
    ids, found = list(codes), {}
    for start in range(0, len(ids), CHUNK):
        query = sa.select(JournalLine.subject_id, JournalLine.data).where(
            JournalLine.subject_kind == Stall.__tablename__,
            JournalLine.subject_id.in_(ids[start : start + CHUNK]),
            JournalLine.verb == "edit_stall",
        )
        for stall_id, data in db.session.execute(query.order_by(JournalLine.id)).all():
            if data.get("before") != codes[stall_id]:
                found[stall_id] = str(data.get("before", ""))
    return found


def _spoken_of(hashes: Sequence[str]) -> set[str]:
    sealed = sa.select(Import.sealed_sha256).where(Import.sealed_sha256.in_(hashes))
    marked = sa.select(Import.marked_sha256).where(Import.marked_sha256.in_(hashes))
    return {*db.session.scalars(sealed), *db.session.scalars(marked)}


spoken_of_by(_spoken_of)
