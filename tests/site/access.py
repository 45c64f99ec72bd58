"""The access table: who may do what on whose things, written by hand in access.csv, and how an answer is told."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.core.actor import Role
from tests.site.access_bodies import FORMS, SCRIPTS, Ask
from tests.site.access_offices import ENROLLING, HALF_WAY, PUBLIC
from tests.site.access_things import ASKED, IN_STATE, PARAMETERS
from tests.site.access_world import OWN, SIDES, World, kept_writes
from tests.visitors import Visitor

TABLE = Path(__file__).with_name("access.csv")
ROLES = tuple(role.value for role in Role if role is not Role.SYSTEM)
EVERYBODY = (*ROLES, PUBLIC)
OUTCOMES = frozenset({"ok", "403", "404", "409", "sign_in"})
AT_THE_DOOR = frozenset({"403", "sign_in"})
NO_SIDE = "-"
READS = frozenset({"GET"})
UNMATCHED = frozenset({"HEAD", "OPTIONS"})
SEATS = {("accounts.second_factor_step", PUBLIC): HALF_WAY, ("accounts.enrol", PUBLIC): ENROLLING}
"""Where the public is in the middle of something."""
ENDS_AT_THE_DOOR = frozenset({"accounts.sign_out", "accounts.open_link"})
"""Deeds that lead to the sign-in page once they are done: that they were done shows by their once-token."""


class Cell(NamedTuple):
    """One question of the table: may this role do this on that side?"""

    route: str
    method: str
    role: str
    side: str
    expected: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.route} by {self.role} on {self.side}"

    @property
    def is_write(self) -> bool:
        return self.method not in READS

    @property
    def is_deed(self) -> bool:
        """Whether something is written down."""
        return self.is_write and self.expected == "ok"


@dataclass(frozen=True)
class Row:
    """A line of the table: the roles for which a route and method come out the same."""

    route: str
    method: str
    roles: tuple[str, ...]
    outcomes: dict[str, str]

    def cells(self) -> Iterator[Cell]:
        """Every question the line answers."""
        for role in self.roles:
            for side, expected in self.outcomes.items():
                if expected != NO_SIDE:
                    yield Cell(self.route, self.method, role, side, expected)


def rows() -> list[Row]:
    """The table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Row(
                line["route"],
                line["method"],
                tuple(line["roles"].split("|")),
                {side: line[side] for side in SIDES},
            )
            for line in csv.DictReader(file)
        ]


def cells_of(role: str) -> list[Cell]:
    """What the table says of one role."""
    return [cell for row in rows() for cell in row.cells() if cell.role == role]


@cache
def rules_of(app: Flask) -> dict[tuple[str, str], Rule]:
    """Every route and method there is, static files apart."""
    return {
        (rule.rule, method): rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - UNMATCHED
    }


def need_of(app: Flask, rule: Rule) -> Any:
    """The right a route takes."""
    view: Any = app.view_functions[rule.endpoint]
    return view.needs


def names_of(rule: Rule) -> dict[str, str]:
    """What stands behind each parameter of a route, path and query; raises KeyError for one nobody has thought of."""
    path = {name: IN_STATE.get((rule.endpoint, name)) or PARAMETERS[name] for name in rule.arguments}
    return path | ASKED.get(rule.endpoint, {})


def ask(world: World, cell: Cell) -> str:
    """Make the request of a cell and tell how it came out."""
    rule = rules_of(world.app)[cell.route, cell.method]
    who = Ask(world, rule.endpoint, cell.role, cell.side)
    values = {name: who.find(thing) for name, thing in names_of(rule).items()}
    with world.app.test_request_context():
        path = world.app.url_for(rule.endpoint, **values)
    visitor = world.seat(SEATS.get((rule.endpoint, cell.role), cell.role))
    if rule.endpoint not in ENDS_AT_THE_DOOR:
        return told(sent(visitor, cell, path, who), is_done=False)
    before = kept_writes()
    answer = sent(visitor, cell, path, who)
    return told(answer, is_done=kept_writes() > before)


def sent(visitor: Visitor, cell: Cell, path: str, who: Ask) -> TestResponse:
    """A page is asked for as a browser does; what a stranger is refused at the door, as a script does."""
    if cell.method == "PUT":
        return visitor.script(cell.method, path, json=SCRIPTS[who.endpoint](who))
    body = FORMS[who.endpoint](who) if cell.is_write else None
    if cell.side != OWN and cell.expected in AT_THE_DOOR:
        return visitor.script(cell.method, path, data=body)
    return visitor.post(path, body) if cell.is_write else visitor.get(path)


def told(answer: TestResponse, *, is_done: bool) -> str:
    """An answer in the words of the table; a status the table has no word for stays a number."""
    leads_to_door = answer.status_code in {302, 303} and answer.location.partition("?")[0] == "/sign-in"
    if answer.status_code == 401 or (leads_to_door and not is_done):
        return "sign_in"
    return "ok" if answer.status_code < 400 else str(answer.status_code)
