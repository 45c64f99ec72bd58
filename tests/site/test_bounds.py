"""What a page and a write may cost: statements, and rows read for each row shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.cursor import CursorFetchStrategy

from tests.site import access, parsed, walking
from tests.site.access_offices import PUBLIC
from tests.site.access_world import World
from tests.site.walking import Stop

MOST_OF_A_PAGE, MOST_OF_A_WRITE = 12, 25
ROWS_A_ROW = 5
AROUND_A_LIST = 15
"""Rows for who is there, the header and the thing whose list it is."""
WHOLE_LISTS = 200
READS_LISTS = frozenset({
    "selfcheck.show_difference",
    "selfcheck.publish_checklist",
    "selfcheck.withdraw_checklist",
    "selfcheck.drop_item",
    "selfcheck.start_event",
})  # fmt: skip
"""Pages that compare or choose from official lists: those are read whole, and are as long as the law makes them."""
WORDS_OF_A_TRANSACTION = (
    "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "PRAGMA", "SET LOCAL", "SELECT set_config"
)  # fmt: skip
SHOWN = ("tr", "li", "article", "option", "dt", "input")
"""What stands for one row of the database on a page."""

pytestmark = pytest.mark.slow
ROW_BY_ROW = re.compile(r"INSERT INTO (?!.*ON CONFLICT).*RETURNING", re.DOTALL)
"""Rows of one unit of work, which PostgreSQL takes in one statement and SQLite's driver one after the other."""


@dataclass
class Cost:
    """What went to the database and came back."""

    statements: list[str] = field(default_factory=list)
    rows: int = 0

    def forget(self) -> None:
        self.statements.clear()
        self.rows = 0


@pytest.fixture
def cost(full: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cost]:
    """Counts the statements and the rows they bring."""
    counted = Cost()

    def heard(_c: object, _k: object, statement: str, *_rest: object) -> None:
        is_next_row = counted.statements[-1:] == [statement] and ROW_BY_ROW.match(statement)
        if not statement.startswith(WORDS_OF_A_TRANSACTION) and not is_next_row:
            counted.statements.append(statement)

    def counting(name: str) -> Any:
        own = getattr(CursorFetchStrategy, name)

        def fetch(self: Any, *args: Any, **kwargs: Any) -> Any:
            found = own(self, *args, **kwargs)
            counted.rows += 0 if found is None else 1 if name == "fetchone" else len(found)
            return found

        return fetch

    for name in ("fetchone", "fetchmany", "fetchall"):
        monkeypatch.setattr(CursorFetchStrategy, name, counting(name))
    event.listen(sa.Engine, "before_cursor_execute", heard)
    yield counted
    event.remove(sa.Engine, "before_cursor_execute", heard)


def test_no_page_makes_more_than_twelve_queries_nor_reads_more_than_five_rows_for_each_it_shows(
    full: World, cost: Cost
) -> None:
    dear = []
    for stop in walking.reads(full):
        visitor, path = stop.seat(), stop.path()
        cost.forget()
        answer = visitor.get(path)
        assert answer.status_code < 400, f"{stop.name}: {answer.status_code}"
        assert cost.statements or stop.role == PUBLIC, f"{stop.name}: nothing was counted"
        if len(cost.statements) > MOST_OF_A_PAGE:
            dear.append(told(stop, cost))
        if answer.mimetype == "text/html" and cost.rows > rows_for(stop, answer.text):
            dear.append(f"{stop.name}: {cost.rows} rows read, {rows_for(stop, answer.text)} would do")
    assert dear == [], "\n".join(dear)


def rows_for(stop: Stop, text: str) -> int:
    """How many rows may be read for what a page shows."""
    shown = parsed.count(parsed.main_of(parsed.tree(text)), *SHOWN)
    return ROWS_A_ROW * shown + AROUND_A_LIST + (WHOLE_LISTS if stop.endpoint in READS_LISTS else 0)


def test_no_write_makes_more_than_twenty_five_queries(full: World, cost: Cost) -> None:
    dear = []
    for stop in walking.writes(full):
        visitor, form = stop.seat(), stop.form()
        cost.forget()
        answer = stop.send(visitor, form)
        if answer.status_code >= 400:
            dear.append(f"{stop.name}: {answer.status_code}")
        if len(cost.statements) > MOST_OF_A_WRITE:
            dear.append(told(stop, cost))
        full.put_back()
    assert dear == [], "\n".join(dear)


def test_every_route_is_walked(full: World) -> None:
    walked = {(stop.route, stop.method) for stop in walking.stops(full)}
    assert walked == set(access.rules_of(full.app))


def told(stop: Stop, cost: Cost) -> str:
    """Where the bound was broken, and the statements that came more than once."""
    again = {words: cost.statements.count(words) for words in cost.statements}
    often = [f"    {times} x {' '.join(words.split())[:160]}" for words, times in again.items() if times > 1]
    return "\n".join([f"{stop.name}: {len(cost.statements)}", *often])
