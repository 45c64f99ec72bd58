"""The process family: who dies comes back, and nobody is left when it ends."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.cli import processes
from portal.cli.processes import Child, Family, GaveUp

pytestmark = pytest.mark.slow

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, file=open(sys.argv[1], "w"), flush=True)
time.sleep(60)
"""
HEAD = """
import sys, time
from portal.cli.processes import Child, Family
family = Family()
child = family.add(Child("sleeper", [sys.executable, "-c", "import time; time.sleep(60)"]))
print(child.process.pid, flush=True)
time.sleep(60)
"""


def wait_for(seen: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not seen():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """A process that is there and not merely waiting to be buried."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in ("Z", "X")
    return False


def test_a_child_that_dies_is_started_again() -> None:
    family = Family()
    child = family.add(Child("sleeper", SLEEPER))
    assert child.process is not None
    first = child.process.pid
    child.tell(signal.SIGKILL)
    child.process.wait()
    wait_for(lambda: family.look_after() or child.is_alive())
    assert child.process.pid != first
    family.end()
    assert not child.is_alive()


def test_a_child_that_is_not_kept_stays_ended() -> None:
    family = Family()
    child = family.add(Child("once", [sys.executable, "-c", ""], is_kept=False))
    wait_for(lambda: not child.is_alive())
    family.look_after()
    assert family.children == []


def test_a_child_that_cannot_start_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 1)
    family = Family()
    family.add(Child("broken", [sys.executable, "-c", "raise SystemExit(1)"]))
    with pytest.raises(GaveUp, match="broken"):
        wait_for(lambda: family.look_after() is not None)


def test_ending_kills_the_deaf_and_their_children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "GRACE", 0.5)
    note = tmp_path / "grandchild"
    family = Family()
    family.add(Child("deaf", [sys.executable, "-c", DEAF, str(note)]))
    wait_for(lambda: note.exists() and note.read_text().strip() != "")
    grandchild = int(note.read_text())
    family.end()
    wait_for(lambda: not is_running(grandchild))


def test_a_head_killed_outright_leaves_no_orphan() -> None:
    with subprocess.Popen([sys.executable, "-c", HEAD], stdout=subprocess.PIPE) as head:
        assert head.stdout is not None
        child = int(head.stdout.readline())
        os.kill(head.pid, signal.SIGKILL)
    wait_for(lambda: not is_running(child))
