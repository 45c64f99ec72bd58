"""Draws what can be derived: the layers from the import contract, the life cycles from their tables.

``python -m tools.draw`` writes docs/layers.svg and docs/workflows.md; a test holds them against the code.
"""

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from portal.core.workflow import Move, Workflow
from portal.exchange.workflow import EXPORT, IMPORT
from portal.markets.workflow import CORRECTION, MARKET, SIGN, STALL
from portal.selfcheck.workflow import CHECK, CHECKLIST, RECORD

HOW = "Written by `python -m tools.draw` from the tables of moves; a test holds them equal."
ROOT = Path(__file__).parents[1]
WIDTH, ROW, GAP, LEFT = 760, 38, 10, 150
WORDS = {
    "app": "puts it together",
    "bench": "measures",
    "demo": "tells the story",
    "exchange": "workbooks in, lists out",
    "insight": "many markets at once, the journal, the portal's health",
    "frontdoor": "signs, verification: pages without an account",
    "selfcheck": "lists, plans, checks, reviews, records",
    "markets": "markets, stalls, vendors, papers, equipment, signs",
    "notices": "inbox and digests",
    "evidence": "photos and files",
    "accounts": "people, memberships, signing in",
    "territory": "areas and organisations",
    "web": "gate, areas, forms, pages",
    "core": "reach, rights, life cycles, errands, time",
}
LIVES: tuple[tuple[str, Workflow[Any]], ...] = (
    ("A market", MARKET),
    ("A stall", STALL),
    ("A sign", SIGN),
    ("A correction", CORRECTION),
    ("A version of a checklist", CHECKLIST),
    ("A check", CHECK),
    ("A record", RECORD),
    ("An import", IMPORT),
    ("An export", EXPORT),
)


def layers() -> list[list[str]]:
    """The rows of the contract that stand in the checkout, the top one first."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    rows = next(one["layers"] for one in contracts if one["id"] == "packages")
    named = [[name.strip(" ()") for name in row.replace(":", "|").split("|")] for row in rows]
    there = [[name for name in row if _stands(name)] for row in named]
    return [row for row in there if row]


def _stands(name: str) -> bool:
    return (ROOT / "portal" / name / "__init__.py").exists() or (ROOT / "portal" / f"{name}.py").exists()


def svg(rows: list[list[str]]) -> str:
    """The layers as a drawing: whoever stands higher may import whoever stands lower, never the other way."""
    height = len(rows) * (ROW + GAP) + GAP + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="sans-serif" font-size="14">',
        "<title>Layers of the portal: imports go down only</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#f4f6f8"/>',
    ]
    for number, row in enumerate(rows):
        top = GAP + number * (ROW + GAP)
        parts.append(
            f'<rect x="{GAP}" y="{top}" width="{WIDTH - 2 * GAP}" height="{ROW}" rx="6" fill="#fff" stroke="#76828f"/>'
        )
        parts.append(
            f'<text x="{2 * GAP}" y="{top + 24}" font-weight="bold">{escape(" | ".join(row))}</text>'
        )
        words = WORDS.get(row[0], "")
        parts.append(f'<text x="{LEFT + 120}" y="{top + 24}" fill="#5b6675">{escape(words)}</text>')
    parts.append(
        f'<text x="{GAP}" y="{height - 12}" fill="#5b6675">imports go down, never up or sideways</text></svg>'
    )
    return "\n".join(parts) + "\n"


def tables(lives: Iterable[tuple[str, Workflow[Any]]]) -> str:
    """Every life cycle as a table of moves, as the code has it."""
    text = [
        "# Life cycles",
        "",
        "Written by `python -m tools.draw` from the tables of moves; a test holds them equal.",
        "",
    ]
    for title, workflow in lives:
        text += [f"## {title}", "", "| verb | 中文 | from | to | right |", "|---|---|---|---|---|"]
        text += [_line(move) for move in workflow.moves] + [""]
    return "\n".join(text)


def _line(move: Move[Any]) -> str:
    source = move.source.value if move.source else "–"
    return f"| {move.verb} | {move.label} | {source} | {move.target.value} | `{move.needs.value}` |"


def drawings() -> dict[Path, str]:
    """What is drawn, by the file it belongs in."""
    return {
        ROOT / "docs" / "layers.svg": svg(layers()),
        ROOT / "docs" / "workflows.md": tables(LIVES),
    }


if __name__ == "__main__":
    for path, text in drawings().items():
        path.write_text(text, encoding="utf-8")
