"""The worker: drains the errands, fires the schedules, and dies without losing any of it.

huey carries one task, ``drain``.  It is woken when somebody asks for an errand and looks by itself every few seconds;
the errand row is the only truth, so a lost wake-up costs seconds and nothing else.
"""

import logging
import threading
from typing import Any

from huey import SqliteHuey
from huey.consumer import Consumer

from portal import tables
from portal.core import db, errands, secrets_box
from portal.core.settings import Settings
from portal.evidence import storage

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks at the errands when nobody wakes the worker."""
FIRE_EVERY = 15.0
"""Seconds between two looks at the schedules."""


def prepare(settings: Settings) -> None:
    """Everything an errand may need: tables, database, files, the box of secrets."""
    tables.load()
    db.use(settings.database_url)
    secrets_box.use(settings.secret_key, *settings.old_secret_keys)
    storage.use(settings)


def runner(settings: Settings) -> Any:
    """The queue of wake-ups."""
    return SqliteHuey("portal", filename=str(settings.home / "wake.db"), fsync=False, results=False)


def serve(settings: Settings) -> None:
    """Work until told to stop; a running errand is finished first.  ``prepare`` comes before."""
    huey = runner(settings)

    @huey.task()  # type: ignore[untyped-decorator]
    def drain() -> None:
        while errands.drain():
            pass

    bell = _Bell(drain)
    bell.start()
    try:
        Consumer(
            huey,
            workers=1,
            periodic=False,
            initial_delay=0.1,
            max_delay=LOOK_EVERY,
            check_worker_health=False,
        ).run()
    finally:
        bell.stop()


class _Bell(threading.Thread):
    """Rings every few seconds, and fires what the clock says is due."""

    def __init__(self, ring: Any) -> None:
        super().__init__(name="bell", daemon=True)
        self._ring = ring
        self._stopped = threading.Event()

    def run(self) -> None:
        waited = FIRE_EVERY
        while not self._stopped.wait(LOOK_EVERY):
            waited += LOOK_EVERY
            try:
                if waited >= FIRE_EVERY:
                    waited = 0.0
                    errands.fire_schedules()
                self._ring()
            except Exception:  # a database away for a moment must not end the bell
                log.exception("the bell did not ring")

    def stop(self) -> None:
        self._stopped.set()
        self.join()
