"""What the worker does with imports and exports: judges, takes over, makes files, and puts away what is old."""

from datetime import time, timedelta
from typing import Any

import sqlalchemy as sa

from portal.core import clock, db, errands
from portal.core.actor import SYSTEM
from portal.exchange.models import Import, ImportRow
from portal.exchange.operations import exports, imports
from portal.exchange.queries import imports as queries

LONGEST = timedelta(minutes=15)
KEPT_FOR = timedelta(days=30)
GIVEN_UP_AFTER = timedelta(days=1)


@errands.handler(imports.JUDGE, lease=LONGEST)
def judge_import(data: dict[str, Any]) -> None:
    """Judge one workbook; nothing is written to the books."""
    imports.judge(int(data["id"]), int(data["membership"]))


@errands.handler(imports.TAKE_OVER, lease=LONGEST)
def take_over_import(data: dict[str, Any]) -> None:
    """Take one judged workbook over, whole or not at all."""
    imports.take_over(int(data["id"]), int(data["membership"]))


@errands.schedule("exchange.sweep_imports", at=time(3, 50))
def sweep_imports(_data: dict[str, Any]) -> None:
    """Delete workbooks and rows a month old; let one the worker gave up on be looked at again."""
    before = clock.now() - KEPT_FOR
    actor = SYSTEM(errands.CITY)
    stuck = queries.stuck_since(clock.now() - GIVEN_UP_AFTER)
    for one in (*stuck, *queries.lying_since(before)):
        imports.lapse(one, actor)
    old = sa.select(Import.id).where(Import.made_at < before)
    rows = sa.delete(ImportRow).where(ImportRow.import_id.in_(old))
    db.session.execute(rows, execution_options={"synchronize_session": False})


@errands.handler("exchange.make_export", lease=LONGEST)
def make_export(data: dict[str, Any]) -> None:
    """Make the file of one export."""
    exports.make(int(data["export_id"]), SYSTEM(None))


@errands.schedule("exchange.tidy_exports", at=time(3, 5))
def tidy_exports(_data: dict[str, Any]) -> None:
    """Put expired exports away before the sweep of the files looks, and give up those nobody could make."""
    exports.tidy(SYSTEM(None))
