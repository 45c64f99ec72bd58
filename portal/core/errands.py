"""Errands: work for later, asked for by name in the transaction of its cause and done by the worker.

The row is the only truth: it is leased, run in a transaction of its own with the reach it carries, retried with growing
waits and parked when it stays poisonous.  Handlers are idempotent, for a killed worker runs an errand again.
A schedule is an errand whose key is its slot, so that it fires once however many workers there are.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Mapped, mapped_column

from portal.core import clock, db
from portal.core.actor import SYSTEM
from portal.core.db import Base, Identified
from portal.core.labels import Labelled
from portal.core.reach import Machinery, Reach, Sight

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
BATCH = 50
WAITS = (
    5,
    30,
    120,
    600,
    3_600,
    21_600,
)  # seconds before each further try; after the last the errand is parked
KEPT_FOR = timedelta(days=14)
CITY = Reach(Sight.CITY)

Handler = Callable[[dict[str, Any]], None]


class State(Labelled):
    """Where an errand stands."""

    WAITING = "waiting", _l("待办")
    DONE = "done", _l("已办")
    PARKED = "parked", _l("搁置")


class Errand(Machinery, Identified, Base):
    """One thing to do later."""

    __tablename__ = "errand"
    __table_args__ = (
        sa.UniqueConstraint("name", "key"),
        sa.Index("ix_errand_due", "status", "due_at"),
    )

    name: Mapped[str] = mapped_column(sa.String(60))
    key: Mapped[str] = mapped_column(sa.String(120))
    sight: Mapped[str] = mapped_column(sa.String(20))
    reach_key: Mapped[str] = mapped_column(sa.String(60))
    data: Mapped[dict[str, Any]]
    status: Mapped[State] = mapped_column(default=State.WAITING)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str] = mapped_column(sa.Text, default="")
    asked_at: Mapped[datetime] = mapped_column(default=clock.now)
    asked: Mapped[int] = mapped_column(default=1)
    """How often it was asked for; one asked for while it ran is not done with that run."""
    done_at: Mapped[datetime | None]

    @property
    def reach(self) -> Reach | None:
        return Reach(Sight(self.sight), self.reach_key) if self.sight else None


_handlers: dict[str, Handler] = {}
_schedules: dict[str, Callable[[datetime], tuple[str, datetime]]] = {}


def handler(name: str) -> Callable[[Handler], Handler]:
    """Say who runs the errands of this name."""

    def register(run: Handler) -> Handler:
        if name in _handlers:
            raise ValueError(f"{name} has two handlers")
        _handlers[name] = run
        return run

    return register


def schedule(
    name: str, *, every: timedelta | None = None, at: time | None = None
) -> Callable[[Handler], Handler]:
    """A handler the worker calls by itself: each ``every``, or daily at a local clock time."""

    def slot(now: datetime) -> tuple[str, datetime]:
        if every is not None:
            seconds = int(every.total_seconds())
            start = datetime.fromtimestamp(int(now.timestamp()) // seconds * seconds, now.tzinfo)
            return start.isoformat(), start
        assert at is not None, "a schedule says every or at"
        day = clock.local(now).date()
        return day.isoformat(), clock.at_local(day, at)

    _schedules[name] = slot
    return handler(name)


def later(
    name: str,
    key: str,
    *,
    reach: Reach | None,
    due_at: datetime | None = None,
    again: bool = False,
    **data: Any,
) -> None:
    """Ask for an errand in this transaction; a second one of the same name and key is the first.

    ``again`` has it run once more if it has run already: many askings before it runs are one run.
    """
    wanted = _wanted(name, key, reach, data, due_at)
    is_new = db.insert_if_new(Errand, **wanted)
    if again and not is_new:
        anew = sa.update(Errand).where(Errand.name == name, Errand.key == key)
        facts = {
            "status": State.WAITING,
            "due_at": wanted["due_at"],
            "attempts": 0,
            "asked": Errand.asked + 1,
        }
        db.session.execute(anew.values(**facts), execution_options={"synchronize_session": False})


def later_each(name: str, wanted: Mapping[str, tuple[Reach | None, dict[str, Any]]]) -> None:
    """Ask for many errands of one name in one statement: by key, the reach and the data of each."""
    db.insert_all_new(Errand, [_wanted(name, key, reach, data) for key, (reach, data) in wanted.items()])


def _wanted(
    name: str, key: str, reach: Reach | None, data: dict[str, Any], due_at: datetime | None = None
) -> dict[str, Any]:
    if name not in _handlers:
        raise LookupError(f"nobody runs {name}")
    now = clock.now()
    return {
        "name": name,
        "key": key,
        "sight": reach.sight.value if reach else "",
        "reach_key": reach.key if reach else "",
        "data": data,
        "due_at": due_at or now,
        "status": State.WAITING,
        "attempts": 0,
        "error": "",
        "asked_at": now,
        "asked": 1,
    }


def fire_schedules() -> None:
    """Ask for every scheduled errand whose slot has come."""
    now = clock.now()
    with db.opened(None, writes=True) as own:
        for name, slot in _schedules.items():
            key, due_at = slot(now)
            if due_at <= now:
                later(name, key, reach=CITY, due_at=due_at)
        own.commit()


def drain(most: int = BATCH) -> int:
    """Run up to ``most`` due errands, each in its own transaction; say how many were taken up."""
    ids = _lease(most)
    for errand_id in ids:
        _run(errand_id)
    return len(ids)


def _lease(most: int) -> list[int]:
    now = clock.now()
    due = (
        sa.select(Errand)
        .where(
            Errand.status == State.WAITING,
            Errand.due_at <= now,
            sa.or_(Errand.leased_until.is_(None), Errand.leased_until < now),
        )
        .order_by(Errand.due_at, Errand.id)
        .limit(most)
    )
    with db.reading() as look:
        if look.scalars(due.with_only_columns(Errand.id).limit(1)).first() is None:
            return []
    with db.opened(None, writes=True) as own:
        rows = list(own.scalars(due.with_for_update(skip_locked=True)))
        for row in rows:
            row.leased_until = now + LEASE
            row.attempts += 1
        own.commit()
        return [row.id for row in rows]


def _run(errand_id: int) -> None:
    with db.reading() as look:
        errand = look.get_one(Errand, errand_id)
        name, data, reach, asked = errand.name, dict(errand.data), errand.reach, errand.asked
    try:
        with db.acting(SYSTEM(reach)) as own:
            _handlers[name](data)
            done = sa.update(Errand).where(Errand.id == errand_id, Errand.asked == asked)
            own.execute(done.values(status=State.DONE, done_at=clock.now(), error=""))
            own.execute(sa.update(Errand).where(Errand.id == errand_id).values(leased_until=None))
    except Exception as failure:
        log.exception("errand %s (%s) failed", errand_id, name)
        _put_off(errand_id, failure)


def _put_off(errand_id: int, failure: Exception) -> None:
    with db.opened(None, writes=True) as own:
        row = own.get_one(Errand, errand_id)
        row.leased_until, row.error = None, f"{type(failure).__name__}: {failure}"[:2_000]
        if row.attempts > len(WAITS):
            row.status = State.PARKED
        else:
            tried = max(row.attempts, 1)  # whoever asked again meanwhile began to count anew
            row.due_at = clock.now() + timedelta(seconds=WAITS[tried - 1])
        own.commit()


def lag() -> dict[str, int]:
    """For the health page: waiting and parked errands, and the seconds the oldest due one has waited."""
    now = clock.now()
    rows = db.session.execute(
        sa.select(Errand.status, sa.func.count(), sa.func.min(Errand.due_at))
        .where(Errand.status != State.DONE, Errand.due_at <= now)
        .group_by(Errand.status)
    ).all()
    figures = {"waiting": 0, "parked": 0, "lag_seconds": 0}
    for status, count, oldest in rows:
        figures[status] = count
        if status is State.WAITING and oldest is not None:
            figures["lag_seconds"] = int((now - oldest).total_seconds())
    return figures


def sweep() -> int:
    """Forget errands done long ago; say how many."""
    old = sa.delete(Errand).where(Errand.status == State.DONE, Errand.done_at < clock.now() - KEPT_FOR)
    return db.session.execute(old).rowcount  # type: ignore[attr-defined,no-any-return]


def names() -> frozenset[str]:
    """Every errand somebody runs."""
    return frozenset(_handlers)
