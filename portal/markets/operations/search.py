"""Search words follow what they lead to: whoever adds or renames a thing, by page, import or errand, changes them.

It hangs on the session, so that no operation can forget it.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from portal.core import clock, db, errands
from portal.core.reach import PortalSession, Reach
from portal.markets import words
from portal.markets.models import Equipment, Found, Market, SearchWord, Stall, Vendor

Thing = Market | Stall | Vendor | Equipment

SPOKEN: dict[type[Any], Found] = {
    Market: Found.MARKET,
    Stall: Found.STALL,
    Vendor: Found.VENDOR,
    Equipment: Found.EQUIPMENT,
}
NAMING: dict[Found, tuple[str, ...]] = {
    Found.MARKET: ("name", "code"),
    Found.STALL: ("code",),
    Found.VENDOR: ("name", "keeper_name", "uscc", "erased_on"),
    Found.EQUIPMENT: ("code", "name"),
}
"""What the words are made of; a telephone number is none of it."""


CHANGED = "things to be found by other words"
LEARN = "markets.learn_words"
MOST_AT_ONCE, BATCH = 500, 250
"""Rows whose words are written with them, and rows of one errand where they are more."""


@event.listens_for(PortalSession, "after_flush")
def _note(session: PortalSession, _context: object) -> None:
    """Remember what came, went or was renamed; True where there may be words already."""
    changed: dict[Thing, bool] = session.info.setdefault(CHANGED, {})
    for row in session.new:
        if type(row) in SPOKEN:
            changed[row] = False
    for row in (*session.dirty, *session.deleted):
        if type(row) in SPOKEN and row not in changed and (row in session.deleted or _is_renamed(row)):
            changed[row] = True


def _is_renamed(row: Thing) -> bool:
    state: Any = sa.inspect(row)
    return any(state.attrs[name].history.has_changes() for name in NAMING[SPOKEN[type(row)]])


@event.listens_for(PortalSession, "before_commit")
def _follow(session: PortalSession) -> None:
    """Write the words of everything that changed, at once, however often it was flushed."""
    if not session.writes:
        return
    session.flush()
    changed: dict[Thing, bool] = session.info.pop(CHANGED, {})
    if len(changed) > MOST_AT_ONCE and db.session == session:
        _put_off(session, changed)
        return
    _forget(session, [row for row, had_words in changed.items() if had_words])
    _learn(session, [row for row in changed if row in session])


def _put_off(session: PortalSession, rows: Iterable[Thing]) -> None:
    """A whole roster's words are many times its rows: they are learned by errands, and found some seconds later."""
    by_kind: dict[Found, list[int]] = defaultdict(list)
    for row in rows:
        by_kind[SPOKEN[type(row)]].append(row.id)
    wanted: dict[str, tuple[Reach | None, dict[str, Any]]] = {}
    for kind, ids in by_kind.items():
        for start in range(0, len(ids), BATCH):
            key = f"{kind}/{ids[start]}@{clock.now().isoformat()}"
            wanted[key] = (session.reach, {"kind": kind.value, "ids": ids[start : start + BATCH]})
    errands.later_each(LEARN, wanted)


def learn_words(kind: Found, ids: list[int]) -> None:
    """Make the words of these rows anew."""
    cls = next(cls for cls, own in SPOKEN.items() if own is kind)
    rows = list(db.session.scalars(sa.select(cls).where(cls.id.in_(ids))))
    _forget(db.session, rows)
    _learn(db.session, rows)


def _forget(session: PortalSession, rows: Iterable[Thing]) -> None:
    by_kind: dict[Found, list[int]] = defaultdict(list)
    for row in rows:
        by_kind[SPOKEN[type(row)]].append(row.id)
    for kind, ids in by_kind.items():
        statement = sa.delete(SearchWord).where(SearchWord.kind == kind, SearchWord.subject_id.in_(ids))
        session.execute(statement, execution_options={"synchronize_session": False})


def _learn(session: PortalSession, rows: Iterable[Thing]) -> None:
    session.add_all(
        SearchWord(market_id=row.market_id, kind=SPOKEN[type(row)], subject_id=row.id, word=word).stands_in(
            row
        )
        for row in rows
        for word in sorted(words_of(row))
    )


def words_of(row: Thing) -> set[str]:
    """The words by which a row is found; one whose names were taken out has none."""
    match row:
        case Market():
            return words.of_name(row.name) | words.of_code(row.code)
        case Stall():
            return words.of_code(row.code)
        case Vendor():
            if row.erased_on is not None:
                return set()
            found = words.of_name(row.name) | words.of_name(row.keeper_name)
            return found | ({words.tidy(row.uscc)} if row.uscc else set())
        case Equipment():
            return words.of_code(row.code) | words.of_name(row.name)


def reindex(market: Market) -> int:
    """Make the words of a market anew from its rows; says how many there are."""
    db.session.execute(
        sa.delete(SearchWord).where(SearchWord.market_id == market.id),
        execution_options={"synchronize_session": False},
    )
    rows: list[Any] = [market]
    for cls in (Stall, Vendor, Equipment):
        rows += db.session.scalars(sa.select(cls).where(cls.market_id == market.id)).all()
    _learn(db.session, rows)
    db.session.flush()
    query = sa.select(sa.func.count(SearchWord.id)).where(SearchWord.market_id == market.id)
    return db.session.scalar(query) or 0
