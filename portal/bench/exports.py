"""The export's benchmark: a hundred thousand rows as a workbook and as CSV, beside the same rows as plain CSV.

Each file is made by a process of its own, as the worker makes it, so that the most memory it ever held is its own;
what is measured is how far that grows past a list of a thousand rows.
"""

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click import ClickException

from portal.accounts import queries as accounts
from portal.accounts.models import Membership, Person
from portal.bench import scene
from portal.bench.databases import place
from portal.core import db, schema, secrets_box
from portal.core.actor import SYSTEM, Role
from portal.core.reach import Reach, Sight, beyond_reach
from portal.core.settings import Settings
from portal.evidence import storage
from portal.exchange.models import Export, ExportFormat, Listed
from portal.exchange.operations import exports
from portal.exchange.queries import listings
from portal.exchange.workflow import ExportState
from portal.markets.models import Market, Occupancy, Stall, Vendor, VendorKind, natural_key
from portal.markets.workflow import StallState
from portal.territory.models import Organisation

ROWS = 100_000
MOST_MB = 64
"""The most memory a long list may take beyond a short one, in MB."""
AT_ONCE = 5_000
FEW = {"q": "A-000"}
"""What makes a list of a thousand of it: those whose number begins so."""
PLAIN = "plain csv"
MADE = (PLAIN, *(one.value for one in ExportFormat))
STATUS = Path("/proc/self/status")
SECRET = b"a secret of a benchmark, long enough to be one"
FORM = "{:<12}{:<10}{:>10}{:>10}{:>12}{:>10}{:>12}"


@dataclass(frozen=True)
class Figure:
    """One file: how long it took, how far memory grew past that of a short list, and how long it is."""

    name: str
    database: str
    rows: int
    seconds: float
    growth_mb: float
    file_mb: float

    def plain(self) -> dict[str, Any]:
        """The row as JSON has it."""
        return asdict(self)


def measure(kind: str, rows: int, folder: Path) -> Iterator[Figure]:
    """Make the lists on one kind of database; the floor first."""
    with place(kind, folder) as where:
        url = where.new()
        try:
            _prepare(url, folder, rows)
            for name in MADE:
                yield Figure(name, kind, rows, **_made_alone(name, url, folder))
        finally:
            db.database().engine.dispose()
            where.drop(url)


def table(figures: list[Figure]) -> Iterator[str]:
    """The figures line by line, each beside the floor of its database."""
    yield FORM.format("", "database", "rows", "seconds", "rows/s", "file MB", "memory MB")
    for one in figures:
        speed = f"{one.rows / one.seconds:,.0f}"
        cells = (one.name, one.database, f"{one.rows:,}", f"{one.seconds:.1f}", speed, f"{one.file_mb:.1f}")
        yield FORM.format(*cells, f"+{one.growth_mb:.0f}")


def aims(figures: list[Figure]) -> Iterator[str]:
    """What was to be reached and what was."""
    for one in (one for one in figures if one.name != PLAIN):
        met = "met" if one.growth_mb <= MOST_MB else "missed"
        yield f"{one.name} on {one.database}: +{one.growth_mb:.0f} MB of memory, at most {MOST_MB}: {met}"


def _settings(url: str, folder: Path) -> Settings:
    return Settings(home=folder, database_url=url, secret_key=SECRET)


def _use(url: str, folder: Path) -> None:
    """Everything the worker has when it makes a list."""
    db.use(url)
    secrets_box.use(SECRET)
    storage.use(_settings(url, folder))


def _prepare(url: str, folder: Path, rows: int) -> None:
    """One market with so many stalls, each kept by a vendor, and a manager who asks for short lists and long ones."""
    _use(url, folder)
    schema.create(db.database().engine)
    with beyond_reach("bench"), db.opened(Reach(Sight.CITY), writes=True) as own:
        company = scene.add_territory()
        market = scene.add_market(company)
        manager = add_manager(company)
        own.add_all(_asked(manager, one, filters) for filters in (FEW, {}) for one in ExportFormat)
        own.commit()
    for start in range(0, rows, AT_ONCE):
        _add_stalls(market, range(start, min(start + AT_ONCE, rows)))


def add_manager(company: Organisation) -> Membership:
    """Somebody who manages the company, without a way to sign in."""
    person = Person(username="bench", name="测样")
    db.session.add(person)
    db.session.flush()
    manager = Membership(
        person_id=person.id, organisation_id=company.id, role=Role.MARKET_MANAGER, from_on=date(2026, 1, 1)
    )
    db.session.add(manager)
    db.session.flush()
    return manager


def _add_stalls(market: Market, numbers: range) -> None:
    """Past the unit of work, which would take minutes; the numbers of the rows are ours to give."""
    stamps = {name: getattr(market, name) for name in ("company_id", "community_code", "town_code")}
    own = {**stamps, "market_id": market.id, "version": 1}
    stalls = [
        own | {"id": n + 1, "code": f"A-{n:06d}", "sort_key": natural_key(f"A-{n:06d}"), "area_m2": Decimal("12.5"),
               "trade_codes": [], "has_gas": n % 7 == 0, "state": StallState.TRADING}
        for n in numbers
    ]  # fmt: skip
    vendors = [
        own | {"id": n + 1, "kind": VendorKind.INDIVIDUAL, "name": f"东莞市虎门测速第 {n} 号商行",
               "keeper_name": "测样", "phone": f"138{n:08d}", "uscc": f"92441900MA{n:08d}", "trade_codes": [],
               "started_on": date(2026, 1, 5)}
        for n in numbers
    ]  # fmt: skip
    del own["version"]
    stays = [
        own | {"id": n + 1, "stall_id": n + 1, "vendor_id": n + 1, "stall_code": f"A-{n:06d}",
               "from_on": date(2026, 1, 5)}
        for n in numbers
    ]  # fmt: skip
    engine = db.database().engine.execution_options(**{db.WRITES: True})
    with engine.begin() as connection:
        for cls, given in ((Stall, stalls), (Vendor, vendors), (Occupancy, stays)):
            made: Any = cls.__table__
            connection.execute(made.insert(), given)


def _asked(manager: Membership, format_: ExportFormat, filters: dict[str, str]) -> Export:
    return Export(
        person_id=manager.person_id,
        membership_id=manager.id,
        organisation_id=manager.organisation_id,
        listing=Listed.STALLS.value,
        format=format_,
        filters=filters,
        state=ExportState.WAITING,
    )


def _made_alone(name: str, url: str, folder: Path) -> dict[str, float]:
    """Make one file in a process of its own; raises ClickException with the end of its words."""
    command = [sys.executable, "-m", "portal.bench.exports", name, url, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    if done.returncode:
        raise ClickException(done.stderr[-2_000:])
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def _child(name: str, url: str, folder: Path) -> dict[str, float]:
    """Make a short list, so that everything is loaded and compiled, then the long one."""
    _use(url, folder)
    make = _plain_csv if name == PLAIN else _export
    make(name, folder, FEW)
    before, began = most_memory(), time.perf_counter()
    size = make(name, folder, {})
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "growth_mb": (most_memory() - before) / 1e6, "file_mb": size / 1e6}


def most_memory() -> int:
    """The most this process ever held, in bytes.

    Linux is asked in /proc, for its ``ru_maxrss`` begins with what the parent held.
    """
    if STATUS.exists():
        return held_by(STATUS)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def held_by(status: Path) -> int:
    """The most the process of a status file ever held, in bytes."""
    lines = status.read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def _export(name: str, _folder: Path, filters: dict[str, str]) -> int:
    """The list as the worker makes it; the size of its file."""
    with db.reading() as look:
        asked = look.scalars(sa.select(Export).where(Export.format == ExportFormat(name)))
        export_id = next(one.id for one in asked if one.filters == filters)
    with db.acting(SYSTEM(None)):
        exports.make(export_id, SYSTEM(None))
    with db.reading() as look:
        made = look.get_one(Export, export_id)
        assert made.state is ExportState.READY, made.why
        return made.size


def _plain_csv(_name: str, folder: Path, filters: dict[str, str]) -> int:
    """The floor: the same statement, its rows written as they come."""
    with db.reading() as look:
        actor = accounts.actor_in(look.scalars(sa.select(Membership.id)).one())
    with tempfile.TemporaryFile("w+", dir=folder, newline="") as file:
        with db.opened(actor.reach, writes=False) as own:
            query = listings.get_listing(Listed.STALLS.value).query(actor, filters)
            answer = own.execute(query, execution_options={"yield_per": exports.BATCH})
            csv.writer(file).writerows(row[1:] for row in answer)
        return file.tell()


if __name__ == "__main__":
    print(json.dumps(_child(sys.argv[1], sys.argv[2], Path(sys.argv[3]))))
