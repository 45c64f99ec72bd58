"""Cells as people leave them, made into what a field takes: full-width figures, serial days, numbers kept as text."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import identity
from portal.core.errors import Mistake
from portal.exchange.workbooks import table
from portal.exchange.workbooks.reading import Cell

EXACT = 10**15
"""Excel keeps fifteen figures of a number; what is longer has lost its end."""
DAY_ZERO = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 18_000, 80_000  # 1949 to 2119
SCIENTIFIC = re.compile(r"\d(\.\d+)?E\+?\d+")
A_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
EIGHT = re.compile(r"(\d{4})(\d{2})(\d{2})")
AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,6})?")
UNIT = re.compile(r"(平方米|平米|平方|m2|㎡|方)$")
UNTIL = re.compile("至|到|~|—|--+")
"""Stands between the first day and the last."""
SEVERAL = re.compile(r"[;；、,，/\n]+")
UNSEEN = re.compile("[\u200b-\u200f\u2028-\u202e\u2060\ufeff\u00ad]")
ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!"})

LOST_FIGURES = _l(
    "Excel 把长号码变成了科学计数法，后面几位已经丢了。请先把这一列的格式设成“文本”，再照原件重填。"
)
NO_DAY = _l("这里要填日期，比如 2024-03-05。")
OLD_DAY = _l("这里读出来是 1900 年，多半是填了 0 或格式不对。请重填日期，比如 2024-03-05。")
NO_SUCH_DAY = _l("没有这一天，请核对月份和日子。")
NO_AMOUNT = _l("这里要填数字，比如 12.5。")
YES_OR_NO = _l("这里填“是”或“否”。")
FORMULA = _l("这一格的公式出了错，请直接填内容。")


def words(field: str, cell: Cell) -> str:
    """A text as it reads, without blanks around it and signs nobody sees; raises Mistake."""
    match cell:
        case None | False:
            return ""
        case str():
            if cell.strip() in ERRORS:
                raise Mistake(field, FORMULA)
            return " ".join(UNSEEN.sub("", cell).split()).lstrip("'")
        case bool():
            return str(int(cell))
        case int() | float():
            return _figures(field, cell)
        case ["day", day]:
            return str(day)
        case _:
            raise Mistake(field, OLD_DAY)


def _figures(field: str, cell: int | float) -> str:
    if abs(cell) >= EXACT:
        raise Mistake(field, LOST_FIGURES)
    return str(int(cell)) if cell == int(cell) else repr(cell)


def number(field: str, cell: Cell) -> str:
    """A number made of letters and figures, half-width; raises Mistake where Excel has lost the end of it."""
    text = "".join(unicodedata.normalize("NFKC", words(field, cell)).split())
    if SCIENTIFIC.fullmatch(text.upper()):
        raise Mistake(field, LOST_FIGURES)
    return text


def amount(field: str, cell: Cell) -> Decimal | None:
    """A number with decimals, its unit left out; raises Mistake."""
    text = UNIT.sub("", number(field, cell).casefold()).replace(",", "")
    if not text:
        return None
    if not AMOUNT.fullmatch(text):
        raise Mistake(field, NO_AMOUNT)
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Mistake(field, NO_AMOUNT) from None


def day(field: str, cell: Cell) -> date | None:
    """A day in any of the ways it is written, a serial number of Excel's among them; raises Mistake."""
    if isinstance(cell, list) and cell[0] == "day":
        return _no_zero(field, date.fromisoformat(cell[1]))
    text = number(field, cell)
    if not text:
        return None
    text = re.sub(r"(\d)[T ]?\d{1,2}:\d{2}(:\d{2})?$", r"\1", text) if ":" in text else text
    if found := A_DAY.fullmatch(text) or EIGHT.fullmatch(text):
        return _no_zero(field, _date(field, *map(int, found.groups())))
    if text.isdecimal() and FIRST_SERIAL <= int(text) <= LAST_SERIAL:
        return DAY_ZERO + timedelta(days=int(text))
    if text in ("0", "1"):
        raise Mistake(field, OLD_DAY)
    raise Mistake(field, NO_DAY)


def _date(field: str, year: int, month: int, day_: int) -> date:
    try:
        return date(year, month, day_)
    except ValueError:
        raise Mistake(field, NO_SUCH_DAY) from None


def _no_zero(field: str, found: date) -> date:
    if found.year <= 1900:
        raise Mistake(field, OLD_DAY)
    return found


def last_day(field: str, cell: Cell) -> tuple[date | None, bool]:
    """A last day, and whether it was said that there is none; raises Mistake."""
    if isinstance(cell, str) and table.plain_word(cell) in table.words("no_end"):
        return None, True
    if isinstance(cell, str) and len(ends := UNTIL.split(cell)) > 1 and ends[-1].strip():
        return last_day(field, ends[-1])
    return day(field, cell), False


def yes(field: str, cell: Cell) -> bool | None:
    """Yes or no, None for an empty cell; raises Mistake."""
    if isinstance(cell, bool):
        return cell
    text = table.plain_word(words(field, cell))
    if not text:
        return None
    if text in table.words("yes"):
        return True
    if text in table.words("no"):
        return False
    raise Mistake(field, YES_OR_NO)


def one_of(field: str, cell: Cell, choices: Mapping[str, Any], words_of: Any) -> Any:
    """What a word stands for among the choices (by their words made plain), None for an empty cell.

    Raises Mistake with ``words_of`` filled with what stands there.
    """
    text = words(field, cell)
    if not text:
        return None
    found = choices.get(table.plain_word(text))
    if found is None:
        raise Mistake(field, words_of(identity.masked(text)[:30]))
    return found


def several(field: str, cell: Cell) -> list[str]:
    """The parts of a cell that holds several things, in their order; raises Mistake."""
    if isinstance(cell, str):
        parts = SEVERAL.split(cell)
        return [part for part in (words(field, one) for one in parts) if part]
    text = words(field, cell)
    return [text] if text else []
