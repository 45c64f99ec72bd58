"""How long a paper holds when only the day it was issued is known: by its kind, and for extinguishers by their age."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.core import clock
from portal.markets.models import PaperKind


@dataclass(frozen=True)
class Life:
    """Months from the making to the first maintenance, between later ones, and until it is scrapped."""

    first: int
    later: int
    whole: int


LIVES = {
    "extinguisher_powder": Life(60, 24, 120),
    "extinguisher_water": Life(36, 12, 72),
    "extinguisher_co2": Life(60, 24, 144),
}
"""GB 50444-2008, 5.3.2 and 5.4.3, and XF 95; an editable default, by the kind of paper."""


def last_day(kind: PaperKind, issued_on: date, made_on: date | None = None, *, is_later: bool) -> date | None:
    """The last day a paper of this kind holds that was issued on a day; None where the kind names no term.

    ``is_later``: it was not the first of its kind.  An extinguisher is not maintained beyond the day it is scrapped.
    """
    life = LIVES.get(kind.code)
    if life is None:
        return _until(issued_on, kind.validity_months) if kind.validity_months else None
    due = _until(issued_on, life.later if is_later else life.first)
    return due if made_on is None else min(due, _until(made_on, life.whole))


def scrapped_on(kind_code: str, made_on: date | None) -> date | None:
    """The last day before equipment of this age is scrapped; None where its kind or its age says nothing."""
    life = LIVES.get(kind_code)
    return _until(made_on, life.whole) if life and made_on else None


def _until(day: date, months: int) -> date:
    return clock.add_months(day, months) - timedelta(days=1)
