"""The import's benchmark: a dirty workbook judged and taken over as the worker does it, and bombs refused.

Each step runs in a process of its own that is prepared as the worker is, so that the most memory it ever held is its
own; the process that parses the workbook is watched beside it.
"""

import hashlib
import io
import json
import os
import resource
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import xlsxwriter
from click import ClickException
from werkzeug.utils import import_string

from portal.accounts import queries as accounts
from portal.accounts.models import Membership
from portal.bench import exports, scene
from portal.bench.databases import place
from portal.core import db, errands, schema
from portal.core.actor import SYSTEM
from portal.core.reach import Reach, Sight, beyond_reach
from portal.core.settings import Settings
from portal.exchange import judging, keeping
from portal.exchange.models import Import, ImportKind
from portal.exchange.operations import imports
from portal.exchange.operations.imports import Brought
from portal.exchange.workbooks.container import Unreadable
from portal.markets import operations as markets
from portal.markets.models import Market
from portal.selfcheck import cli as facts
from portal.territory.cli import read

ROWS = 5_000
MOST_MB, MOST_GROWTH_MB, SOON = 200, 50, 1.0
"""The most the worker may hold while it judges, what a bomb may cost, and in how many seconds it is refused."""
MARK, JUDGE, TAKE_OVER, REFUSE = "judge and mark faults", "judge", "take over", "refuse"
LOOK_EVERY = 0.002
FORM = "{:<28}{:<10}{:>8}{:>10}{:>12}{:>12}"


@dataclass(frozen=True)
class Figure:
    """One step: how long, the most the worker held (of a bomb: what it cost), the most the parsing process held."""

    name: str
    database: str
    rows: int
    seconds: float
    worker_mb: float
    reader_mb: float

    def plain(self) -> dict[str, Any]:
        """The row as JSON has it."""
        return asdict(self)

    @property
    def is_met(self) -> bool | None:
        """Whether its aim was reached, None for a step without one."""
        if self.name in (MARK, JUDGE):
            return self.worker_mb < MOST_MB
        if self.name == TAKE_OVER:
            return None
        return self.seconds < SOON and self.worker_mb < MOST_GROWTH_MB


def measure(kind: str, rows: int, folder: Path) -> Iterator[Figure]:
    """Judge a workbook on one kind of database, take it over, and refuse the bombs."""
    with place(kind, folder) as where:
        url = where.new()
        try:
            manager = _prepare(url, folder)
            for name, is_faulty in ((MARK, True), (JUDGE, False)):
                _bring(manager, roster(rows, is_faulty=is_faulty))
                yield Figure(name, kind, rows, **_alone(name, url, folder))
            _confirm(manager)
            yield Figure(TAKE_OVER, kind, rows, **_alone(TAKE_OVER, url, folder))
            for name in BOMBS:
                yield Figure(f"{REFUSE} {name}", kind, 0, **_alone(f"{REFUSE} {name}", url, folder))
        finally:
            db.database().engine.dispose()
            where.drop(url)


def table(figures: list[Figure]) -> Iterator[str]:
    """The figures line by line."""
    yield FORM.format("", "database", "rows", "seconds", "worker MB", "reader MB")
    for one in figures:
        cells = (f"{one.seconds:.2f}", f"{one.worker_mb:.0f}", f"{one.reader_mb:.0f}")
        yield FORM.format(one.name, one.database, f"{one.rows:,}", *cells)


def aims(figures: list[Figure]) -> Iterator[str]:
    """What was to be reached and what was."""
    for one in figures:
        if one.is_met is not None:
            yield f"{one.name} on {one.database}: {'met' if one.is_met else 'missed'}"


def roster(rows: int, *, is_faulty: bool) -> bytes:
    """Stalls as a market keeps them: a title, figures of all kinds, a total, a fault in every hundredth row or none."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet("台账")
    page.merge_range(0, 0, 0, 4, "测速肉菜市场档口台账")
    page.write_row(1, 0, ("序号", "摊位号", "面积（㎡）", "经营范围", "是否用燃气"))
    for n in range(1, rows + 1):
        code = f"Ｓ－{n:05d}" if n % 7 == 0 else f" s-{n:05d} " if n % 5 == 0 else f"S-{n:05d}"
        area: Any = (
            "很大" if n % 100 == 50 and is_faulty else f"{n % 30 + 5}.5㎡" if n % 4 == 0 else n % 30 + 5
        )
        page.write_row(n + 1, 0, (n, code, area, ("蔬菜", "水产", "猪肉")[n % 3], ("是", "否", "")[n % 3]))
    page.write_row(rows + 2, 0, ("合计", f"{rows} 个"))
    book.close()
    return out.getvalue()


def _bomb(part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/workbook.xml", "<workbook/>")
        made.writestr(part, content)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"
BOMBS: dict[str, Any] = {
    "a million rows": lambda: _bomb(SHEET, b"<sheetData>" + b"<row><c><v>1</v></c></row>" * 1_000_000),
    "a zip bomb": lambda: _bomb("xl/sharedStrings.xml", b"A" * 300_000_000),
    "a billion laughs": lambda: _bomb("xl/sharedStrings.xml", b'<!DOCTYPE a [<!ENTITY a "a">]><a>&a;</a>'),
    "a macro file": lambda: _bomb("xl/vbaProject.bin", b"\x00" * 1_000_000),
}


def _as_worker(url: str, folder: Path) -> None:
    """Everything the worker has, which stands above the benchmarks."""
    settings = Settings(home=folder, database_url=url, secret_key=exports.SECRET)
    import_string("portal.worker:prepare")(settings)


def _prepare(url: str, folder: Path) -> int:
    """One empty market; the membership of its manager."""
    _as_worker(url, folder)
    schema.create(db.database().engine)
    city = SYSTEM(Reach(Sight.CITY))
    with db.acting(city):
        markets.load_papers(read(facts.DATA / "papers.csv"), city)
        markets.load_trades(read(facts.DATA / "trades.csv"), city)
    with beyond_reach("bench"), db.opened(Reach(Sight.CITY), writes=True) as own:
        company = scene.add_territory()
        scene.add_market(company)
        manager: Membership = exports.add_manager(company)
        own.commit()
        return manager.id


def _bring(manager: int, content: bytes) -> None:
    sealed = keeping.put(content)
    own = Brought("台账.xlsx", len(content), hashlib.sha256(content).hexdigest(), sealed)
    with db.reading():
        actor = accounts.actor_in(manager)
    with db.acting(actor) as session:
        imports.bring(session.scalars(sa.select(Market)).one(), ImportKind.STALLS, own, actor)


def _confirm(manager: int) -> None:
    with db.reading():
        actor = accounts.actor_in(manager)
    with db.acting(actor) as session:
        imports.apply(
            session.scalars(sa.select(Market)).one(),
            session.scalars(sa.select(Import).where(Import.fault_count == 0)).one(),
            actor,
        )


def _alone(step: str, url: str, folder: Path) -> dict[str, float]:
    """One step in a process of its own; raises ClickException with the end of its words."""
    command = [sys.executable, "-m", "portal.bench.imports", step, url, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    if done.returncode:
        raise ClickException(done.stderr[-2_000:])
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _child(step: str, url: str, folder: Path) -> dict[str, float]:
    _as_worker(url, folder)
    bomb = BOMBS[step.removeprefix(f"{REFUSE} ")]() if step.startswith(REFUSE) else b""
    watch = _Watch()
    watch.start()
    before, began = exports.most_memory() if bomb else 0, time.perf_counter()
    if bomb:
        _refuse(bomb)
    else:
        errands.drain()
    seconds = time.perf_counter() - began
    watch.is_over = True
    watch.join()
    held = exports.most_memory() - before
    return {"seconds": seconds, "worker_mb": held / 1e6, "reader_mb": watch.most / 1e6}


def _refuse(bomb: bytes) -> None:
    try:
        judging.read(bomb, ImportKind.STALLS)
    except Unreadable:
        return
    raise RuntimeError("a bomb was read")


class _Watch(threading.Thread):
    """Looks at the most memory a child of this process ever held, on Linux."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.is_over, self.most = False, 0

    def run(self) -> None:
        while not self.is_over:
            for task in Path("/proc/self/task").glob("*/children"):
                self._look(task)
            time.sleep(LOOK_EVERY)

    def _look(self, task: Path) -> None:
        try:
            for child in task.read_text().split():
                folder = Path("/proc") / child
                if Path(os.readlink(folder / "exe")) and b"child.py" in (folder / "cmdline").read_bytes():
                    self.most = max(self.most, exports.held_by(folder / "status"))
        except (OSError, StopIteration):  # it ended meanwhile
            return


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    print(json.dumps(_child(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
