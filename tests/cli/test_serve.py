"""`portal serve` as people start it: one tree that answers, mends itself and goes away whole."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.test_processes import is_running, wait_for

pytestmark = pytest.mark.slow

Start = Callable[[int], subprocess.Popen[str]]


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def start(tmp_path: Path, new_database: Callable[[], str]) -> Iterator[Start]:
    """Starts a portal with a home and a database of its own, and ends it when the test did not."""
    started: list[subprocess.Popen[str]] = []
    env = os.environ | {"PORTAL_HOME": str(tmp_path / "home"), "DATABASE_URL": new_database()}

    def begin(port: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "portal", "serve", "--port", str(port)]
        process = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.terminate()
        process.communicate(timeout=20)


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5) as reply:
            return bool(reply.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def descendants(pid: int) -> list[int]:
    """Every process below this one, from what Linux says of each thread."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            found += [child, *descendants(child)]
    return found


def test_the_tree_answers_and_ends_whole(start: Start, port: int, tmp_path: Path) -> None:
    head = start(port)
    wait_for(lambda: answers(port), 90)
    assert head.stdout is not None and f"http://127.0.0.1:{port}" in head.stdout.readline()
    assert (tmp_path / "home" / "secret.key").stat().st_mode & 0o777 == 0o600
    family = descendants(head.pid)
    assert len(family) >= 4  # the server with its two workers, and the portal's worker
    head.send_signal(signal.SIGTERM)
    assert head.wait(timeout=20) == 0
    wait_for(lambda: not any(map(is_running, family)))


def test_a_killed_child_comes_back(start: Start, port: int) -> None:
    head = start(port)
    wait_for(lambda: answers(port), 90)
    for pid in descendants(head.pid):
        os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    wait_for(lambda: answers(port), 90)
    assert head.poll() is None


def test_a_taken_port_is_refused_in_one_line(start: Start, port: int) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", port))
        holder.listen()
        head = start(port)
        told, _ = head.communicate(timeout=90)
    assert head.returncode == 1
    assert told.count("\n") == 1 and f"port {port} cannot be used" in told
