"""Errands: work for later, asked for by name in the transaction of its cause and done by the worker.

The row is the only truth: it is leased, run in a transaction of its own with the reach it carries, retried with growing
waits and parked when it stays poisonous, also when it takes the worker with it each time.  Handlers are idempotent, for
a killed worker's errand is run again.  Errands are leased by the batch; what has failed before is leased alone, so that
one that kills its worker spends nobody else's tries.
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
"""How long a worker may keep an errand before another takes it for dead; a handler may ask for longer."""
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
AT_ONCE = 1_000
"""Rows of one INSERT: SQLite takes 32,766 values a statement."""
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
_leases: dict[str, timedelta] = {}
_schedules: dict[str, Callable[[datetime], tuple[str, datetime]]] = {}


def handler(name: str, *, lease: timedelta = LEASE) -> Callable[[Handler], Handler]:
    """Say who runs the errands of this name, and the longest one of them may take."""

    def register(run: Handler) -> Handler:
        if name in _handlers:
            raise ValueError(f"{name} has two handlers")
        _handlers[name], _leases[name] = run, lease
        return run

    return register


def schedule(
    name: str, *, every: timedelta | None = None, at: time | None = None, lease: timedelta = LEASE
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
    return handler(name, lease=lease)


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
    """Ask for many errands of one name, a thousand a statement: by key, the reach and the data of each."""
    rows = [_wanted(name, key, reach, data) for key, (reach, data) in wanted.items()]
    for start in range(0, len(rows), AT_ONCE):
        db.insert_all_new(Errand, rows[start : start + AT_ONCE])


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
    leased = _lease(most)
    for errand_id, until in leased:
        _run(errand_id, until)
    return len(leased)


def _lease(most: int) -> list[tuple[int, datetime]]:
    """Take up errands nobody else has: their ids, and until when they are ours."""
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
        leased = []
        for row in _together(list(own.scalars(due.with_for_update(skip_locked=True)))):
            until = row.leased_until = now + _lease_of(row.name)
            row.attempts += 1
            leased.append((row.id, until))
        own.commit()
        return leased


def _together(due: list[Errand]) -> list[Errand]:
    """What of the due errands is leased at once: all that are new, up to one that failed before; that one alone."""
    taken: list[Errand] = []
    for row in due:
        if row.attempts > len(WAITS):
            row.status, row.leased_until = State.PARKED, None
            row.error = f"the worker ended each of the {row.attempts} times this was begun"
        elif row.attempts == 0 or not taken:
            taken.append(row)
            if row.attempts:
                break
        else:
            break
    return taken


def _lease_of(name: str) -> timedelta:
    return _leases.get(name, LEASE)


def _run(errand_id: int, until: datetime) -> None:
    errand = _begin(errand_id, until)
    if errand is None:
        return
    until, asked = errand.leased_until or until, errand.asked
    still_ours = sa.update(Errand).where(Errand.id == errand_id, Errand.leased_until == until)
    try:
        with db.acting(SYSTEM(errand.reach)) as own:
            _handlers[errand.name](dict(errand.data))
            done = sa.update(Errand).where(Errand.id == errand_id, Errand.asked == asked)
            own.execute(done.values(status=State.DONE, done_at=clock.now(), error=""))
            own.execute(still_ours.values(leased_until=None))
    except Exception as failure:
        log.exception("errand %s (%s) failed", errand_id, errand.name)
        _put_off(errand_id, until, failure)


def _begin(errand_id: int, until: datetime) -> Errand | None:
    """The errand, its lease renewed where it waited long behind others; None where another worker took it meanwhile."""
    ours = sa.select(Errand).where(
        Errand.id == errand_id, Errand.status == State.WAITING, Errand.leased_until == until
    )
    with db.reading() as look:
        errand = look.scalars(ours).first()
    if errand is None or until - clock.now() > _lease_of(errand.name) * 0.9:
        return errand
    with db.opened(None, writes=True) as own:
        errand = own.scalars(ours.with_for_update()).first()
        if errand is not None:
            errand.leased_until = clock.now() + _lease_of(errand.name)
        own.commit()
    return errand


def _put_off(errand_id: int, until: datetime, failure: Exception) -> None:
    with db.opened(None, writes=True) as own:
        row = own.get_one(Errand, errand_id)
        if row.leased_until != until:  # another worker has it by now
            return
        words = (str(failure).splitlines() or [""])[
            0
        ]  # a database tells the row's content in the lines below
        row.leased_until, row.error = None, f"{type(failure).__name__}: {words}"[:2_000]
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
