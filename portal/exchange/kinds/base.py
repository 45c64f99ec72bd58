"""What judging a row comes to, and how its cells are taken up one by one so that every fault is found at once."""

import re
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l

from portal.core.actor import Actor
from portal.core.errors import Mistake
from portal.core.labels import Labelled
from portal.exchange.models import ImportKind, Verdict
from portal.exchange.workbooks import cleaning, table
from portal.exchange.workbooks.headers import Header
from portal.exchange.workbooks.reading import MOST_ROWS, Row
from portal.markets.models import Market

T = TypeVar("T")

NEEDED = _l("这里要填。")
BETWEEN = "；"
"""Stands between several things in one cell, as a cell of ours is read again."""
LETTER_FOR_FIGURE = re.compile(r"(?<=-)(?=[0-9OI]*\d)[0-9OI]*[OI][0-9OI]*(?=-|$)")
"""A part of a code, not its first, of figures with a letter O or I among them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell, and what was probably meant."""

    field: str
    cell: str
    """C12; the row alone, as "12", where the workbook has no such column."""
    words: Any
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a field becomes; ``old`` is empty for what is new."""

    field: str
    old: str
    new: str


@dataclass(slots=True)
class Line:
    """One row, judged.  ``act`` is what the kind's own taking over is given."""

    number: int
    key: str = ""
    is_new: bool = True
    changes: list[Change] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    act: Any = None

    @property
    def verdict(self) -> Verdict:
        """What the row would do."""
        if self.faults:
            return Verdict.WRONG
        if self.is_new:
            return Verdict.NEW
        return Verdict.CHANGED if self.changes else Verdict.SAME


class Taken:
    """The cells of one row, taken up field by field; what is wrong is noted and the next one looked at."""

    def __init__(self, header: Header, row: Row) -> None:
        self.header, self.row = header, row
        self.faults: list[Fault] = []

    def has(self, name: str) -> bool:
        """Whether something stands there."""
        return self.header.cell(self.row, name) not in (None, "")

    def cell(self, name: str, clean: Callable[..., T], *rest: Any) -> T | None:
        """A cell, cleaned; None where it cannot be."""
        return self.rule(name, lambda: clean(name, self.header.cell(self.row, name), *rest))

    def rule(self, name: str, rule: Callable[[], T]) -> T | None:
        """What a rule of the trade makes of it; a Mistake is noted at the cell, once a field."""
        try:
            return rule()
        except Mistake as mistake:
            self.wrong(name, mistake.words, mistake.suggestion)
            return None

    def wrong(self, name: str, words: Any, suggestion: str = "") -> None:
        """Note what is wrong with a field, unless something is noted already."""
        if not self.is_wrong(name):
            address = self.header.address(self.row.number, name) or str(self.row.number)
            self.faults.append(Fault(name, address, words, suggestion))

    def is_wrong(self, *names: str) -> bool:
        return any(fault.field in names for fault in self.faults)

    def text(self, name: str) -> str:
        return self.cell(name, cleaning.words) or ""

    def number(self, name: str) -> str:
        return self.cell(name, cleaning.number) or ""


class Judge(ABC):
    """Judges the rows of one kind of workbook against a market's books, and takes over what is right.

    It is made in a session that only reads; ``take_over`` runs in one that writes.
    """

    kind: ImportKind
    most_rows = MOST_ROWS
    """Rows of one workbook; fewer where each is written by itself."""

    def __init__(self, market: Market, header: Header, actor: Actor) -> None:
        self.market, self.header, self.actor = market, header, actor

    @abstractmethod
    def judge(self, row: Row) -> Line:
        """One row by itself and against the books."""

    @abstractmethod
    def compare(self, lines: list[Line]) -> None:
        """The rows against each other."""

    @abstractmethod
    def take_over(self, lines: list[Line]) -> None:
        """Write down what the lines say, all of it or (raising) nothing."""

    def choices(self, name: str) -> list[str]:
        """The words of a drop-down, for the template."""
        return _words_of_choices(name)

    def address(self, line: Line, name: str) -> str:
        return self.header.address(line.number, name) or str(line.number)

    def refuse_twins(self, lines: Iterable[Line], name: str, key: Callable[[Line], str], words: Any) -> None:
        """Note at each of the rows that say the same that they do; ``words`` takes the key and the rows."""
        rows: dict[str, list[Line]] = defaultdict(list)
        for line in lines:
            if own := key(line):
                rows[own].append(line)
        for own, twins in rows.items():
            if len(twins) > 1:
                numbers = ", ".join(str(one.number) for one in twins[:10])
                for line in twins:
                    line.faults.append(Fault(name, self.address(line, name), words(own, numbers)))


def named(members: Iterable[Labelled], aliases: str = "") -> dict[str, Any]:
    """What words mean these members: their labels, and what import_words.csv adds under ``aliases.<member>``."""
    found: dict[str, Any] = {}
    for member in members:
        label: Any = member.label
        found[table.plain_word(str(label))] = member
        for word in table.words(f"{aliases}.{member.value}") if aliases else ():
            found.setdefault(word, member)
    return found


def figure_for_letter(code: str) -> str:
    """The code with figures where letters O and I stand among figures; the code itself where none do."""
    return LETTER_FOR_FIGURE.sub(lambda found: found[0].replace("O", "0").replace("I", "1"), code)


def plain(value: Any) -> str:
    """A value as the page shows it: days and numbers as they are written, a label by its word."""
    match value:
        case None:
            return ""
        case Labelled():
            return str(value.label)
        case bool():
            return str(_l("是") if value else _l("否"))
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize():f}"
        case _:
            return str(value)


def changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """What differs, in words."""
    return [
        Change(name, plain(old.get(name)), plain(value))
        for name, value in new.items()
        if plain(old.get(name)) != plain(value)
    ]


def _words_of_choices(name: str) -> list[str]:
    return [str(_l("是")), str(_l("否"))] if name == "yes_no" else []
