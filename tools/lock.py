"""Writes the hash locks anew from pyproject.toml: `make lock`.  No file names a registry."""

import sys
from pathlib import Path

from tools.environment import INSTALLER, find_uv, uv_settings
from tools.machine import ROOT, call

RUN_TIME = ("pyproject.toml",)
LOCKS: tuple[tuple[Path, tuple[str, ...]], ...] = (
    (ROOT / "requirements.txt", RUN_TIME),
    (ROOT / "requirements-dev.txt", (*RUN_TIME, "--group", "dev", "--constraint", "requirements.txt")),
    (INSTALLER, ("--group", "installer")),
    (ROOT / "tools" / "requirements-node.txt", ("--group", "node")),
)
OPTIONS = ("--quiet", "--universal", "--generate-hashes", "--upgrade", "--no-emit-index-url")


def main() -> None:
    """Compile each lock; pip's own sources on this machine stay out of it."""
    env = {name: value for name, value in uv_settings().items() if name != "PIP_FIND_LINKS"}
    env["UV_CUSTOM_COMPILE_COMMAND"] = "make lock"
    for path, sources in LOCKS:
        uv = find_uv() or sys.exit("lock: uv is missing")
        call(uv, "pip", "compile", *sources, *OPTIONS, "--output-file", path.relative_to(ROOT), env=env)


if __name__ == "__main__":
    main()
