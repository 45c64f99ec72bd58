"""Identity numbers, told apart from other figures: none is written down but in the one field that seals it.

The form is GB 11643's: six digits of a place, a day of birth, three more, and a check sign.  Residence permits and the
cards of foreign residents have the same form.
"""

import re
import unicodedata
from datetime import date

LENGTH = 18
LIKELY = re.compile(r"(?<!\d)(?:\d[\s-]?){17}[\dXx](?!\d)")
IN_BYTES = re.compile(rb"(?<!\d)\d{17}[\dXx](?!\d)")
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_SIGNS = "10X98765432"
YEARS = range(1900, 2100)


def is_number(text: str) -> bool:
    """Whether eighteen plain signs are an identity number: the check sign holds and the day of birth existed."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", text):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, text, strict=False))
    return text[-1] == CHECK_SIGNS[total % 11] and _was_a_day(text[6:14])


def _was_a_day(digits: str) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year in YEARS
    except ValueError:
        return False


def stands_in(text: str) -> bool:
    """Whether an identity number stands somewhere in a text, full-width or with blanks in it as well."""
    return any(map(_is_one, LIKELY.findall(unicodedata.normalize("NFKC", text))))


def stands_in_bytes(content: bytes) -> bool:
    """Whether an identity number stands in a file as plain text."""
    return any(is_number(found.decode().upper()) for found in IN_BYTES.findall(content))


def masked(text: str) -> str:
    """The text with all but the last four signs of every identity number hidden."""
    if not stands_in(text):
        return text
    return LIKELY.sub(_hidden, unicodedata.normalize("NFKC", text))


def _hidden(found: re.Match[str]) -> str:
    plain = _plain(found[0])
    return "*" * (LENGTH - 4) + plain[-4:] if is_number(plain) else found[0]


def _is_one(found: str) -> bool:
    return is_number(_plain(found))


def _plain(text: str) -> str:
    return re.sub(r"[\s-]", "", text).upper()
