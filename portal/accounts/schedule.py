"""What accounts does by itself: it drops what nobody can use any more, and closes what lies open with whoever left."""

from datetime import time
from typing import Any

from portal.accounts.operations import kept, leaving, links, sessions, throttle
from portal.core import errands


@errands.schedule("accounts.sweep", at=time(3, 40))
def sweep(_data: dict[str, Any]) -> None:
    """Drop old failures, sessions, links and kept forms."""
    throttle.sweep()
    sessions.sweep()
    links.sweep()
    kept.sweep()


@errands.handler("accounts.left")
def left(data: dict[str, Any]) -> None:
    """An office ended a part in a company: hand over its duties there, in the company's own reach."""
    leaving.close_left(int(data["membership_id"]), data["successor_id"])
