"""The process that parses a workbook: bounded in memory and time, with nothing of the portal in it.

It is run by its path with the form as its one argument, takes the bytes from stdin and writes JSON lines: one for each
sheet that can be seen, followed by one for each of its rows that is not blank.  A refusal is a line of its own, by a
word the parent has a sentence for.
"""

import csv
import json
import math
import re
import resource
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from io import BytesIO, StringIO
from typing import Any, NoReturn

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

MEMORY = 512_000_000
SECONDS = 20
MOST_ROWS = 20_000
MOST_COLUMNS = 100
MOST_SHEETS = 20
MOST_CELLS = 2_000_000
MOST_UNPACKED = 50_000_000
LONGEST_CELL = 2_000
PIECE = 1 << 18
LONGEST_MARK = 16
FILLED = re.compile(rb"<row\b[^>]*><c\b[^>]*><(?:v|is|f)\b")
"""A row whose first cell holds something."""
NO_NUMBER = "#NUM!"
"""What Excel itself writes where a sum came to no number."""
UNSEEN = {sign: None for sign in (*range(32), *range(127, 160)) if chr(sign) not in "\t\n\r"}
"""Control signs, which nobody types: some cannot be kept by a database."""


class Refused(Exception):
    """Not to be read: a word the parent has a sentence for."""


def main() -> None:
    """Bound this process, read, write."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    content = sys.stdin.buffer.read()
    try:
        for line in read(content, sys.argv[1]):
            say(line)
    except Refused as refusal:
        say({"refused": str(refusal)})
    except MemoryError:
        say({"refused": "sparse"})
    sys.stdout.flush()


def say(line: Any) -> None:
    sys.stdout.buffer.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")


def read(content: bytes, form: str) -> Iterator[Any]:
    """The lines about a workbook; raises Refused."""
    if form == "csv":
        yield from read_text(content)
        return
    if form == "xlsx":
        look_through(content)
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
    except PasswordError:
        raise Refused("protected") from None
    except Exception:  # whatever a stranger's file makes the reader say
        raise Refused("broken") from None
    seen = [n for n, one in enumerate(book.sheets_metadata) if one.visible == SheetVisibleEnum.Visible]
    for number in seen[:MOST_SHEETS]:
        yield from read_sheet(book, number)


def look_through(content: bytes) -> None:
    """Look at every part before it is parsed, as it unpacks and not as it says it would; raises Refused."""
    unpacked = 0
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for entry in archive.infolist():
            if not entry.filename.casefold().endswith((".xml", ".rels", ".vml")):
                continue
            rows = cells = 0
            for piece in pieces(archive, entry):
                unpacked += len(piece)
                cells += piece.count(b"<c ") + piece.count(b"<c>")
                rows += len(FILLED.findall(piece))
                need_plain(piece)
                if rows > MOST_ROWS:
                    raise Refused("rows")
                if unpacked > MOST_UNPACKED or cells > MOST_CELLS:
                    raise Refused("sparse")


def need_plain(piece: bytes) -> None:
    """Refuse entities, and an encoding in which they would hide."""
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece or piece.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("entities")


def pieces(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The part in pieces that overlap by the length of what is looked for."""
    end = b""
    try:
        with archive.open(entry) as part:
            while piece := part.read(PIECE):
                yield end + piece
                end = piece[-LONGEST_MARK:]
    except Exception:
        raise Refused("broken") from None


def read_sheet(book: Any, number: int) -> Iterator[Any]:
    """One sheet: a line about it, and its rows."""
    try:
        sheet = book.get_sheet_by_index(number)
    except (CalamineError, ValueError):
        return  # a drawing, a macro sheet
    merged = [one for one in (sheet.merged_cell_ranges or [])[:MOST_ROWS] if one[1][0] > one[0][0]]
    yield {"sheet": sheet.name.translate(UNSEEN), "merged": merged}
    left, told = (sheet.start or (0, 0))[1], 0
    for n, row in enumerate(sheet.iter_rows(), start=1):
        cells = trimmed([*[None] * min(left, MOST_COLUMNS), *map(plain, row[: max(MOST_COLUMNS - left, 0)])])
        if cells:
            told += 1
            if told > MOST_ROWS:
                raise Refused("rows")
            yield [n, cells]


def trimmed(cells: list[Any]) -> list[Any]:
    """Without the blank cells at the end."""
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def plain(cell: Any) -> Any:
    """A cell as JSON knows it: ["day", "2024-03-05"] for a day, ["time"] for a clock time, which Excel's day 0 is."""
    match cell:
        case str():
            return cell[:LONGEST_CELL].translate(UNSEEN) if cell.strip() else None
        case float() if not math.isfinite(cell):
            return NO_NUMBER
        case bool() | int() | float():
            return cell
        case datetime() | date():
            return ["day", cell.isoformat()[:10]]
        case time() | timedelta():
            return ["time"]
        case _:
            return None


def read_text(content: bytes) -> Iterator[Any]:
    """A CSV: its one sheet, and its rows as text."""
    text = decoded(content)
    yield {"sheet": "CSV", "merged": []}
    head = text[:4_000]
    delimiter = max(",\t;", key=head.count)
    csv.field_size_limit(100_000)
    told = 0
    try:
        for n, row in enumerate(csv.reader(StringIO(text), delimiter=delimiter), start=1):
            cells = trimmed([plain(one) for one in row[:MOST_COLUMNS]])
            if cells:
                told += 1
                if told > MOST_ROWS:
                    raise Refused("rows")
                yield [n, cells]
    except csv.Error:
        raise Refused("broken") from None


def decoded(content: bytes) -> str:
    """The text, in the encodings Excel and WPS write here; raises Refused."""
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return refuse()


def refuse() -> NoReturn:
    raise Refused("broken")


if __name__ == "__main__":
    main()
