"""What a check finds: one line, and how bad it is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from portal.core.settings import Settings


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARN = "warn"
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    """One line of the report.  ``words`` never hold what somebody typed, only names of ours, numbers and hashes."""

    check: str
    level: Level
    words: str


@dataclass(frozen=True)
class Look:
    """What is looked at, and whether all of it or a sample."""

    settings: Settings
    is_thorough: bool = False


Said = Iterator[tuple[Level, str]]
Check = Callable[[Look], Said]


def ok(words: str) -> tuple[Level, str]:
    """As it should be."""
    return Level.OK, words


def warn(words: str) -> tuple[Level, str]:
    """Somebody should look at it."""
    return Level.WARN, words


def wrong(words: str) -> tuple[Level, str]:
    """The installation is not sound."""
    return Level.WRONG, words
