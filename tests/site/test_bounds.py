"""What a page and a write may cost: statements, and rows read for each row shown."""

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.site import access, parsed, walking
from tests.site.access_offices import PUBLIC
from tests.site.access_world import World
from tests.site.walking import Stop
from tests.site.walks import Seen, Walk, counted

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
SHOWN = ("tr", "li", "article", "option", "dt", "input")
"""What stands for one row of the database on a page."""

pytestmark = pytest.mark.slow
ROW_BY_ROW = re.compile(r"INSERT INTO (?!.*ON CONFLICT).*RETURNING", re.DOTALL)
"""Rows of one unit of work, which PostgreSQL takes in one statement and SQLite's driver one after the other."""


def test_no_page_makes_more_than_twelve_queries_nor_reads_more_than_five_rows_for_each_it_shows(
    full: World, walk: Walk
) -> None:
    dear = []
    for seen in walk.through(full, "zh-CN"):
        stop, answer, cost = seen.stop, seen.answer, seen.cost
        assert answer.status_code < 400, f"{stop.name}: {answer.status_code}"
        assert cost.statements or stop.role == PUBLIC, f"{stop.name}: nothing was counted"
        if len(cost.statements) > MOST_OF_A_PAGE:
            dear.append(told(stop, cost.statements))
        if answer.mimetype == "text/html" and cost.rows > rows_for(seen):
            dear.append(f"{stop.name}: {cost.rows} rows read, {rows_for(seen)} would do")
    assert dear == [], "\n".join(dear)


def rows_for(seen: Seen) -> int:
    """How many rows may be read for what a page shows."""
    shown = parsed.count(parsed.main_of(seen.tree), *SHOWN)
    return ROWS_A_ROW * shown + AROUND_A_LIST + (WHOLE_LISTS if seen.stop.endpoint in READS_LISTS else 0)


def test_no_write_makes_more_than_twenty_five_queries(full: World) -> None:
    dear = []
    for stop in walking.writes(full):
        visitor, form = stop.seat(), stop.form()
        with counted() as cost:
            answer = stop.send(visitor, form)
        statements = [*without_next_rows(cost.statements)]
        if answer.status_code >= 400:
            dear.append(f"{stop.name}: {answer.status_code}")
        if len(statements) > MOST_OF_A_WRITE:
            dear.append(told(stop, statements))
        full.put_back()
    assert dear == [], "\n".join(dear)


def without_next_rows(statements: list[str]) -> Iterator[str]:
    """The statements, those that insert row by row once for all the rows."""
    for before, statement in pairwise(["", *statements]):
        if before != statement or not ROW_BY_ROW.match(statement):
            yield statement


def test_every_route_is_walked(full: World) -> None:
    walked = {(stop.route, stop.method) for stop in walking.stops(full)}
    assert walked == set(access.rules_of(full.app))


def told(stop: Stop, statements: list[str]) -> str:
    """Where the bound was broken, and the statements that came more than once."""
    again = {words: statements.count(words) for words in statements}
    often = [f"    {times} x {' '.join(words.split())[:160]}" for words, times in again.items() if times > 1]
    return "\n".join([f"{stop.name}: {len(statements)}", *often])
