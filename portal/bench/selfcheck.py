"""How many checks of twenty answers the portal takes in a second, and what each costs, beside two floors."""

import contextvars
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from werkzeug.utils import import_string

from portal.bench import floors, scene
from portal.bench.databases import Place, place
from portal.bench.figures import Figure, percentile
from portal.bench.load import Browser, Result, put
from portal.bench.scene import Scene
from portal.bench.served import serving
from portal.core import db, once, schema
from portal.core.door import Door
from portal.core.once import Once
from portal.core.reach import beyond_reach
from portal.core.settings import Settings
from portal.selfcheck.models import Answer, Occurrence, Submission
from portal.selfcheck.workflow import CheckState
from portal.web import server

UNIT = "submissions/s"
STOCK = 1_000
"""Checks in stock for each second: more than any floor takes in."""
WARM = 0.3
"""Seconds of warming up for each second that is measured."""
SEE_OTHER, OK = 303, 200
HEAD = (
    "POST /checks/@key@/submit HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n"
    "User-Agent: Mozilla/5.0 (Linux; Android 14) Mobile\r\nAccept: text/html\r\nAccept-Language: zh-CN\r\n"
    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: @length@\r\n\r\n"
)
LOOK = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Untrue(RuntimeError):
    """The database does not hold what was acknowledged, or a submission was refused; the text says which."""


@dataclass(frozen=True)
class Prepared:
    """A database with the scene in it, and how many statements the first submission took."""

    place: Place
    url: str
    scene: Scene
    queries: int


@dataclass(frozen=True)
class Cell:
    """One measurement to be made."""

    kind: str
    clients: int
    seconds: float
    folder: Path
    secret: str


def measure(kind: str, clients: Sequence[int], seconds: float, folder: Path) -> Iterator[Figure]:
    """Measure on one kind of database, three figures for each number of clients.

    Raises NoPostgres, NotServed, LoadFailed, and Untrue.
    """
    secret = secrets.token_hex(32)
    with place(kind, folder) as where:
        ready = _prepared(where, folder, secret, max(clients), int(STOCK * seconds * (1 + WARM)) + STOCK)
        for number in clients:
            yield from _cell(ready, Cell(kind, number, seconds, folder, secret))
        db.database().engine.dispose()
        where.drop(ready.url)


def _cell(ready: Prepared, cell: Cell) -> Iterator[Figure]:
    yield _measured(ready, cell, "empty page", floors.EMPTY)
    floor = _measured(ready, cell, "bare inserts", floors.INSERTS)
    yield floor
    yield _measured(ready, cell, "selfcheck", server.PORTAL, floor.value)


def _measured(ready: Prepared, cell: Cell, name: str, application: str, floor: float | None = None) -> Figure:
    url = ready.place.copy(ready.url)
    db.use(url)
    scene.wake()
    db.database().engine.dispose()
    is_write = application != floors.EMPTY
    told = _environment(cell, _open_to_all(url) if application == floors.INSERTS else url)
    with serving(application, told, cell.folder / "server.log") as served:
        browsers = list(_browsers(ready.scene, cell.clients, is_write))
        warm = WARM * cell.seconds
        result = put(
            served, browsers, warm=warm, seconds=cell.seconds, accepted=SEE_OTHER if is_write else OK
        )
    stored = _stored(result) if is_write else None
    db.database().engine.dispose()
    ready.place.drop(url)
    queries = ready.queries if application == server.PORTAL else None
    return _figure(name, cell, result, floor, queries, stored)


def _figure(
    name: str, cell: Cell, result: Result, floor: float | None, queries: int | None, stored: int | None
) -> Figure:
    done = len(result.latencies)
    is_told = result.cpu_seconds is not None and done
    return Figure(
        name=name,
        database=cell.kind,
        clients=cell.clients,
        value=round(done / result.seconds, 1),
        unit=UNIT,
        floor=floor,
        cpu_ms=round((result.cpu_seconds or 0) * 1_000 / done, 2) if is_told else None,
        queries=queries,
        p50_ms=round(percentile(result.latencies, 50) * 1_000, 1),
        p95_ms=round(percentile(result.latencies, 95) * 1_000, 1),
        errors=sum(result.errors.values()),
        acknowledged=result.acknowledged,
        stored=stored,
    )


def _prepared(where: Place, folder: Path, secret: str, people: int, checks: int) -> Prepared:
    url = where.new()
    settings = Settings(home=folder, database_url=url, secret_key=secret.encode())
    app: Flask = import_string(server.PORTAL.partition("(")[0])(settings)
    schema.create(db.database().engine)
    made = scene.prepare(app, people, checks)
    queries = hand_in(app, made, made.checks[0])
    with db.database().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    db.database().engine.dispose()
    return Prepared(where, url, made, queries)


def hand_in(app: Flask, made: Scene, check: int) -> int:
    """Hand one check in without a server between, and count the statements it takes.  Raises Untrue."""
    who, count = made.people[0], Statements()
    body = form(made.items, who.csrf_token).replace("@once@", once.new_token())
    with count:
        answer = contextvars.Context().run(
            app.test_client(use_cookies=False).post,
            f"/checks/{check}/submit",
            data=body,
            content_type="application/x-www-form-urlencoded",
            headers={"Cookie": who.cookie},
        )
    if answer.status_code != SEE_OTHER:
        raise Untrue(f"a submission was answered by {answer.status_code}: {answer.text[:500]}")
    return count.number


class Statements:
    """Counts what goes to the database inside the block, the words that begin and end transactions left out."""

    def __init__(self) -> None:
        self.number = 0

    def __enter__(self) -> "Statements":
        event.listen(sa.Engine, "before_cursor_execute", self._heard)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(sa.Engine, "before_cursor_execute", self._heard)

    def _heard(self, _connection: object, _cursor: object, statement: str, *_rest: Any) -> None:
        self.number += not statement.startswith("BEGIN")


def form(items: Sequence[str], csrf_token: str) -> str:
    """What a telephone sends to hand in a whole check."""
    fields = [("csrf_token", csrf_token), ("once", "@once@"), ("answers", "along")]
    for code in items:
        fields += [
            (f"{code}-seen", "0"),
            (f"{code}-outcome", "pass"),
            (f"{code}-note", ""),
            (f"{code}-stall", ""),
        ]
    return urlencode(fields, safe="@")


def _browsers(made: Scene, clients: int, is_write: bool) -> Iterator[Browser]:
    stock = made.checks[1:]
    for number in range(clients):
        who, keys = made.people[number], [str(key) for key in stock[number::clients]]
        if is_write:
            yield Browser(HEAD.format(cookie=who.cookie), form(made.items, who.csrf_token), keys)
        else:
            yield Browser(LOOK, "", keys * 4)


def _environment(cell: Cell, url: str) -> dict[str, str]:
    """What the server is told; nothing of the surroundings' own settings is left."""
    told = {"PORTAL_HOME": str(cell.folder), "DATABASE_URL": url, "SECRET_KEY": cell.secret}
    return told | dict.fromkeys(("PORTAL_ENV", "BASE_URL", "REDIS_URL", "STORAGE_URL", "TRUSTED_HOSTS"), "")


def _open_to_all(url: str) -> str:
    """The bare view knows nobody: on PostgreSQL its connections pass the wall from the start, at no cost a request."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return url
    wide = parsed.update_query_dict({"options": "-c portal.sight=beyond"})
    return wide.render_as_string(hide_password=False)


def _stored(result: Result) -> int:
    """How many submissions are there, each whole and once.  Raises Untrue where they are not what was acknowledged."""
    counted: dict[str, Any] = {
        "submissions": sa.func.count(Submission.id),
        "checks with a submission": sa.func.count(sa.distinct(Submission.occurrence_id)),
        "submissions with a door": sa.func.count(sa.distinct(Door.subject_id)),
        "once-tokens": sa.func.count(Once.token_hash),
        "twenties of answers": sa.func.count(Answer.id) / scene.ITEMS,
        "checks handed in": sa.func.count(Occurrence.id).filter(Occurrence.state != CheckState.OPEN),
    }
    with beyond_reach("bench"), db.opened(None, writes=False) as own:
        found = {words: float(own.scalar(sa.select(count)) or 0) for words, count in counted.items()}
    stored, unknown = int(found["submissions"]) - 1, sum(result.errors.values())
    if len(set(found.values())) > 1 or not result.acknowledged <= stored <= result.acknowledged + unknown:
        raise Untrue(f"{result.acknowledged} acknowledged, {unknown} errors, and with the first one {found}")
    return stored
