"""The columns a workbook may have and the words it may hold: the tables import_columns.csv and import_words.csv."""

import csv
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.exchange.models import ImportKind

DATA = Path(__file__).parents[2] / "data"


@dataclass(frozen=True)
class Column:
    """One column: the field it fills and the headers it is known by.  Headers are Chinese, as the workbooks are."""

    field: str
    header: str
    aliases: tuple[str, ...]
    is_needed: bool
    is_key: bool
    width: int
    choices: str
    example: str
    note: str


@cache
def columns(kind: ImportKind) -> tuple[Column, ...]:
    """The columns of a kind, in the order of the template."""
    return tuple(
        Column(
            field=line["field"],
            header=line["header"],
            aliases=tuple(_parted(line["aliases"])),
            is_needed=line["is_needed"] == "1",
            is_key=line["is_key"] == "1",
            width=int(line["width"]),
            choices=line["choices"],
            example=line["example"],
            note=line["note"],
        )
        for line in _lines("import_columns.csv")
        if line["kind"] == kind.value
    )


@cache
def fields_by_header(kind: ImportKind) -> dict[str, str]:
    """Which field a header means, by the header made plain; the first column that claims it has it."""
    found: dict[str, str] = {}
    for column in columns(kind):
        found.setdefault(plain_header(column.header), column.field)
    for column in columns(kind):
        for alias in column.aliases:
            found.setdefault(plain_header(alias), column.field)
    return found


@cache
def words(kind: str) -> frozenset[str]:
    """The words of one kind (total, yes, no_end ...), made plain."""
    return frozenset(
        plain_word(word)
        for line in _lines("import_words.csv")
        if line["kind"] == kind
        for word in _parted(line["words"])
    )


def plain_word(text: str) -> str:
    """Half-width, small, without blanks."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def plain_header(text: str) -> str:
    """A header without stars, units in brackets, blanks and signs."""
    bare = re.sub(r"\([^)]{0,20}\)", "", plain_word(text))
    return re.sub(r"[^\w]", "", bare)


def _parted(text: str) -> Iterable[str]:
    return [one for one in text.split("|") if one]


def _lines(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
