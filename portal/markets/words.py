"""The words a thing is found by: its names from every sign on, their pinyin and its initials, and its codes.

A word is compared by its beginning alone, so a name is kept once from each of its signs on: 福记 finds 张福记.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from portal.markets.models.search import LONGEST_WORD

PIECES = re.compile(r"[a-z]+|\d+|[^a-z\d]")
MOST_STARTS, MOST_SPELLED = 12, 6
"""From how many of its signs on a name is kept, and spelled out in full."""
SHORTEST = 2


def tidy(text: str) -> str:
    """Half-width, lower case, letters, figures and Chinese signs alone: as words are kept and asked for."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(sign for sign in folded if sign.isalnum())


def is_asked(typed: str) -> bool:
    """Whether what was typed (and tidied) is enough to look for: one Chinese sign, or two of any."""
    return len(typed) >= SHORTEST or (bool(typed) and not typed.isascii())


def of_name(name: str) -> set[str]:
    """The words of a name: written, as initials, and spelled."""
    text = tidy(name)
    if not text:
        return set()
    written = PIECES.findall(text)
    speller = _speller()
    initials = speller.lazy_pinyin(text, style=speller.Style.FIRST_LETTER)
    spelled = speller.lazy_pinyin(text)
    found = {*_onward(written, MOST_STARTS), *_onward(initials, MOST_STARTS), *_onward(spelled, MOST_SPELLED)}
    return {word for word in found if len(word) >= SHORTEST} | {text[:LONGEST_WORD]}


@cache
def _speller() -> Any:
    """pypinyin, once something is named: its phrases take 57 MB, too much for a process that only judges."""
    return import_module("pypinyin")


def _onward(pieces: list[str], most: int) -> Iterator[str]:
    for start in range(min(len(pieces), most)):
        yield "".join(pieces[start:])[:LONGEST_WORD]


def of_code(code: str) -> set[str]:
    """The words of a code: the whole, and from each figure on, with and without zeros before it."""
    pieces = PIECES.findall(tidy(code))
    found = {
        "".join(pieces[at:])[:LONGEST_WORD] for at, piece in enumerate(pieces) if at == 0 or piece.isdigit()
    }
    found |= {word.lstrip("0") for word in found}
    return {word for word in found if word}
