"""Workbooks that were brought in and judged: one with something to mend, one that may be taken over."""

import io

from portal.core import db
from portal.core.actor import SYSTEM
from portal.exchange import keeping
from portal.exchange.models import ImportKind
from portal.exchange.operations import imports
from portal.exchange.operations.imports import Brought
from portal.exchange.queries.imports import running_in
from tests.exchange import workbooks
from tests.people import Cast

HEADERS = ("档口号", "面积")


def judged_import(cast: Cast) -> int:
    """Sixty stalls with faults in twenty of them."""
    faulty = [(f"N-{n:03d}", "很大" if n % 3 == 0 else n) for n in range(1, 61)]
    return _judged(cast, workbooks.workbook([HEADERS, *faulty]))


def right_import(cast: Cast) -> int:
    return _judged(cast, workbooks.workbook([HEADERS, ("M-001", 8), ("M-002", 9)]))


def sent_workbook() -> tuple[io.BytesIO, str]:
    """A workbook as a browser sends it."""
    return io.BytesIO(workbooks.workbook([HEADERS, ("M-003", 8)])), "新档口.xlsx"


def _judged(cast: Cast, content: bytes) -> int:
    waiting = bring_one(cast, content)
    judge_one(cast, waiting)
    return waiting


def bring_one(cast: Cast, content: bytes) -> int:
    """A workbook that waits for the worker; the one that waits already, where there is one."""
    own = Brought("档口.xlsx", len(content), "0" * 64, keeping.put(content))
    with db.acting(cast.kuang):
        one = running_in(cast.market()) or imports.bring(cast.market(), ImportKind.STALLS, own, cast.kuang)
        return one.id


def judge_one(cast: Cast, import_id: int) -> None:
    """What the worker does with it."""
    with db.acting(SYSTEM(cast.kuang.reach)):
        imports.judge(import_id, cast.kuang.membership_id)
