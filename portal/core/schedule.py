"""What the portal does by itself for its own good: seals the journal, forgets old tokens and errands."""

from datetime import time, timedelta
from typing import Any

from portal.core import errands, journal, once


@errands.schedule("core.seal_journal", every=timedelta(minutes=5))
def seal_journal(data: dict[str, Any]) -> None:
    """Seal every line that has settled."""
    while journal.seal() == journal.BATCH:
        pass


@errands.schedule("core.sweep", at=time(3, 40))
def sweep(data: dict[str, Any]) -> None:
    """Forget once-tokens no form can hold any more, and errands done long ago."""
    once.sweep()
    errands.sweep()
