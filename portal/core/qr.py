"""Square codes as one SVG path, drawn by the server: black on white, scanned by any telephone."""

from dataclasses import dataclass

import qrcode
from qrcode.constants import ERROR_CORRECT_M, ERROR_CORRECT_Q

BORDER = 4
"""Modules of quiet ground around it, as ISO/IEC 18004 asks."""


@dataclass(frozen=True)
class Code:
    """``size`` modules a side, the quiet border included; ``path`` in units of one module."""

    size: int
    path: str


def code_of(text: str, *, hangs: bool = False) -> Code:
    """The code of a text, with 15 % of it to spare for dirt and folds; 25 % where it hangs in a market for years."""
    maker = qrcode.QRCode(error_correction=ERROR_CORRECT_Q if hangs else ERROR_CORRECT_M, border=BORDER)
    maker.add_data(text)
    maker.make(fit=True)
    rows = maker.get_matrix()
    return Code(len(rows), "".join(_row(y, row) for y, row in enumerate(rows)))


def _row(y: int, row: list[bool]) -> str:
    """The dark runs of a row, each a rectangle one module high."""
    path, start = [], None
    for x, is_dark in enumerate([*row, False]):
        if is_dark and start is None:
            start = x
        elif not is_dark and start is not None:
            path.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            start = None
    return "".join(path)
