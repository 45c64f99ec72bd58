"""Figures: what one measurement found, as a row for scripts and as a line for people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

HEADINGS = (
    "",
    "database",
    "clients",
    "a second",
    "of floor",
    "CPU ms",
    "queries",
    "p50 ms",
    "p95 ms",
    "errors",
)
FORM = "{:<18}{:<10}{:>8}{:>10}{:>10}{:>8}{:>9}{:>9}{:>9}{:>8}"
HALF = 0.5
"""The share of the second floor's rate to be reached."""
CPU_MS = 6.0
"""The most a submission may take of the processor, in milliseconds."""


@dataclass(frozen=True)
class Figure:
    """One cell: a rate in ``unit``, beside the rate of the bare inserts (None for a floor itself).

    ``cpu_ms`` is user and system time of the server a request; latencies are those of acknowledged requests.
    ``stored`` is how many submissions the database holds of those that were ``acknowledged``.
    """

    name: str
    database: str
    clients: int
    value: float
    unit: str
    floor: float | None
    cpu_ms: float | None
    queries: int | None
    p50_ms: float
    p95_ms: float
    errors: int
    acknowledged: int
    stored: int | None

    @property
    def share(self) -> float | None:
        """The part of the floor's rate that is reached."""
        return self.value / self.floor if self.floor else None

    def plain(self) -> dict[str, Any]:
        """The row as JSON has it."""
        return asdict(self)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that ``percent`` of them do not exceed, by the nearest rank; 0.0 of none."""
    if not values:
        return 0.0
    rank = -(-len(values) * percent // 100)
    return sorted(values)[max(rank, 1) - 1]


def table(figures: Iterable[Figure]) -> Iterator[str]:
    """The figures line by line, under their headings."""
    yield FORM.format(*HEADINGS)
    for one in figures:
        yield FORM.format(
            one.name,
            one.database,
            one.clients,
            f"{one.value:.1f}",
            _given(one.share, "{:.0%}"),
            _given(one.cpu_ms, "{:.2f}"),
            _given(one.queries, "{}"),
            f"{one.p50_ms:.1f}",
            f"{one.p95_ms:.1f}",
            one.errors,
        )


def aims(figures: Iterable[Figure]) -> Iterator[str]:
    """What was to be reached and what was, a line for each cell that stands above a floor."""
    for one in figures:
        if one.share is None:
            continue
        missed = [words for words, is_met in _aims(one, one.share) if not is_met]
        verdict = "missed: " + ", ".join(missed) if missed else "met"
        yield f"{one.name} on {one.database} at {one.clients}: {verdict}"


def _aims(one: Figure, share: float) -> Iterator[tuple[str, bool]]:
    yield f"{share:.0%} of the floor, not {HALF:.0%}", share >= HALF
    yield (
        f"{_given(one.cpu_ms, '{:.1f}')} ms of CPU, not {CPU_MS:.0f}",
        one.cpu_ms is None or one.cpu_ms <= CPU_MS,
    )
    yield f"{one.errors} errors", one.errors == 0


def _given(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)
