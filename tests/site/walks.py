"""What each role sees on its walk through every page it may open, and what that cost, looked at by several tests."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine.cursor import CursorFetchStrategy
from werkzeug.test import TestResponse

from tests.site import parsed, walking
from tests.site.access_world import World
from tests.site.walking import Stop

WORDS_OF_A_TRANSACTION = (
    "BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT", "PRAGMA", "SET LOCAL", "SELECT set_config"
)  # fmt: skip

WRITTEN = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)')


@dataclass
class Cost:
    """What went to the database and came back."""

    statements: list[str] = field(default_factory=list)
    rows: int = 0

    def written(self) -> set[str]:
        """The tables a statement writes to, whether or not it changes a row."""
        return {found[1] for statement in self.statements if (found := WRITTEN.match(statement))}


@contextmanager
def counted() -> Iterator[Cost]:
    """Counts the statements made inside and the rows they bring."""
    cost = Cost()

    def heard(_c: object, _k: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(WORDS_OF_A_TRANSACTION):
            cost.statements.append(statement)

    def counting(name: str) -> Any:
        own = getattr(CursorFetchStrategy, name)

        def fetch(self: Any, *args: Any, **kwargs: Any) -> Any:
            found = own(self, *args, **kwargs)
            cost.rows += 0 if found is None else 1 if name == "fetchone" else len(found)
            return found

        return fetch

    with pytest.MonkeyPatch.context() as patch:
        for name in ("fetchone", "fetchmany", "fetchall"):
            patch.setattr(CursorFetchStrategy, name, counting(name))
        event.listen(sa.Engine, "before_cursor_execute", heard)
        try:
            yield cost
        finally:
            event.remove(sa.Engine, "before_cursor_execute", heard)


@dataclass(frozen=True)
class Seen:
    """A page that was opened."""

    stop: Stop
    answer: TestResponse
    cost: Cost

    @cached_property
    def tree(self) -> Element:
        return parsed.tree(self.answer.text)

    @property
    def is_page(self) -> bool:
        """Whether it is a page of its own, for whoever sits there."""
        return walking.is_page(self.stop)


class Walk:
    """One role's walk, made once in each language and looked at as often as one likes."""

    def __init__(self, role: str) -> None:
        self.role = role
        self._seen: dict[str, list[Seen]] = {}

    def through(self, world: World, language: str) -> list[Seen]:
        """Everything the role may open, opened in a language."""
        if language not in self._seen:
            stops = [stop for stop in walking.reads(world) if stop.role == self.role]
            self._seen[language] = [_opened(stop, language) for stop in stops]
        return self._seen[language]


def _opened(stop: Stop, language: str) -> Seen:
    visitor, path = stop.seat(), stop.path()
    with counted() as cost:
        answer = visitor.get(path, headers={"Accept-Language": language})
    return Seen(stop, answer, cost)
