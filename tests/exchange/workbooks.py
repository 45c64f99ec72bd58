"""Workbooks as markets really keep them: titles over the header, full-width figures, totals below, faults planted."""

import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import xlsxwriter
from stdnum.cn import uscc

TITLE = "东样肉菜市场档口台账（2026 年）"
HEADERS = ("序号", "摊位号", "所属区域", "面积（㎡）", "经营范围", "是否用燃气", "备注")
ZONES = ("猪肉区", "水产区", "蔬菜区")


@dataclass
class Roster:
    """A workbook of stalls, and the cells in which something is wrong, with a piece of the words about each."""

    content: bytes
    faults: dict[str, str] = field(default_factory=dict)


def workbook(
    rows: Iterable[Sequence[Any]], *, title: str = "", hidden: bool = False, name: str = "台账"
) -> bytes:
    """A plain workbook of these rows, the header among them; ``title`` is merged over the first row."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet(name)
    kept = [list(row) for row in rows]
    if title:
        page.merge_range(0, 0, 0, max(map(len, kept)) - 1, title)
    for number, row in enumerate(kept, start=1 if title else 0):
        page.write_row(number, 0, row)
    if hidden:
        other = book.add_worksheet("说明")
        page.hide()
        other.activate()
        other.set_first_sheet()
    book.close()
    return out.getvalue()


def stalls(number: int = 140, *, faulty: bool = False) -> Roster:
    """So many stalls under a merged title, in row 3 the first of them, a total at the bottom.

    ``faulty`` plants twelve faults, each named by its cell.
    """
    rows = [_stall(n) for n in range(1, number + 1)]
    faults = _plant(rows) if faulty else {}
    total = ["合计", f"{number} 个", "", f"=SUM(D3:D{number + 2})"]
    return Roster(workbook([HEADERS, *rows, total], title=TITLE), faults)


def mended(number: int = 140) -> Roster:
    """The same workbook with its faults put right."""
    return stalls(number)


def _stall(n: int) -> list[Any]:
    """A dirty row, but a right one: full-width figures, blanks, numbers as text."""
    code = f"Ｄ－{n:03d}" if n % 7 == 0 else f" D-{n:03d} " if n % 5 == 0 else f"D-{n:03d}"
    area: Any = f"{10 + n % 9}.5㎡" if n % 4 == 0 else 10 + n % 9
    trade = ("蔬菜", "水产", "只销售食用农产品（菜、果、生肉、活鱼）")[n % 3]
    return [n, code, ZONES[n % 3], area, trade, ("是", "否", "无", "")[n % 4], "已核" if n % 10 == 0 else ""]


def _plant(rows: list[list[Any]]) -> dict[str, str]:
    """Twelve cells that are wrong; the first stall stands in row 3 of the workbook."""
    planted: tuple[tuple[int, int, Any, str], ...] = (
        (3, 1, "", "编号要填"),
        (10, 1, "D-O10", "D-010"),
        (20, 1, "D-019", "出现了几次"),
        (31, 1, "D#031", "编号用字母"),
        (40, 2, "干货区", "没有“干货区”这个分区"),
        (50, 3, "约12", "要填数字"),
        (60, 3, -5, "面积要大于 0"),
        (80, 4, "珠宝", "不认得经营类别“珠宝”"),
        (90, 5, "看情况", "“是”或“否”"),
        (100, 3, "#REF!", "公式出了错"),
        (110, 1, 4.4190019900101e17, "科学计数法"),
    )
    faults = {}
    for n, column, value, words in planted:
        rows[n - 1][column] = value
        faults[f"{'ABCDEFG'[column]}{n + 2}"] = words
    faults["B21"] = "出现了几次"  # the other one of the twins
    return faults


VENDOR_HEADERS = (
    "商户名称", "负责人", "联系电话", "统一社会信用代码", "经营范围", "摊位号", "入场日期",
    "营业执照有效期", "食品经营许可证号", "许可证有效期",
)  # fmt: skip


def credit_code(n: int) -> str:
    """A right credit code of nobody."""
    bare = f"92441900MA4{n:06d}"
    return bare + uscc.calc_check_digit(bare)


def vendors(number: int = 140, *, faulty: bool = False) -> Roster:
    """So many vendors, each in the stall of his number; ``faulty`` plants five faults."""
    rows = [_vendor(n) for n in range(1, number + 1)]
    faults = {}
    if faulty:
        planted: tuple[tuple[int, int, Any, str], ...] = (
            (1, 3, credit_code(1).replace("0", "O", 1), credit_code(1)),
            (2, 2, "1380013", "11 位手机号"),
            (3, 3, 9.2441900e17, "科学计数法"),
            (4, 5, "Z-999", "没有 Z-999 这个档口"),
            (5, 6, 0, "1900"),
        )
        for n, column, value, words in planted:
            rows[n - 1][column] = value
            faults[f"{'ABCDEFGHIJ'[column]}{n + 1}"] = words
    return Roster(workbook([VENDOR_HEADERS, *rows]), faults)


def _vendor(n: int) -> list[Any]:
    code = credit_code(n)
    phone: Any = f"138 0013 {n:04d}" if n % 3 == 0 else 13_900_000_000 + n
    began: Any = ("2024.3.5", "2024年3月5日", 45_356, "2024/03/05")[n % 4]
    is_food = n % 2 == 0
    return [
        f"虎门样{n:04d}档", f"样 {n:04d}", phone, f" {code.lower()} " if n % 5 == 0 else code,
        "熟食" if is_food else "蔬菜", f"D-{n:03d}", began, "长期",
        f"JY2441900{n:07d}" if is_food else "", "2029-02-28" if is_food else "",
    ]  # fmt: skip


def merged(rows: Sequence[Sequence[Any]], area: str) -> bytes:
    """A workbook of these rows with one area merged, its words in its first cell."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    page = book.add_worksheet()
    for number, row in enumerate(rows):
        page.write_row(number, 0, row)
    first = area.split(":")[0]
    page.merge_range(area, rows[int(first[1:]) - 1]["ABCDEFG".index(first[0])])
    book.close()
    return out.getvalue()


def bomb() -> bytes:
    """A small file that unpacks to sixty megabytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("xl/sharedStrings.xml", b"A" * 60_000_000)
    return out.getvalue()
