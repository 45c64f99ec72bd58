"""The numbers printed on licences, permits and identity papers: cleaned, judged and explained.

A verdict never changes what was typed beyond spaces, case and full-width forms.  Where a slip is likely
(a letter O for a zero) the corrected number is offered as a suggestion, to be taken by a person.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, ValidationError

from portal.core import identity

USCC_LENGTH = 18
LOOKALIKES = str.maketrans({"O": "0", "I": "1", "Z": "2", "S": "5"})
"""Letters GB 32100-2015 leaves out of its alphabet, and the figures they are mistaken for."""

RESIDENCE_PERMITS = ("81", "82", "83")
"""Residence permits of people from Hong Kong, Macao and Taiwan; stdnum knows no county for them."""

MOBILE = re.compile(r"1[3-9]\d{9}")
LAND_LINE = re.compile(r"0\d{2,3}-?\d{7,8}")
FOREIGN_RESIDENT = re.compile(r"9\d{16}[\dX]")
FOOD_PERMIT = re.compile(r"JY[123]\d{13}")
FILING = re.compile(r"YB\d{14}")
PRODUCTION_PERMIT = re.compile(r"SC\d{14}")


class Level(StrEnum):
    """How much a verdict weighs: an error is refused, a warning is shown and kept."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Verdict:
    """What is thought of a number: ``number`` as it would be kept, and why not, in words."""

    number: str
    level: Level | None = None
    words: Any = None
    suggestion: str | None = None

    @property
    def ok(self) -> bool:
        """Whether the number may be kept: right, or only doubtful."""
        return self.level is not Level.ERROR

    @property
    def is_doubtful(self) -> bool:
        return self.level is Level.WARNING


def clean(text: str) -> str:
    """Half-width, upper case, without blanks of any kind."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()


def judge_uscc(text: str) -> Verdict:
    """A unified social credit code (GB 32100-2015: 18 signs, the last a check sign modulo 31)."""
    number = clean(text).replace("-", "")
    words = _why_not_uscc(number)
    if words is None:
        return Verdict(number)
    guess = number.translate(LOOKALIKES)
    is_better = guess != number and _why_not_uscc(guess) is None
    return Verdict(number, Level.ERROR, words, guess if is_better else None)


def _why_not_uscc(number: str) -> Any:
    if identity.is_number(number):
        return _l("这是身份证号。还没有统一社会信用代码的，请填在身份证号那一栏。")
    if len(number) == 15 and number.isdecimal():
        return _l("这是旧的 15 位注册号，请填执照上 18 位的统一社会信用代码。")
    if len(number) != USCC_LENGTH or not number.isascii():
        return _l("统一社会信用代码是 18 位数字和大写字母，请照执照填写。")
    try:
        uscc.validate(number)
    except InvalidChecksum:
        return _l("统一社会信用代码最后一位对不上，请逐位核对。")
    except ValidationError:
        return _l("统一社会信用代码里没有字母 I、O、S、V、Z，前 8 位只有数字，请核对。")
    return None


def judge_food_permit(text: str) -> Verdict:
    """A food business permit, JY and 14 digits; a misfit is kept with a warning.

    The first digit is the form of business.  The check digit is not verified: its method is not published.
    """
    return _judge_pattern(
        text, FOOD_PERMIT, Level.WARNING, _l("食品经营许可证编号一般是 JY 加 14 位数字，请对照原件。")
    )


def judge_filing(text: str) -> Verdict:
    """A filing of prepackaged food, YB and 14 digits; a misfit is kept with a warning."""
    return _judge_pattern(
        text, FILING, Level.WARNING, _l("预包装食品备案号一般是 YB 加 14 位数字，请对照原件。")
    )


def judge_production_permit(text: str) -> Verdict:
    """A food production permit, SC and 14 digits; a misfit is refused."""
    return _judge_pattern(text, PRODUCTION_PERMIT, Level.ERROR, _l("食品生产许可证编号是 SC 加 14 位数字。"))


def _judge_pattern(text: str, pattern: re.Pattern[str], level: Level, words: Any) -> Verdict:
    number = clean(text)
    if pattern.fullmatch(number):
        return Verdict(number)
    guess = number[:2] + number[2:].translate(LOOKALIKES)
    is_better = guess != number and pattern.fullmatch(guess) is not None
    return Verdict(number, level, words, guess if is_better else None)


def judge_identity(text: str, today: date) -> Verdict:
    """An identity number (GB 11643), a residence permit 81/82/83, or a foreign permanent resident card."""
    number = clean(text)
    if len(number) != 18 or not number.isascii() or not re.fullmatch(r"\d{17}[\dX]", number):
        return Verdict(number, Level.ERROR, _l("身份证号是 18 位，最后一位可以是 X。"))
    if ric.calc_check_digit(number) != number[-1]:
        return Verdict(number, Level.ERROR, _l("身份证号最后一位对不上，请逐位核对。"))
    if not _was_born(number, today):
        return Verdict(number, Level.ERROR, _l("身份证号里的出生日期不存在，请核对。"))
    if number.startswith(RESIDENCE_PERMITS) or FOREIGN_RESIDENT.fullmatch(number):
        return Verdict(number)
    if not _is_known_place(number):
        return Verdict(number, Level.WARNING, _l("身份证号前 6 位的地区没有查到，请对照原件。"))
    return Verdict(number)


def _was_born(number: str, today: date) -> bool:
    try:
        born = datetime.strptime(number[6:14], "%Y%m%d").date()
    except ValueError:
        return False
    return date(1900, 1, 1) <= born <= today


def _is_known_place(number: str) -> bool:
    """Whether the first six digits were a county; stdnum raises a bare KeyError for some unknown ones."""
    try:
        ric.get_birth_place(number)
    except (KeyError, InvalidComponent):
        return False
    return True


def judge_phone(text: str) -> Verdict:
    """A mobile number, or a land line with its area code; ``+86`` is dropped."""
    number = re.sub(r"[()—–－-]", "-", clean(text)).strip("-")
    number = re.sub(r"^(\+|00)86-?", "", number)
    if MOBILE.fullmatch(mobile := number.replace("-", "")):
        return Verdict(mobile)
    if LAND_LINE.fullmatch(number):
        return Verdict(number)
    return Verdict(number, Level.ERROR, _l("请填 11 位手机号，或带区号的固定电话，如 0769-22001234。"))


def masked_phone(number: str) -> str:
    """The number with its middle hidden, as it stands on lists (138****1234)."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 8 else number


def masked_name(name: str) -> str:
    """A person's name as strangers may read it: 张*三, 张*."""
    return f"{name[:1]}*{name[-1:] if len(name) > 2 else ''}"


JUDGES = {
    "business_licence": judge_uscc,
    "food_permit": judge_food_permit,
    "prepackaged_filing": judge_filing,
}
"""The kinds of paper whose number has a known form; any other number is kept as it reads."""


def judge_paper(kind_code: str, text: str) -> Verdict:
    """The number on a paper of this kind; a licence from before 2015 (15 digits) is kept with a warning."""
    number = clean(text)
    if identity.stands_in(number):
        return Verdict(number, Level.ERROR, _l("证号不要填身份证号；证上没有别的编号就留空。"))
    judge = JUDGES.get(kind_code)
    if judge is None:
        return Verdict(number)
    if kind_code == "business_licence" and len(number) == 15 and number.isdecimal():
        return Verdict(number, Level.WARNING, _l("这是旧的 15 位注册号，换发新照后请更新。"))
    return judge(number)
