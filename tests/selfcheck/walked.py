"""A day of checks that were walked, for the tests of records: pork, fish, fire, with and without a problem."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from portal.accounts.operations.signatures import Method, Signature
from portal.core import clock, db
from portal.core.actor import Actor
from portal.markets import queries as markets
from portal.selfcheck.models import ControlRecord, Outcome, RecordKind, Slot
from portal.selfcheck.operations import checks, records
from portal.selfcheck.operations.checks import Given
from portal.selfcheck.queries import checks as lookup
from portal.selfcheck.queries import records as queries
from tests.people import Cast, Side
from tests.selfcheck.day import FRIDAY, item, make_check

MORNING = [
    item(
        "C-01",
        title="安全出口畅通",
        place="滘埗大门",
        category="FIR",
        evidence_fail="none",
        phrases=["出口上锁"],
    ),
    item(
        "C-09", title="配电箱完好", place="配电房", category="ELE", evidence_fail="none", phrases=["箱门没关"]
    ),
    item(
        "WM-14",
        title="冷藏柜温度",
        kind="number",
        unit="℃",
        low="0",
        high="8",
        place="水产区",
        category="FSA",
        phrases=["柜门没关好"],
        evidence_fail="none",
        criterion="0 到 8 ℃",
    ),
    item(
        "WM-22",
        title="地面不积水",
        place="水产区",
        category="PHL",
        evidence_fail="none",
        phrases=["排水沟堵了"],
    ),
]
FINE = {
    "C-01": Given(Outcome.PASS),
    "C-09": Given(Outcome.PASS),
    "WM-14": Given(number=Decimal(4)),
    "WM-22": Given(Outcome.PASS),
}
NO_LOT = 7
"""A seed whose lot falls on none of four items."""


def walk(cast: Cast, who: Actor, occurrence_id: int, at: datetime, **wrong: Given) -> None:
    """Walk and submit a check at a moment; ``wrong`` gives what differs from a fine day, by C_01 for C-01."""
    answers: Mapping[str, Given] = FINE | {code.replace("_", "-"): given for code, given in wrong.items()}
    with clock.at(at), db.acting(who):
        occurrence = lookup.get_occurrence(who, occurrence_id)
        checks.start(occurrence, who)
        checks.save_answers(occurrence, answers, who)
        checks.submit(occurrence, who)


def make(
    cast: Cast,
    side: Side | None = None,
    *,
    day: Any = FRIDAY,
    hour: int = 5,
    slot: Slot = Slot.OPENING,
    **facts: Any,
) -> int:
    """A check of four items on a day, open for an hour."""
    return make_check(
        cast,
        side,
        items=MORNING,
        slot=slot,
        opens_at=clock.at_local(day, time(hour)),
        window=timedelta(hours=1),
        seed=NO_LOT,
        **facts,
    )


def moment(day: Any, hour: int, minute: int = 30) -> datetime:
    return clock.at_local(day, time(hour, minute))


def form(who: Actor, market_id: int, day: Any, at: datetime) -> None:
    """Form the records of a day, as the errand does."""
    with clock.at(at), db.acting(who):
        records.form_records(markets.get_market(who, market_id), day)


def find(who: Actor, market_id: int, kind: RecordKind, period_on: Any) -> ControlRecord | None:
    """The record in the session that is open."""
    return queries.find_record(markets.get_market(who, market_id), kind, period_on)


def the_record(who: Actor, market_id: int, kind: RecordKind, period_on: Any) -> ControlRecord:
    found = find(who, market_id, kind, period_on)
    assert found is not None, f"there is no {kind} of {period_on}"
    return found


def proof(who: Actor) -> Signature:
    """As the accounts package gives it once PIN or password held."""
    return Signature(who.person_id, who.name, Method.PIN, clock.now())
