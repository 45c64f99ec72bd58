"""What accounts does by itself: every night it drops what nobody can use any more."""

from datetime import time
from typing import Any

from portal.accounts.operations import kept, links, sessions, throttle
from portal.core import errands


@errands.schedule("accounts.sweep", at=time(3, 40))
def sweep(_data: dict[str, Any]) -> None:
    """Drop old failures, sessions, links and kept forms."""
    throttle.sweep()
    sessions.sweep()
    links.sweep()
    kept.sweep()
