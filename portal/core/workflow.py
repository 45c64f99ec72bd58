"""Life cycles as tables: the moves of a noun, who makes them, and the one function that makes them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, Protocol, TypeVar

from portal.core import db, journal, policy
from portal.core.actor import Actor
from portal.core.errors import NotAllowed, TooLate

S = TypeVar("S", bound=StrEnum)


class Stateful(Protocol):
    """Anything that has a state and a number."""

    state: Any
    id: Any


@dataclass(frozen=True)
class Move(Generic[S]):
    """One row of the table: verb, words on the button, from, to, and the right it takes."""

    verb: str
    label: Any  # a lazy translation
    source: S | None  # None: this is how it begins
    target: S
    needs: StrEnum


@dataclass(frozen=True)
class Workflow(Generic[S]):
    """The moves of one noun.  A verb may have several rows, one a source."""

    moves: tuple[Move[S], ...]
    deeds: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Words of what the journal tells besides: deeds that move nothing."""

    def find(self, verb: str, source: Any) -> Move[S] | None:
        """The row of this verb that starts here, or None."""
        return next((move for move in self.moves if move.verb == verb and move.source == source), None)

    def label(self, verb: str) -> Any:
        """The words of a verb, the verb itself where it is none of ours."""
        return next((move.label for move in self.moves if move.verb == verb), self.deeds.get(verb, verb))

    def open_to(self, actor: Actor | None, subject: Stateful) -> Iterator[Move[S]]:
        """The moves this actor may make now: what the buttons on the page are."""
        for move in self.moves:
            if move.source == subject.state and policy.may(actor, move.needs, subject):
                yield move

    def perform_each(self, verb: str, subjects: Sequence[Stateful], actor: Actor) -> None:
        """Make one move with many things at once, new ones saved by one statement: all of them, or none.

        Raises TooLate and NotAllowed as ``perform`` does.
        """
        for subject in subjects:
            move = self.find(verb, subject.state)
            if move is None:
                raise TooLate
            policy.demand(actor, move.needs, subject)
            subject.state = move.target
        db.session.add_all(subjects)
        db.session.flush()
        for subject in subjects:
            journal.write(subject, actor, verb)

    def perform(self, verb: str, subject: Stateful, actor: Actor, note: str = "", **facts: Any) -> None:
        """Make one move and record its facts, or say why not and change nothing.

        Nothing else in the portal assigns a state.  Raises TooLate where the state forbids it, NotAllowed where the
        right is missing.
        """
        move = self.find(verb, subject.state)
        if move is None:
            raise TooLate
        if not policy.may(actor, move.needs, subject):
            raise NotAllowed
        subject.state = move.target
        for name, value in facts.items():
            setattr(subject, name, value)
        journal.write(subject, actor, verb, note)
