"""What lies outside Python: how a command is run, a stamp kept, and a system's own package brought."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from tools.programs import find_chromium, names_postgres

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
LAST_LINES = 12


class Missing(RuntimeError):
    """Something cannot be had on this machine; the message says what, in one line."""


def call(*command: str | Path, env: Mapping[str, str] | None = None) -> str:
    """Run a command in the checkout and return what it printed; a failure shows its last lines.

    Raises Missing when the command fails or is not there.
    """
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise Missing(f"{command[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        told = "\n".join((done.stdout + done.stderr).splitlines()[-LAST_LINES:])
        raise Missing(f"{' '.join(map(str, command[:4]))} ... failed\n{told}")
    return done.stdout


def fingerprint(paths: Iterable[Path], *words: str) -> str:
    """One digest of these files and words."""
    digest = hashlib.sha256("\n".join(words).encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def stamp(name: str) -> str:
    """The fingerprint a step left behind, or nothing."""
    path = VENV / "stamps" / name
    return path.read_text() if path.exists() else ""


def set_stamp(name: str, value: str) -> None:
    """Remember what a step was made from; it goes with the virtual environment."""
    (VENV / "stamps").mkdir(parents=True, exist_ok=True)
    (VENV / "stamps" / name).write_text(value)


def bring(what: str, *packages: str) -> None:
    """Install Debian packages when that is ours to do; raises Missing, naming them, when it is not."""
    hint = f"{what} is missing (on Debian: apt-get install {' '.join(packages)})"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Missing(hint)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        call("apt-get", "update", "-qq", env=env)
        call("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages, env=env)
    except Missing as error:
        raise Missing(f"{hint}; {error}") from error


def has_text_libraries(goal: str) -> bool:
    """WeasyPrint's libraries were seen to load once in this virtual environment."""
    return stamp("text-libraries") == "seen"


def bring_text_libraries(goal: str) -> None:
    """Load WeasyPrint's libraries, bringing pango and harfbuzz when they are not there."""
    try:
        _load_weasyprint()
    except Missing:
        bring("pango and harfbuzz", "libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
        _load_weasyprint()
    set_stamp("text-libraries", "seen")


def has_browser(goal: str) -> bool:
    """A Chromium can be found."""
    return find_chromium() is not None


def bring_browser(goal: str) -> None:
    """Install Chromium; CHROMIUM may name one instead."""
    if named := os.environ.get("CHROMIUM"):
        raise Missing(f"CHROMIUM names {named}, which is not there")
    bring("Chromium", "chromium")


def has_postgres(goal: str) -> bool:
    """A PostgreSQL is named by its URL, or its programs are here (the wheel of the packages has them)."""
    return is_postgres_named() or call(BIN / "python", "-m", "tools.programs").strip() != ""


def bring_postgres(goal: str) -> None:
    """Install PostgreSQL's server programs."""
    bring("PostgreSQL", "postgresql")


def is_postgres_named() -> bool:
    """Whether the environment says which PostgreSQL the tests shall use."""
    return any(names_postgres(os.environ.get(name)) for name in ("TEST_DATABASE_URL", "DATABASE_URL"))


def _load_weasyprint() -> None:
    call(BIN / "python", "-c", "import weasyprint")
