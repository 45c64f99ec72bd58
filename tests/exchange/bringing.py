"""Bringing workbooks in as a manager and the worker do, and reading what came of it."""

from collections.abc import Callable

import sqlalchemy as sa

from portal.core import db, errands
from portal.core.actor import Actor
from portal.exchange import keeping, words
from portal.exchange.models import Import, ImportKind, ImportRow
from portal.exchange.operations import imports
from portal.exchange.operations.imports import Brought
from portal.markets.models import Stall
from tests.people import Cast

Bring = Callable[..., Import]


def bring_in(cast: Cast, content: bytes, kind: ImportKind) -> Import:
    """Bring a workbook in and let the worker judge it."""
    own = Brought("台账.xlsx", len(content), "0" * 64, keeping.put(content))
    with db.acting(cast.kuang):
        one = imports.bring(cast.market(), kind, own, cast.kuang)
    while errands.drain():
        pass
    return again(one, cast.kuang)


def again(one: Import, actor: Actor) -> Import:
    """The import as it stands now."""
    with db.opened(actor.reach, writes=False) as look:
        return look.get_one(Import, one.id)


def faults_of(one: Import, actor: Actor) -> dict[str, str]:
    """What was found, by the cell."""
    with db.opened(actor.reach, writes=False) as look:
        rows = look.scalars(sa.select(ImportRow).where(ImportRow.import_id == one.id)).all()
        return {fault["cell"]: words.said(fault["words"]) for row in rows for fault in row.faults}


def confirm(one: Import, cast: Cast) -> Import:
    """Confirm what was judged and let the worker take it over."""
    with db.acting(cast.kuang):
        imports.apply(cast.market(), db.session.get_one(Import, one.id), cast.kuang)
    while errands.drain():
        pass
    return again(one, cast.kuang)


def codes(cast: Cast) -> dict[str, Stall]:
    """The stalls of the market by their codes."""
    with db.opened(cast.kuang.reach, writes=False) as look:
        return {stall.code: stall for stall in look.scalars(sa.select(Stall))}
