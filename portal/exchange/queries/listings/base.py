"""What a list that goes out is made of: its columns, what narrows it, who may have it, and how its rows read."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.core.actor import Actor
from portal.exchange.models import ImportKind, Listed
from portal.exchange.workbooks import table

Query = sa.Select[*tuple[Any, ...]]
Value = str | int | Decimal | bool | date | datetime | None
"""What stands in a cell; a ``Labelled`` word is said by its label."""
Line = Sequence[Value]
Lines = Callable[[Sequence[Any]], Iterable[Line]]
"""Makes the lines of some rows; it may look up more about all of them at once."""

NARROW, MIDDLE, WIDE = 10, 16, 32
"""Widths of columns, in digits of the usual type."""


@dataclass(frozen=True)
class Column:
    """One column: its heading, its width, and whether it tells something about a person."""

    heading: Any
    width: int = MIDDLE
    is_personal: bool = False


@dataclass(frozen=True)
class Workbook:
    """What a list has in common with the workbook that brings it in: columns of the same names, in the same order."""

    kind: ImportKind
    fields: frozenset[str]
    personal: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[Column, ...]:
        """Its columns, as far as the list fills them."""
        return tuple(
            Column(one.header, one.width, one.field in self.personal)
            for one in table.columns(self.kind)
            if one.field in self.fields
        )

    def cells(self, **facts: Value) -> list[Value]:
        """The cells below those columns, from what is known by field."""
        return [facts[one.field] for one in table.columns(self.kind) if one.field in self.fields]


@dataclass(frozen=True)
class Chosen:
    """A filter as it was set: as it stands in an address, in words, and what the query compares."""

    kept: str
    words: Any
    value: Any


Read = Callable[[Actor, str], Chosen | None]
"""Makes sense of a word of an address: None where there is none; raises NotThere for a thing out of sight."""


@dataclass(frozen=True)
class Filter:
    """One thing a list may be narrowed by."""

    name: str
    label: Any
    read: Read


Wanted = Mapping[str, Any]
"""The values of the filters that are set, by name."""


@dataclass(frozen=True)
class Listing:
    """One list: everything that is said of it.

    The first column of ``query`` is the company a row belongs to, NULL where it is nobody's: whose personal data
    went out is written down by it.  ``lines`` is made once an export and gets the rows without that column.
    """

    code: Listed
    needs: StrEnum
    columns: Sequence[Column]
    query: Callable[[Actor, Wanted], Query]
    lines: Callable[[Actor], Lines]
    filters: Sequence[Filter] = ()

    @property
    def label(self) -> Any:
        """What it is called."""
        return self.code.label

    @property
    def is_personal(self) -> bool:
        """Whether it tells something about people."""
        return any(column.is_personal for column in self.columns)

    def chosen(self, actor: Actor, asked: Mapping[str, str]) -> dict[str, Chosen]:
        """The filters of an address that make sense, by name; raises NotThere for a thing out of sight."""
        found = {one.name: one.read(actor, asked.get(one.name, "")) for one in self.filters}
        return {name: chosen for name, chosen in found.items() if chosen is not None}

    def narrowed(self, actor: Actor, chosen: Mapping[str, Chosen]) -> Query:
        """The query with its filters."""
        return self.query(actor, {name: one.value for name, one in chosen.items()})

    def told(self, chosen: Mapping[str, Chosen]) -> list[tuple[Any, Any]]:
        """What is narrowed, in words: pairs of label and value."""
        return [(one.label, chosen[one.name].words) for one in self.filters if one.name in chosen]


def several(words: Iterable[str]) -> str:
    """Several things in one cell, parted as they are when they are brought in."""
    return "；".join(words)


def in_words(told: Iterable[tuple[Any, Any]]) -> str:
    """What a list is narrowed by, in a line."""
    return several(str(_l("%(label)s：%(value)s", label=label, value=value)) for label, value in told)


def as_they_are(_actor: Actor) -> Lines:
    """The lines of a query that selects just what is shown."""
    return lambda rows: rows
