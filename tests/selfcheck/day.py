"""A market's day for tests: sheets of a few items and checks made of them."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.core import clock, db, refs
from portal.markets.models import Market
from portal.selfcheck.models import Occurrence, Outcome, PlanLine, Sheet, Slot
from portal.selfcheck.operations import checks as operations
from portal.selfcheck.operations.checks import Given
from portal.selfcheck.queries import checks as queries
from portal.selfcheck.queries import walk
from portal.selfcheck.workflow import CheckState
from tests.people import Cast, Side

FRIDAY = date(2026, 10, 9)
OPENS = datetime(2026, 10, 9, 4, 50, tzinfo=clock.ZONE)
DUE = datetime(2026, 10, 9, 6, 0, tzinfo=clock.ZONE)
MISSED = datetime(2026, 10, 9, 9, 0, tzinfo=clock.ZONE)
WALKING = datetime(2026, 10, 9, 5, 33, tzinfo=clock.ZONE)

QUIET = 8 * 1_000_003 + 7
"""A seed with which the lot for a photo falls beside a short list."""


def item(code: str, **facts: Any) -> dict[str, Any]:
    """One item as it stands on a sheet; a tick unless told otherwise."""
    plain = {
        "code": code,
        "title": f"{code} 看一看",
        "title_en": f"{code} have a look",
        "place": "大门口",
        "kind": "tick",
        "category": "FIR",
        "grade": "serious",
        "hazard_code": "FIR-01",
        "phrases": ["通道堆了货", "出口上锁"],
        "criterion": "货不过黄线",
        "evidence_pass": "none",
        "evidence_fail": "photo",
        "rotation": "none",
        "zone_ids": [],
        "origin": "core",
        "version": 1,
    }
    return plain | facts


EIGHT = [
    item("C-01", place="大门口", title="安全出口畅通、没上锁", may_be_major=True),
    item("C-02", place="大门口", title="消防车道没被占"),
    item("C-03", place="走道", title="应急照明完好", grade="minor", hazard_code="FIR-10"),
    item("C-07", place="配电房", title="报警、喷淋在运行"),
    item("WM-14", place="水产区", title="冷藏柜温度", kind="number", unit="℃", low="0", high="4",
         category="FSA", phrases=["柜门没关好"], origin="wet"),
    item("WM-02", place="猪肉区", title="猪肉两章两证", kind="text", category="FSA", origin="wet"),
    item("WM-22", place="水产区", title="地面不积水", category="PHL", grade="minor", origin="wet"),
    item("WM-24", place="公厕", title="公厕干净、有水", category="PHL", evidence_fail="none", origin="wet"),
]  # fmt: skip
TICKS = [item(f"C-{n:02d}", title=f"第 {n} 项", evidence_fail="none") for n in range(1, 8)]
"""Seven items that are only looked at and never want a photo with the seed QUIET."""


def make_check(
    cast: Cast,
    side: Side | None = None,
    *,
    items: list[dict[str, Any]] | None = None,
    slot: Slot = Slot.OPENING,
    opens_at: datetime = OPENS,
    window: timedelta = timedelta(minutes=70),
    grace: timedelta = timedelta(hours=3),
    seed: int = 1_000_007,
    **facts: Any,
) -> int:
    """A check made ahead, as the nightly run leaves it; give its id."""
    side = side or cast.east
    content = EIGHT if items is None else items
    with db.acting(cast.kuang if side is cast.east else cast.west_kuang) as session:
        market = session.get_one(Market, side.market_id)
        local = clock.local(opens_at)
        line = PlanLine(
            market_id=market.id, slot=slot, starts_at=local.time(), minutes=int(window.seconds / 60),
            from_on=date(2026, 1, 1), set_by_id=cast.kuang.person_id,
        ).stands_in(market)  # fmt: skip
        sheet = Sheet(
            market_id=market.id, slot=slot, digest=refs.new_ref(), items=content,
            skipped=[{"code": "WM-10", "title": "活禽零存栏", "reason": "本市场不卖活禽", "set_by": "邝样安",
                      "since": "2026-03-02"}],
        ).stands_in(market)  # fmt: skip
        session.add_all([line, sheet])
        session.flush()
        due_at = opens_at + window
        occurrence = Occurrence(
            market_id=market.id, plan_line_id=line.id, sheet_id=sheet.id, ref=refs.new_ref(), slot=slot,
            service_day=facts.pop("service_day", local.date()), opens_at=opens_at, due_at=due_at,
            missed_at=due_at + grace, seed=seed, item_count=len(content), **facts,
        ).stands_in(market)  # fmt: skip
        session.add(occurrence)
        session.flush()
        return occurrence.id


def the(cast_member: Any, occurrence_id: int) -> Occurrence:
    """The check in the session that is open, as this person sees it."""
    return queries.get_occurrence(cast_member, occurrence_id)


def walk_through(cast: Cast, occurrence_id: int, *, failed: tuple[str, ...] = (), who: str = "mai") -> None:
    """Start the check, if it waits, and answer every item; without photos."""
    actor = getattr(cast, who)
    with db.acting(actor):
        check = the(actor, occurrence_id)
        if check.state is CheckState.DUE:
            operations.start(check, actor)
        operations.save_answers(
            check, {facts["code"]: _answer(facts, failed) for facts in walk.sheet_of(check).items}, actor
        )


def _answer(facts: dict[str, Any], failed: tuple[str, ...]) -> Given:
    if facts["code"] in failed:
        return Given(Outcome.FAIL, number=Decimal("7.2") if facts["kind"] == "number" else None)
    if facts["kind"] == "number":
        return Given(number=Decimal(2))
    return Given(text="粤A 00123456") if facts["kind"] == "text" else Given(Outcome.PASS)


def submitted(cast: Cast, *, at: datetime = WALKING, **facts: Any) -> int:
    """A check that was walked without a finding and handed in; give its id."""
    occurrence_id = make_check(cast, **{"items": TICKS, "seed": QUIET, **facts})
    who = "mai" if facts.get("side") in (None, cast.east) else "west_mai"
    with clock.at(at):
        walk_through(cast, occurrence_id, who=who)
        with db.acting(getattr(cast, who)):
            operations.submit(the(getattr(cast, who), occurrence_id), getattr(cast, who))
    return occurrence_id
