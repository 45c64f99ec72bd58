"""Rotation: which zone is walked on which day, so that every month covers the whole market.

The zone that has waited longest comes first.  Where there are more zones than days, a day takes several: as many as
are still to be seen this month, spread over the days that are left of it.
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from datetime import date


class Rota:
    """The zones of one group, and when each was last walked."""

    def __init__(self, zone_ids: Sequence[int], walked: Mapping[int, date], since: date) -> None:
        """``zone_ids`` stand in walking order; ``walked`` says when each was last walked.

        ``since`` is the day checks of this kind began: a month that is not whole takes its share, no more.
        """
        self._zone_ids = list(zone_ids)
        self._walked = {zone: day for zone, day in walked.items() if zone in set(zone_ids)}
        self._since = since

    def walk(self, day: date, days_of_month: Sequence[date]) -> list[int]:
        """The zones of a day, in walking order; ``days_of_month`` are the due days of its whole month."""
        first = day.replace(day=1)
        if self._since > first:
            share = _ceil(len(self._zone_ids), self._whole_month(days_of_month, first))
        else:
            waiting = sum(self._walked.get(zone, date.min) < first for zone in self._zone_ids)
            share = _ceil(waiting, max(1, sum(one >= day for one in days_of_month)))
        oldest = sorted(self._zone_ids, key=lambda zone: self._walked.get(zone, date.min))
        chosen = set(oldest[: max(1, share)])
        self.note(chosen, day)
        return [zone for zone in self._zone_ids if zone in chosen]

    def _whole_month(self, days_of_month: Sequence[date], first: date) -> int:
        """How many due days the month would have had, judged by the part of it since the beginning."""
        length = monthrange(first.year, first.month)[1]
        return max(1, len(days_of_month) * length // (length - self._since.day + 1))

    def note(self, zone_ids: set[int] | Sequence[int], day: date) -> None:
        """These zones are walked on this day, by an earlier decision."""
        self._walked.update({zone: day for zone in zone_ids})


def _ceil(number: int, parts: int) -> int:
    return -(-number // parts)
