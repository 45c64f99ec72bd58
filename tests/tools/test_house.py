"""House rules that no linter knows: small files, short functions, a sentence on top, and no foreign host."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
LONGEST_FUNCTION = 25
LONGEST_TEMPLATE = 120
# Assembled from parts, so that this file does not hold what it looks for.
HOSTS = re.compile("|".join(("pypi" + r"\.org", "python" + "hosted", "npm" + "js", "npm" + "mirror")))
UNSAFE = re.compile(r"\|\s*safe\b|\sstyle=|\son[a-z]+=\"|<script(?![^>]*\ssrc=)[^>]*>|javascript:")
DATA_BLOCK = re.compile(r"<script[^>]*type=\"application/json\"")


def tracked(*patterns: str) -> list[Path]:
    """Files of the checkout that git knows, or would know."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [path for path in map(ROOT.joinpath, listed.splitlines()) if path.is_file()]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Each function of a file with the lines of its body, its docstring left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            if body:
                yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or 0) - body[0].lineno + 1


def test_no_module_is_long() -> None:
    # A migration lists tables one after another; it is read once and never edited.
    modules = tracked("*.py", ":!migrations/versions")
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules}
    assert {str(path): size for path, size in sizes.items() if size > LONGEST_FILE} == {}


def test_no_function_is_long() -> None:
    long = {name: size for path in tracked("portal/*.py", "tools/*.py") for name, size in functions(path)}
    assert {name: size for name, size in long.items() if size > LONGEST_FUNCTION} == {}


def test_no_template_is_long() -> None:
    sizes = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in tracked("*.html")}
    assert {name: size for name, size in sizes.items() if size > LONGEST_TEMPLATE} == {}


def test_every_module_says_what_it_is_for() -> None:
    modules = [path for path in tracked("portal/*.py", "tools/*.py", "tests/*.py") if path.stat().st_size]
    silent = [path for path in modules if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))]
    assert silent == []


def test_pages_hold_no_inline_script_or_style() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in tracked("*.html")
        for line in path.read_text(encoding="utf-8").splitlines()
        if UNSAFE.search(line) and not DATA_BLOCK.search(line)
    ]
    assert found == []


def test_no_file_names_a_registry() -> None:
    named = [path for path in tracked() if HOSTS.search(path.read_bytes().decode("utf-8", "replace"))]
    assert named == []


def test_every_locked_package_has_its_hash() -> None:
    for path in tracked("requirements*.txt", "tools/requirements*.txt"):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        packages = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line)]
        assert packages and all("--hash=sha256:" in line for line in packages), path
    lock = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    assert lock.count('"version"') == lock.count('"integrity"') and '"resolved"' not in lock
