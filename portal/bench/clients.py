"""Clients that send writes as fast as they are answered, in a process of their own: `python -m portal.bench.clients`.

It reads one job as JSON from its standard input, says ``begin`` and ``end`` around the measured span, and closes with
its result as JSON.  It knows nothing of the portal, so that it takes little of the machine it shares with the server.
"""

import asyncio
import json
import secrets
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

ONCE_BYTES = 18
PATIENCE = 30.0
"""Seconds the last answers are waited for once the span is over."""
TRIES = 3
"""So often one request is sent where the connection ended before its answer; its once-token makes that safe."""


class Ended(ConnectionError):
    """The server closed the connection before it answered."""


@dataclass
class Tally:
    """What came of all requests so far."""

    answered: list[tuple[float, float]] = field(default_factory=list)
    """For each acknowledged request: when the answer was there, and how long it took, in seconds."""
    errors: Counter[str] = field(default_factory=Counter)
    resent: int = 0


@dataclass
class Client:
    """One connection that is kept, and the requests it sends one after another."""

    job: dict[str, Any]
    head: str
    body: str
    keys: list[str]
    tally: Tally
    over: asyncio.Event
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        """Send until the span is over, or end the span when nothing is left to send."""
        now = asyncio.get_running_loop().time
        for key in self.keys:
            if self.over.is_set():
                break
            began = now()
            status = await self._sent(self._request(key))
            if status in self.job["accepted"]:
                self.tally.answered.append((now(), now() - began))
            else:
                self.tally.errors[str(status)] += 1
        self.over.set()
        self._close()

    def _request(self, key: str) -> bytes:
        once = secrets.token_urlsafe(ONCE_BYTES)
        body = self.body.replace("@once@", once).encode()
        head = self.head.replace("@key@", key).replace("@once@", once).replace("@length@", str(len(body)))
        return head.encode() + body

    async def _sent(self, request: bytes) -> int | str:
        """The status of the answer, or the name of what went wrong."""
        for _ in range(TRIES):
            try:
                return await self._exchange(request)
            except Ended:
                self.tally.resent += 1
            except (OSError, asyncio.IncompleteReadError, ValueError) as trouble:
                self._close()
                return type(trouble).__name__
        return Ended.__name__

    async def _exchange(self, request: bytes) -> int:
        if self.writer is None or self.reader is None:
            self.reader, self.writer = await asyncio.open_connection(self.job["host"], self.job["port"])
        try:
            self.writer.write(request)
            head = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError) as trouble:
            self._close()
            raise Ended from trouble
        fields = head.lower()
        await self.reader.readexactly(_length(fields))
        if b"connection: close" in fields:
            self._close()
        return int(head[9:12])

    def _close(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.reader = self.writer = None


def _length(fields: bytes) -> int:
    return int(fields.partition(b"content-length:")[2].partition(b"\r\n")[0])


async def run(job: dict[str, Any]) -> dict[str, Any]:
    """Do a job: ``warm`` seconds that do not count, ``seconds`` that do, then whatever is under way."""
    tally, over = Tally(), asyncio.Event()
    clients = [Client(job, one["head"], one["body"], one["keys"], tally, over) for one in job["clients"]]
    running = asyncio.gather(*(client.run() for client in clients))
    now = asyncio.get_running_loop().time
    await _wait(over, job["warm"])
    print("begin", flush=True)
    begin = now()
    await _wait(over, job["seconds"])
    end, is_dry = now(), over.is_set()
    print("end", flush=True)
    over.set()
    await asyncio.wait_for(running, PATIENCE)
    return {
        "seconds": end - begin,
        "latencies": [took for at, took in tally.answered if begin <= at <= end],
        "acknowledged": len(tally.answered),
        "errors": dict(tally.errors),
        "resent": tally.resent,
        "is_dry": is_dry,
    }


async def _wait(over: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(over.wait(), seconds)
    except TimeoutError:
        return


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(json.load(sys.stdin)))), flush=True)
