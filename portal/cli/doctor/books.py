"""What was written: the journal's seals, the errands, and what is sealed away."""

import binascii
from datetime import timedelta

import sqlalchemy as sa
from cryptography.exceptions import InvalidTag

from portal.cli.doctor.findings import Look, Said, ok, warn, wrong
from portal.cli.rotate import Sealed, sealed_columns
from portal.core import clock, db, errands, journal, secrets_box
from portal.core.errands import Errand, State
from portal.core.journal import JournalLine
from portal.core.reach import beyond_reach

LATE = timedelta(minutes=15)
SAMPLE = 100


def seals(_: Look) -> Said:
    """Every seal, for one that is broken breaks all that follow."""
    with db.opened(None, writes=False) as look:
        broken = journal.first_broken_seal()
        waiting = look.scalar(sa.select(sa.func.min(JournalLine.at)).where(JournalLine.seal_id.is_(None)))
    if broken is not None:
        yield wrong(f"seal {broken} is broken: a line was changed, taken out or slipped in")
    elif waiting is not None and waiting < clock.now() - LATE:
        yield warn(
            f"unbroken, but nothing was sealed since {waiting.isoformat(timespec='seconds')}: no worker runs"
        )
    else:
        yield ok("unbroken")


def waiting(_: Look) -> Said:
    """Errands nobody does, and errands that were given up."""
    with db.opened(None, writes=False) as look:
        lag = errands.lag()
        given_up = sa.select(Errand.name, sa.func.count()).where(Errand.status == State.PARKED)
        parked = look.execute(given_up.group_by(Errand.name).order_by(Errand.name)).all()
    late = timedelta(seconds=lag["lag_seconds"])
    words = f"{lag['waiting']} due, the oldest for {late}"
    yield warn(f"{words}: no worker runs, or not enough") if late > LATE else ok(words)
    if parked:
        yield warn("given up: " + ", ".join(f"{name} ({count})" for name, count in parked))


def secrets(look: Look) -> Said:
    """Whether the key of now opens what is sealed; a sample of each column, the newest, or all of it."""
    secrets_box.use(look.settings.secret_key, *look.settings.old_secret_keys)
    for sealed in sealed_columns():
        query = sa.select(sealed.model.id, sealed.column).where(sealed.column.is_not(None))
        query = query.order_by(sealed.model.id.desc())
        if not look.is_thorough:
            query = query.limit(SAMPLE)
        seen = shut = old = 0
        with beyond_reach("the doctor"), db.opened(None, writes=False) as reading:
            for row_id, text in reading.execute(query, execution_options={"yield_per": SAMPLE}):
                seen += 1
                if not _opens(sealed, row_id, text):
                    shut += 1
                elif not secrets_box.is_current(text):
                    old += 1
        if shut:
            yield wrong(f"{sealed.title}: {shut} of {seen} looked at do not open under this SECRET_KEY")
        elif old:
            yield warn(
                f"{sealed.title}: {old} of {seen} looked at are sealed under an old key: portal rotate-key"
            )
        else:
            yield ok(f"{sealed.title}: {seen} looked at open")


def _opens(sealed: Sealed, row_id: int, text: str) -> bool:
    try:
        sealed.anew(row_id, text)
    except (InvalidTag, binascii.Error, ValueError):
        return False
    return True
