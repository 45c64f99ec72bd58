"""Putting load on a server: the requests of its clients, sent from a process of their own, and what came of them."""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal.bench.served import HOST, Served


@dataclass(frozen=True)
class Browser:
    """What one client sends: a request with ``@key@``, ``@once@`` and ``@length@`` to be filled in, and its keys."""

    head: str
    body: str
    keys: Sequence[str]


@dataclass(frozen=True)
class Result:
    """What came of a load.

    ``latencies`` (seconds) are those of the measured span, which took ``seconds``; ``acknowledged`` and ``errors``
    count everything that was sent, before and after it as well.
    """

    seconds: float
    latencies: list[float]
    acknowledged: int
    errors: dict[str, int]
    resent: int
    is_dry: bool
    cpu_seconds: float | None


class LoadFailed(RuntimeError):
    """The clients gave no result."""


def put(served: Served, browsers: Sequence[Browser], *, warm: float, seconds: float, accepted: int) -> Result:
    """Send for ``warm`` seconds, then measure for ``seconds``; fewer where a client has nothing left to send.

    ``accepted`` is the status of an acknowledged request.  Raises LoadFailed.
    """
    job = {
        "host": HOST,
        "port": served.port,
        "warm": warm,
        "seconds": seconds,
        "accepted": [accepted],
        "clients": [{"head": one.head, "body": one.body, "keys": list(one.keys)} for one in browsers],
    }
    command = [sys.executable, "-m", "portal.bench.clients"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as clients:
        try:
            return _followed(clients, json.dumps(job), served)
        finally:
            clients.kill()


def _followed(clients: subprocess.Popen[str], job: str, served: Served) -> Result:
    assert clients.stdin is not None and clients.stdout is not None, "both are pipes"
    clients.stdin.write(job)
    clients.stdin.close()
    before = _at(clients.stdout.readline(), "begin", served)
    after = _at(clients.stdout.readline(), "end", served)
    told: dict[str, Any] = json.loads(clients.stdout.readline() or "null") or {}
    if not told:
        raise LoadFailed("the clients ended without a result")
    return Result(**told, cpu_seconds=None if before is None or after is None else after - before)


def _at(line: str, word: str, served: Served) -> float | None:
    if line.strip() != word:
        raise LoadFailed(f"the clients said {line!r}, not {word}")
    return served.cpu_seconds()
