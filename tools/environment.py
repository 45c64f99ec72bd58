"""The virtual environment, its locked packages, and the `portal` command in it."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from tools.machine import BIN, ROOT, VENV, Missing, bring, call, fingerprint, set_stamp, stamp

INSTALLER = ROOT / "tools" / "requirements-installer.txt"
LOCKS = {
    "run": ROOT / "requirements.txt",
    "check": ROOT / "requirements-dev.txt",
    "test": ROOT / "requirements-dev.txt",
}


def has_venv(goal: str) -> bool:
    """An environment made here by this Python; one that was moved or upgraded away is made anew."""
    return stamp("venv") == _identity() and (BIN / "python").exists()


def make_venv(goal: str) -> None:
    """Make the environment, with the installer in it when the machine has none."""
    if VENV.exists():
        shutil.rmtree(VENV)
    try:
        call(sys.executable, "-m", "venv", VENV)
    except Missing:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        bring("Python's venv module", f"python{version}-venv")
        call(sys.executable, "-m", "venv", "--clear", VENV)
    if not shutil.which("uv"):
        # Without uv everything still works, only slower: pip installs the same locked files.
        _attempt(BIN / "pip", "install", "--quiet", "--require-hashes", "--requirement", INSTALLER)
    set_stamp("venv", _identity())


def has_packages(goal: str) -> bool:
    """The goal's lock, or the fuller one of the developers, is what is installed."""
    wanted = {fingerprint([LOCKS[goal]]), fingerprint([LOCKS["test"]])}
    return stamp("packages") in wanted


def install_packages(goal: str) -> None:
    """Install exactly what the lock says, every file checked against its hash."""
    lock = LOCKS[goal]
    if not (uv := find_uv()) or not _attempt(
        uv, "pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode", lock, env=uv_settings()
    ):
        call(BIN / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", lock)
    set_stamp("packages", fingerprint([lock]))


def has_command(goal: str) -> bool:
    """The checkout is on the path and every declared command is in bin."""
    return _path_file().exists() and all((BIN / name).exists() for name in _commands())


def write_command(goal: str) -> None:
    """Put the checkout on the path and write its commands: what an editable install does, without a build."""
    _path_file().write_text(f"{ROOT}\n")
    for name, entry in _commands().items():
        module, _, function = entry.partition(":")
        script = BIN / name
        script.write_text(
            f"#!{BIN / 'python'}\nimport sys\n\nfrom {module} import {function}\n\nsys.exit({function}())\n"
        )
        script.chmod(0o755)


def find_uv() -> Path | None:
    """The installer brought into the environment, else the machine's own."""
    if (BIN / "uv").exists():
        return BIN / "uv"
    return Path(found) if (found := shutil.which("uv")) else None


def uv_settings() -> dict[str, str]:
    """uv shall use this environment and the index that pip is told to use on this machine."""
    env = os.environ | {"VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}
    asked: list[str | Path] = [BIN / "python", "-m", "pip", "config", "get", "global.index-url"]
    told = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()
    if index := os.environ.get("PIP_INDEX_URL") or told:
        env.setdefault("UV_DEFAULT_INDEX", index)
    return env


def _attempt(*command: str | Path, env: dict[str, str] | None = None) -> bool:
    try:
        call(*command, env=env)
    except Missing as error:
        print(f"setup: {error}\nsetup: going on without it", file=sys.stderr)
        return False
    return True


def _identity() -> str:
    return fingerprint([INSTALLER], str(ROOT), sys.version, os.path.realpath(sys.executable))


def _path_file() -> Path:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return VENV / "lib" / version / "site-packages" / "checkout.pth"


def _commands() -> dict[str, str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return dict(project["project"]["scripts"])
