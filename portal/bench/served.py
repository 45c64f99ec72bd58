"""An application under load: served by gunicorn as the portal is, and what it takes of the processor."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from portal.web import server

HOST = "127.0.0.1"
START_SECONDS = 60.0
STOP_SECONDS = 15.0
QUIET = 0.25
"""Seconds without work after which the workers count as started."""
PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
LAST_LINES = 20


class NotServed(RuntimeError):
    """The server did not come up; the text is the end of its log."""


@dataclass(frozen=True)
class Served:
    """A server that answers at a port of this machine."""

    port: int
    pid: int

    def cpu_seconds(self) -> float | None:
        """User and system time of the server and its workers so far; None where Linux does not tell."""
        if not (PROC / "self" / "stat").exists():
            return None
        return sum(_ticks(pid) for pid in _family(self.pid)) / TICKS


@contextmanager
def serving(application: str, environment: Mapping[str, str], log: Path) -> Iterator[Served]:
    """Serve an application (named as module:call) under the portal's own server settings, until the block ends.

    Raises NotServed.
    """
    port = _free_port()
    with log.open("wb") as file:
        process = subprocess.Popen(
            server.command(HOST, port, application),
            env={**os.environ, **environment},
            stdout=file,
            stderr=file,
        )
    served = Served(port, process.pid)
    try:
        _wait_until_ready(process, served, log)
        yield served
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], served: Served, log: Path) -> None:
    """Until it answers and every worker has done with starting, which would be counted as work otherwise."""
    deadline = time.monotonic() + START_SECONDS
    before: float | None = -1.0
    while time.monotonic() < deadline and process.poll() is None:
        now = served.cpu_seconds()
        if now == before and _answers(served.port):
            return
        before = now
        time.sleep(QUIET)
    raise NotServed("\n".join(log.read_text(errors="replace").splitlines()[-LAST_LINES:]))


def _answers(port: int) -> bool:
    with closing(HTTPConnection(HOST, port, timeout=5)) as connection:
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status < 500
        except (OSError, HTTPException):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in (PROC / str(pid) / "task").glob("*/children"):
        for child in task.read_text().split():
            yield from _family(int(child))


def _ticks(pid: int) -> int:
    """Own time, and that of children that have ended: a worker that was replaced."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(int(field) for field in fields[11:15])
