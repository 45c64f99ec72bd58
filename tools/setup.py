"""Brings what a goal needs, once: `python3 -m tools.setup run|check|test`, called by make before everything.

Each step leaves a stamp with the fingerprint of what it was made from, so a warm call only compares them.
"""

import fcntl
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tools import assets, environment, machine

GOALS = ("run", "check", "test")


@dataclass(frozen=True)
class Step:
    """One thing to bring, from which goal on, how it is seen to be there, and how it is made."""

    words: str
    goal: str
    is_done: Callable[[str], bool]
    make: Callable[[str], None]


STEPS = (
    Step("virtual environment", "run", environment.has_venv, environment.make_venv),
    Step("Python packages", "run", environment.has_packages, environment.install_packages),
    Step("command line", "run", environment.has_command, environment.write_command),
    Step("front-end files", "run", assets.has_files, assets.copy_files),
    Step("English catalogue", "run", assets.has_catalogue, assets.compile_catalogue),
    Step("text and font libraries", "run", machine.has_text_libraries, machine.bring_text_libraries),
    Step("browser", "test", machine.has_browser, machine.bring_browser),
    Step("PostgreSQL", "test", machine.has_postgres, machine.bring_postgres),
)


def prepare(goal: str) -> None:
    """Take the steps of a goal that are not done yet, saying each."""
    for step in STEPS:
        if GOALS.index(step.goal) <= GOALS.index(goal) and not step.is_done(goal):
            print(f"setup: {step.words} ...", file=sys.stderr, flush=True)
            step.make(goal)


def main() -> None:
    """Prepare one goal; two calls in one checkout wait for each other."""
    goal = sys.argv[1] if len(sys.argv) == 2 else ""
    if goal not in GOALS:
        sys.exit(f"usage: python3 -m tools.setup {'|'.join(GOALS)}")
    with (Path(__file__).parent.parent / "pyproject.toml").open("rb") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        try:
            prepare(goal)
        except machine.Missing as missing:
            sys.exit(f"setup: {missing}")


if __name__ == "__main__":
    main()
