"""Who may do what: every route, method, role and side of access.csv, tried by real requests."""

import json
import os
import pickle
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.core import clock, db
from portal.core.actor import SYSTEM
from portal.core.errors import NotAllowed
from portal.core.policy import Everyone, granted
from portal.core.reach import Reach, Sight
from portal.core.settings import Settings
from portal.evidence import storage
from portal.markets import operations as markets
from portal.web.area import limiter
from tests.conftest import SECRET
from tests.markets.conftest import rows
from tests.people import Cast
from tests.selfcheck import rules
from tests.selfcheck.day import WALKING
from tests.shelves import Shelf
from tests.site import access, access_offices, access_people
from tests.site.access import Cell
from tests.site.access_deeds import DEEDS
from tests.site.access_world import OWN, World, changes, contents
from tests.visitors import Visitor

OPEN_WRITES = {"/sign-in", "/second-factor", "/second-factor/enrol", "/link/<token>", "/prefer"}
"""What the public may send; each is somebody's own way in, or a preference of the browser."""
PARAMETER = re.compile(r"<[^>]+>")
READING = ("read", "see", "enter")
"""How rights begin that only look."""


@pytest.fixture(scope="module")
def settled(
    prepared: tuple[str, bytes],
    made_app: Flask,
    tmp_path_factory: pytest.TempPathFactory,
    new_shelf: Callable[[str], Shelf],
) -> Iterator[World]:
    """The world, made once."""
    shelf = new_shelf(prepared[0])
    settings = Settings(home=tmp_path_factory.mktemp("access"), database_url=shelf.url, secret_key=SECRET)
    shelf.serve()
    _serve(made_app, settings)
    with clock.at(WALKING):
        _load()
        people = access_people.settle(Cast(**pickle.loads(prepared[1])))
        made = World(made_app, settings, shelf, people, access_offices.people_of_east(people["east"]))
        access_offices.furnish(made)
        made.keep()
    yield made
    db.database().engine.dispose()


def _serve(app: Flask, settings: Settings) -> None:
    app.config["PORTAL_SETTINGS"] = settings
    storage.use(settings)
    limiter.enabled = False


def _load() -> None:
    """What an installation has loaded: kinds of papers, trades, checklists."""
    with db.acting(SYSTEM(Reach(Sight.CITY))) as session:
        who = SYSTEM(session.reach)
        markets.load_papers(rows("papers"), who)
        markets.load_trades(rows("trades"), who)
    rules.load()


@pytest.fixture
def world(settled: World) -> Iterator[World]:
    """The world as it was made, while the opening check is walked."""
    settled.put_back()
    _serve(settled.app, settled.settings)
    with clock.at(WALKING):
        yield settled


def test_the_table_has_every_route_and_method_and_no_other(app: Flask) -> None:
    in_table = {(row.route, row.method) for row in access.rows()}
    in_portal = set(access.rules_of(app))
    assert in_portal - in_table == set(), "nobody has said who may do this"
    assert in_table - in_portal == set(), "there is no such route any more"


def test_the_table_names_every_role_once_for_each_route_and_method() -> None:
    named = Counter((row.route, row.method, role) for row in access.rows() for role in row.roles)
    expected = {(row.route, row.method, role) for row in access.rows() for role in access.EVERYBODY}
    assert set(named) == expected
    assert [question for question, times in named.items() if times > 1] == []


def test_the_table_speaks_of_known_outcomes_alone() -> None:
    said = {outcome for row in access.rows() for outcome in row.outcomes.values()}
    assert said <= access.OUTCOMES | {access.NO_SIDE}
    assert all(row.outcomes[OWN] != access.NO_SIDE for row in access.rows())


def test_every_write_has_something_to_send_and_nothing_is_left_over(app: Flask) -> None:
    sent = {rule.endpoint for (_, method), rule in access.rules_of(app).items() if method not in access.READS}
    assert sent == {*access.FORMS, *access.SCRIPTS}


def test_no_write_takes_a_right_that_only_reads(app: Flask) -> None:
    writes = [
        (rule.rule, access.need_of(app, rule))
        for (_, method), rule in access.rules_of(app).items()
        if method not in access.READS
    ]
    assert {route for route, need in writes if need is Everyone.MAY_READ} == OPEN_WRITES
    guarded = [(route, need) for route, need in writes if need is not Everyone.MAY_READ]
    assert [(route, need) for route, need in guarded if _only_reads(need)] == []


def _only_reads(need: StrEnum) -> bool:
    return need.value.partition(":")[2].startswith(READING)


@pytest.mark.slow
def test_the_command_line_lists_the_same_routes(tmp_path: Path) -> None:
    env = os.environ | {"PORTAL_HOME": str(tmp_path), "DATABASE_URL": f"sqlite:///{tmp_path / 'portal.db'}"}
    command = [sys.executable, "-m", "portal", "routes", "--json"]
    said = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    listed = [(line["rule"], method) for line in json.loads(said) for method in line["methods"]]
    assert sorted(listed) == sorted({(row.route, row.method) for row in access.rows()})


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "TRACE", "PROPFIND"])
def test_a_method_no_route_declares_is_refused(app: Flask, method: str) -> None:
    visitor = Visitor(app)
    for route in {route for route, _ in access.rules_of(app)}:
        path = PARAMETER.sub("1", route)
        assert visitor.script(method, path).status_code == 405, path


@pytest.mark.slow
def test_a_side_is_left_out_only_where_it_has_no_such_thing(world: World) -> None:
    routes = access.rules_of(world.app)
    for row in access.rows():
        things = access.names_of(routes[row.route, row.method]).values()
        for side, outcome in row.outcomes.items():
            is_missing = any(world.find(thing, side, row.roles[0]) is None for thing in things)
            has_none = is_missing or (not things and side != OWN)
            assert (outcome == access.NO_SIDE) == has_none, (row.route, row.method, side)


@pytest.mark.slow
@pytest.mark.parametrize("role", access.EVERYBODY)
def test_behaviour_equals_the_table(world: World, role: str) -> None:
    cells = access.cells_of(role)
    looks = [cell for cell in cells if not cell.is_deed]
    before = contents()
    wrong = _wrong(world, looks)
    changed = list(changes(before))
    assert changed == [], (
        f"{role} changed something by looking or by what is denied: {_culprit(world, looks)}"
    )
    for deed in (cell for cell in cells if cell.is_deed):
        wrong += _wrong(world, [deed])
        world.put_back()
    assert wrong == [], "\n".join(wrong)


def _wrong(world: World, cells: list[Cell]) -> list[str]:
    """Where the portal does not do what the table says."""
    found = ((cell, access.ask(world, cell)) for cell in cells)
    return [
        f"{cell.name}: {said} instead of {cell.expected}" for cell, said in found if said != cell.expected
    ]


def _culprit(world: World, cells: list[Cell]) -> str:
    """Which of the requests changed something."""
    world.put_back()
    for cell in cells:
        before = contents()
        access.ask(world, cell)
        if changed := list(changes(before)):
            return f"{cell.name} changed {', '.join(changed)}"
    return "none by itself"


def _at_routes(app: Flask) -> dict[StrEnum, list[Cell]]:
    """What the table lets people do on their own side, by the right it takes; pages before deeds."""
    routes = access.rules_of(app)
    found: dict[StrEnum, list[Cell]] = {}
    for row in access.rows():
        need = access.need_of(app, routes[row.route, row.method])
        found.setdefault(need, []).extend(
            cell for cell in row.cells() if (cell.side, cell.expected) == (OWN, "ok")
        )
    return {need: sorted(cells, key=lambda cell: cell.is_write) for need, cells in found.items()}


@pytest.mark.slow
def test_every_right_turned_off_turns_the_table_wrong(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {need: cells[0] for need, cells in _at_routes(world.app).items() if cells}
    held: Any = granted()
    for right in [right for right in held if right in asked]:
        with monkeypatch.context() as patch:
            patch.setitem(held, right, ())
            assert access.ask(world, asked[right]) == "403", f"{right} is not what opens {asked[right].name}"
        assert access.ask(world, asked[right]) == "ok", asked[right].name
        world.put_back()


@pytest.mark.slow
def test_every_right_is_asked_at_a_route_or_by_a_deed_beside_them(world: World) -> None:
    own = {
        right for right in granted() if not right.startswith("tests:")
    }  # other tests grant rights of theirs
    assert own - set(_at_routes(world.app)) == set(DEEDS)


@pytest.mark.slow
@pytest.mark.parametrize("right", DEEDS, ids=lambda right: str(right.value))
def test_every_right_of_the_portals_own_turned_off_stops_its_deed(
    world: World, monkeypatch: pytest.MonkeyPatch, right: StrEnum
) -> None:
    deed: Callable[[World], None] = DEEDS[right]
    held: Any = granted()
    with monkeypatch.context() as patch:
        patch.setitem(held, right, ())
        with pytest.raises(NotAllowed):
            deed(world)
    deed(world)
