"""A small family of processes: started together, restarted when one dies, ended together, never orphaned."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
GRACE = 12.0
"""Seconds a child is given to finish what it is doing before it is killed."""
SETTLED = 20.0
"""Seconds after which a child counts as having started well."""
PATIENCE = 5
"""Deaths in a row, each before SETTLED, after which the family gives up."""


class GaveUp(RuntimeError):
    """A child cannot be kept alive; the message names it."""


@dataclass
class Child:
    """One process of the family; ``is_kept`` ones are started again when they die."""

    name: str
    command: Sequence[str]
    is_kept: bool = True
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = 0.0
    again_at: float = 0.0

    def start(self) -> None:
        """Start it in a process group of its own, so that a Ctrl-C reaches the family's head alone."""
        self.started_at = time.monotonic()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, process_group=0, preexec_fn=_die_with_parent
        )

    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def note_death(self) -> None:
        """Count it and put the next start off a little longer each time; raises GaveUp in the end."""
        self.process = None
        now = time.monotonic()
        self.deaths = 1 if now - self.started_at > SETTLED else self.deaths + 1
        if self.deaths > PATIENCE:
            raise GaveUp(f"{self.name} ended {self.deaths} times soon after its start")
        self.again_at = now + 2 ** (self.deaths - 1) / 2

    def tell(self, number: int) -> None:
        """Send a signal to the process, or to its whole group when that signal is the last one."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                (os.killpg if number == signal.SIGKILL else os.kill)(self.process.pid, number)


@dataclass
class Family:
    """The children of this process, and the wish to end that a signal brings."""

    children: list[Child] = field(default_factory=list)
    is_ending: bool = False

    def listen(self) -> None:
        """From now on SIGTERM, SIGINT and SIGHUP end the family instead of this process alone."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._end)

    def add(self, child: Child) -> Child:
        """Start a child and keep an eye on it."""
        self.children.append(child)
        child.start()
        return child

    def look_after(self) -> None:
        """Start again whoever died and is kept, when its waiting time is over."""
        for child in list(self.children):
            if child.is_alive():
                continue
            if not child.is_kept:
                self.children.remove(child)
            elif child.process is not None:
                child.note_death()
            elif time.monotonic() >= child.again_at:
                child.start()

    def end(self) -> None:
        """Ask every child to finish, wait GRACE seconds for all, then kill what is left of each group."""
        for child in self.children:
            child.tell(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for child in self.children:
            if child.process is not None:
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.0, deadline - time.monotonic()))
                child.tell(signal.SIGKILL)
                child.process.wait()

    def _end(self, number: int, frame: FrameType | None) -> None:
        self.is_ending = True


def _die_with_parent() -> None:
    """Runs in the child: when the head is killed outright, Linux sends SIGTERM to its children."""
    if LIBC is not None:
        LIBC.prctl(DIE_WITH_PARENT, signal.SIGTERM)
