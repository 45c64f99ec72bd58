"""Values that carry the words people read for them."""

from enum import StrEnum
from typing import Any, Self


class Labelled(StrEnum):
    """An enumeration whose members are written ``NAME = "value", _l("中文")``."""

    label: Any  # a lazy translation

    def __new__(cls, value: str, label: Any = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member
