"""Old notices are forgotten: what they told stands where it happened."""

from datetime import time, timedelta
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db, errands
from portal.notices.models import Notice

KEPT_FOR = timedelta(days=180)


@errands.schedule("notices.sweep", at=time(3, 40))
def sweep(_data: dict[str, Any]) -> None:
    """Delete what was last told half a year ago."""
    db.session.execute(sa.delete(Notice).where(Notice.told_at < clock.now() - KEPT_FOR))
