"""What is done with a workbook that came in: judged first, taken over whole or not at all, forgotten."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts import queries as accounts
from portal.core import clock, db, errands, identity
from portal.core.actor import SYSTEM, Actor
from portal.core.errors import Mistake, NotThere, Refusal, TooLate
from portal.core.policy import demand
from portal.core.reach import Reach, Sight
from portal.exchange import judging, keeping
from portal.exchange import notices as texts
from portal.exchange.judging import Judged, Read
from portal.exchange.kinds.base import Line
from portal.exchange.models import Import, ImportKind, ImportRow, Verdict
from portal.exchange.policy import May
from portal.exchange.queries import imports
from portal.exchange.words import packed
from portal.exchange.workbooks.container import Unreadable
from portal.exchange.workbooks.marked import Marked
from portal.exchange.workflow import IMPORT, ImportState
from portal.markets.models import Market
from portal.markets.operations.facts import need_open
from portal.notices import operations as notices

JUDGE = "exchange.judge_import"
TAKE_OVER = "exchange.take_over_import"
ROWS_AT_ONCE = 500

GONE = _l("交表的人已经不在岗，没有继续。请重新交一次。")
LOST = _l("这份表格已经删掉了，请重新交一次。")
CHANGED = _l("核对之后又有人改了资料，这次没有导入，什么都没有改动。下面是最新的结果，请再看一遍。")


@dataclass(frozen=True)
class Brought:
    """A workbook that was looked at from outside and lies sealed in the storage."""

    filename: str
    size: int
    sha256: str
    sealed_sha256: str


def bring(market: Market, kind: ImportKind, brought: Brought, actor: Actor) -> Import:
    """Take a workbook in, to be judged by the worker; nothing is written to the books.

    Raises NotAllowed, TooLate (a closed market), Mistake("workbook") while another one is in hand.
    """
    demand(actor, May.IMPORT, market)
    need_open(market)
    if (other := imports.running_in(market)) is not None:
        words = _l("%(name)s 交的“%(file)s”还在处理，等它完了再交。", name=other.by_name, file=other.filename)
        raise Mistake("workbook", words)
    one = Import(
        market_id=market.id,
        kind=kind,
        filename=brought.filename,
        size=brought.size,
        sha256=brought.sha256,
        sealed_sha256=brought.sealed_sha256,
        by_person_id=actor.person_id,
        by_name=actor.name,
        by_membership_id=actor.membership_id,
    ).stands_in(market)
    IMPORT.perform("bring", one, actor)
    _ask(JUDGE, one, actor)
    return one


def apply(market: Market, one: Import, actor: Actor) -> None:
    """Have the worker take over what was judged.  Raises NotAllowed, TooLate."""
    need_open(market)
    if one.fault_count:
        raise TooLate(_l("还有 %(number)s 处要改，改好的表请重新交一次。", number=one.fault_count))
    if not one.counts.get(Verdict.NEW.value) and not one.counts.get(Verdict.CHANGED.value):
        raise TooLate(_l("表里的内容和登记的一样，没有要导入的。"))
    if imports.running_in(market) is not None:
        raise TooLate(_l("本市场还有一份表格在处理，等它完了再导入。"))
    IMPORT.perform("apply", one, actor, one.filename, applied_at=clock.now(), words={}, rows_done=0)
    _ask(TAKE_OVER, one, actor)


def drop(one: Import, actor: Actor) -> None:
    """Think better of it: the workbook and what was found in it are deleted.  Raises NotAllowed, TooLate."""
    IMPORT.perform("drop", one, actor)
    _clear(one)


def lapse(one: Import, actor: Actor) -> None:
    """Delete what nobody came back for; one the worker gave up on may be looked at again."""
    if one.state is ImportState.APPLYING:
        IMPORT.perform("send_back", one, actor, words=packed(CHANGED))
        return
    if one.state in (ImportState.WAITING, ImportState.JUDGED):
        IMPORT.perform("lapse", one, actor)
    _clear(one)


def _ask(name: str, one: Import, actor: Actor) -> None:
    """One errand for each time it is asked for: an import sent back may be taken over again."""
    db.session.flush()
    key = f"{one.id}@{one.version}"
    errands.later(name, key, reach=_reach(one), id=one.id, membership=actor.membership_id)


def _reach(one: Import) -> Reach:
    return Reach(Sight.COMPANY, str(one.company_id))


def _clear(one: Import) -> None:
    keeping.forget(one.sealed_sha256, one.marked_sha256)
    one.sealed_sha256 = one.marked_sha256 = ""
    db.session.execute(sa.delete(ImportRow).where(ImportRow.import_id == one.id))


@dataclass(frozen=True)
class Seen:
    """What a look at a workbook came to: it could not be read, or was judged."""

    words: Any = None
    book: Read | None = None
    judged: Judged | None = None
    marked_sha256: str = ""


def judge(import_id: int, membership_id: int) -> None:
    """Judge a workbook: the long look first, while nothing is locked, then what was found in one short write."""
    seen = _look(import_id, membership_id, ImportState.WAITING)
    if seen is None:
        return
    one, market, portal = _own(import_id)
    if one.state is not ImportState.WAITING:  # dropped meanwhile
        keeping.forget(seen.marked_sha256)
        return
    if seen.judged is None or seen.book is None:
        IMPORT.perform("refuse", one, portal, words=packed(seen.words), judged_at=clock.now())
        _clear(one)
        _tell(one, market, texts.REFUSED)
        return
    IMPORT.perform("judge", one, portal, **_found(seen.book, seen.judged))
    one.marked_sha256 = seen.marked_sha256
    _keep_rows(one, seen.judged)
    right = len(seen.judged.doing)
    _tell(one, market, texts.JUDGED, right=right, wrong=seen.judged.fault_count)


def take_over(import_id: int, membership_id: int) -> None:
    """Write what was judged into the books, all of it in one transaction, in the name of whoever confirmed it.

    It is judged anew against the books as they are; where that comes to something else, nothing is written.
    """
    seen = _look(import_id, membership_id, ImportState.APPLYING)
    if seen is None:
        return
    one, market, portal = _own(import_id)
    if one.state is not ImportState.APPLYING:
        return
    judged = seen.judged
    if judged is None or seen.book is None or judged.fault_count or judged.digest != one.plan_digest:
        _send_back(one, market, seen, portal)
        return
    judged.judge.market = market
    try:
        with _undisturbed(), db.session.begin_nested():
            judged.judge.take_over(judged.doing)
    except (
        Refusal,
        Mistake,
    ) as refusal:  # the market closed, the right is gone: say so, with nothing written
        _send_back(one, market, Seen(words=refusal.words), portal)
        return
    _finish(one, market, judged.counts, portal)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the collector of cycles, which would walk a roster's rows again and again while they are made."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _finish(one: Import, market: Market, counts: dict[str, int], portal: Actor) -> None:
    IMPORT.perform("finish", one, portal, rows_done=one.rows_all)
    keeping.forget(one.sealed_sha256, one.marked_sha256)
    one.sealed_sha256 = one.marked_sha256 = ""
    _tell(one, market, texts.DONE, new=counts.get("new", 0), changed=counts.get("changed", 0))


def _send_back(one: Import, market: Market, seen: Seen, portal: Actor) -> None:
    IMPORT.perform("send_back", one, portal, words=packed(seen.words or CHANGED))
    if seen.judged is not None and seen.book is not None:
        for name, value in _found(seen.book, seen.judged).items():
            setattr(one, name, value)
        keeping.forget(one.marked_sha256)
        one.marked_sha256 = seen.marked_sha256
        db.session.execute(sa.delete(ImportRow).where(ImportRow.import_id == one.id))
        _keep_rows(one, seen.judged)
    _tell(one, market, texts.SENT_BACK)


def _own(import_id: int) -> tuple[Import, Market, Actor]:
    """The row and its market in the session that writes, and the portal itself."""
    one = db.session.get_one(Import, import_id)
    return one, db.session.get_one(Market, one.market_id), SYSTEM(_reach(one))


def _look(import_id: int, membership_id: int, state: ImportState) -> Seen | None:
    """Read and judge in a session that only reads; None where there is nothing to do any more."""
    with db.opened(db.session.reach, writes=False):
        one = db.session.get(Import, import_id)
        if one is None or one.state is not state:
            return None
        market = db.session.get_one(Market, one.market_id)
        try:
            actor = accounts.actor_in(membership_id)
            book = judging.read(keeping.read(one.sealed_sha256), one.kind)
            judged = judging.judge(market, book, one.kind, actor, _Teller(one))
        except Unreadable as refusal:
            return Seen(words=refusal.words)
        except NotThere:
            return Seen(words=GONE)
        except FileNotFoundError:
            return Seen(words=LOST)
        return Seen(book=book, judged=judged, marked_sha256=_marked(book, judged))


def _marked(book: Read, judged: Judged) -> str:
    if not judged.fault_count:
        return ""
    return keeping.put(Marked(book.header, judged.lines).written(book.sheet))


class _Teller:
    """Writes how far the judging has come, each time in a short transaction of its own."""

    def __init__(self, one: Import) -> None:
        self.reach, self.id = _reach(one), one.id

    def __call__(self, done: int, total: int) -> None:
        how_far = sa.update(Import).where(Import.id == self.id).values(rows_done=done, rows_all=total)
        with db.opened(self.reach, writes=True) as own:
            own.execute(how_far, execution_options={"synchronize_session": False})
            own.commit()


def _found(book: Read, judged: Judged) -> dict[str, Any]:
    return {
        "sheet": identity.masked(book.sheet.name)[:80],
        "left_sheets": [identity.masked(name)[:80] for name in book.others],
        "header_row": book.header.row,
        "columns": book.header.columns,
        "rows_done": len(judged.lines),
        "rows_all": len(judged.lines),
        "counts": judged.counts,
        "fault_count": judged.fault_count,
        "plan_digest": judged.digest,
        "judged_at": clock.now(),
    }


def _keep_rows(one: Import, judged: Judged) -> None:
    """Keep what there is to see, some hundred rows at a time; rows that change nothing are only counted."""
    rows = chain(
        (_row(one, line) for line in judged.lines if line.verdict is not Verdict.SAME),
        (_left_out(one, number) for number in judged.left_out),
    )
    while some := list(islice(rows, ROWS_AT_ONCE)):
        db.session.add_all(some)
        db.session.flush()


def _left_out(one: Import, number: int) -> ImportRow:
    row = ImportRow(market_id=one.market_id, import_id=one.id, number=number, verdict=Verdict.LEFT_OUT)
    return row.stands_in(one)


def _row(one: Import, line: Line) -> ImportRow:
    return ImportRow(
        market_id=one.market_id,
        import_id=one.id,
        number=line.number,
        verdict=line.verdict,
        key=identity.masked(line.key)[:80],
        changes=[{"field": c.field, "old": c.old, "new": c.new} for c in line.changes],
        faults=[
            {"cell": f.cell, "field": f.field, "words": packed(f.words), "suggestion": f.suggestion}
            for f in line.faults
        ],
    ).stands_in(one)


def _tell(one: Import, market: Market, event: str, **figures: Any) -> None:
    notices.tell(
        one.by_person_id,
        event,
        f"/imports/{one.id}",
        key=f"{one.id}@{one.version}",
        market=market.name,
        file=one.filename,
        **figures,
    )
