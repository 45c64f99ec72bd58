"""The people of a vendor: entered, described, gone."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.markets import queries
from portal.markets.models import Market, Vendor, Worker
from portal.markets.operations.facts import need_open, need_version, text
from portal.markets.policy import May

EARLIEST = date(1949, 10, 1)
MOST_WORKERS = 60
"""People at one vendor's stalls at a time; more is a slip or a list of something else."""


@dataclass(frozen=True)
class WorkerFacts:
    """What is written down about somebody who works at a stall."""

    name: str
    job: str = ""
    handles_ready_food: bool = False
    from_on: date | None = None


def add_worker(vendor: Vendor, facts: WorkerFacts, actor: Actor) -> Worker:
    """Enter somebody who works for a vendor (食品安全法 article 45 asks a certificate of some).

    Raises NotAllowed, TooLate, Mistake(field).
    """
    demand(actor, May.KEEP_VENDORS, vendor)
    need_open(db.session.get_one(Market, vendor.market_id))
    if vendor.ended_on is not None:
        raise TooLate(_l("这家商户已经停止经营，请先恢复。"))
    if len(queries.workers_of(vendor)) >= MOST_WORKERS:
        raise Mistake("name", _l("一家商户最多登记 %(most)s 个在岗的人。", most=MOST_WORKERS))
    worker = Worker(vendor_id=vendor.id, market_id=vendor.market_id, **_written(facts)).stands_in(vendor)
    journal.write(worker, actor, "add_worker")
    return worker


def edit_worker(worker: Worker, facts: WorkerFacts, version: int, actor: Actor) -> None:
    """Write down what is so now about somebody.  Raises NotAllowed, TooLate, Mistake(field)."""
    demand(actor, May.KEEP_VENDORS, worker)
    need_version(worker, version)
    _need_there(worker)
    written = _written(facts)
    changed = [name for name in written if getattr(worker, name) != written[name]]
    for name in changed:
        setattr(worker, name, written[name])
    if changed:
        journal.write(worker, actor, "edit_worker", changed=changed)


def end_worker(worker: Worker, to_on: date, actor: Actor) -> None:
    """Somebody works here no more; the row and the certificates stay for their time.

    Raises NotAllowed, TooLate, Mistake("to_on").
    """
    demand(actor, May.KEEP_VENDORS, worker)
    _need_there(worker)
    if not worker.from_on <= to_on <= clock.today():
        raise Mistake("to_on", _l("离开的日期要在 %(day)s 到今天之间。", day=worker.from_on))
    worker.to_on = to_on
    journal.write(worker, actor, "end_worker")


def _written(facts: WorkerFacts) -> dict[str, Any]:
    from_on = facts.from_on or clock.today()
    if not EARLIEST <= from_on <= clock.today():
        raise Mistake("from_on", _l("日期不能晚于今天，也不能太早。"))
    return {
        "name": text("name", facts.name, 1, 60),
        "job": text("job", facts.job, 0, 60),
        "handles_ready_food": facts.handles_ready_food,
        "from_on": from_on,
    }


def _need_there(worker: Worker) -> None:
    if worker.to_on is not None:
        raise TooLate(_l("这个人已经离开了。"))
