"""`portal bench`: what it prints, and that nothing acknowledged under load is lost or doubled."""

import json

import pytest
from click.testing import CliRunner

from portal.bench import exports
from portal.bench.cli import bench
from portal.bench.figures import Figure, aims, percentile, table

KEYS = {
    "name",
    "database",
    "clients",
    "value",
    "unit",
    "floor",
    "cpu_ms",
    "queries",
    "p50_ms",
    "p95_ms",
    "errors",
    "acknowledged",
    "stored",
}


def figure(**facts: object) -> Figure:
    plain = {
        "name": "selfcheck", "database": "sqlite", "clients": 8, "value": 60.0, "unit": "submissions/s",
        "floor": 100.0, "cpu_ms": 5.0, "queries": 30, "p50_ms": 9.0, "p95_ms": 20.0, "errors": 0,
        "acknowledged": 90, "stored": 90,
    }  # fmt: skip
    return Figure(**plain | facts)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_what_is_acknowledged_under_load_is_stored_once(database: str) -> None:
    options = ["selfcheck", "--json", "--database", database, "--seconds", "0.3", "--clients", "1"]
    done = CliRunner().invoke(bench, options)
    assert done.exit_code == 0, done.output
    rows = {row["name"]: row for row in json.loads(done.stdout)}
    assert set(rows) == {"empty page", "bare inserts", "selfcheck"}
    assert all(set(row) == KEYS and row["database"] == database for row in rows.values())
    for name in ("bare inserts", "selfcheck"):
        assert rows[name]["acknowledged"] == rows[name]["stored"] > 0
        assert rows[name]["errors"] == 0
    assert rows["selfcheck"]["floor"] == rows["bare inserts"]["value"] > 0
    assert rows["bare inserts"]["floor"] is rows["empty page"]["floor"] is None
    assert rows["selfcheck"]["queries"] > 0


@pytest.mark.slow
def test_a_list_that_goes_out_is_measured_in_a_process_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "MADE", ("xlsx",))
    done = CliRunner().invoke(bench, ["export", "--database", "sqlite", "--rows", "2000"])
    assert done.exit_code == 0, done.output
    _, row, _, aim = done.stdout.splitlines()
    assert row.split()[:3] == ["xlsx", "sqlite", "2,000"]
    assert aim.startswith("xlsx on sqlite: +") and aim.endswith("MB of memory, at most 64: met")


def test_clients_are_numbers_with_commas_between() -> None:
    done = CliRunner().invoke(bench, ["selfcheck", "--clients", "1,many"])
    assert done.exit_code == 2
    assert "1,8,32" in done.output


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, 0.0),
        ([7.0], 95, 7.0),
        ([3.0, 1.0, 2.0], 50, 2.0),
        ([float(n) for n in range(1, 101)], 95, 95.0),
    ],
)
def test_a_percentile_is_a_value_that_was_measured(
    values: list[float], percent: int, expected: float
) -> None:
    assert percentile(values, percent) == expected


def test_the_table_says_how_near_the_floor_a_figure_comes() -> None:
    _, line = table([figure()])
    assert line.split() == ["selfcheck", "sqlite", "8", "60.0", "60%", "5.00", "30", "9.0", "20.0", "0"]


def test_a_machine_that_does_not_tell_its_cpu_time_leaves_a_gap() -> None:
    _, line = table([figure(cpu_ms=None)])
    assert line.split()[5] == "-"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "met"),
        ({"value": 49.0}, "49% of the floor"),
        ({"cpu_ms": 6.1}, "6.1 ms of CPU"),
        ({"errors": 1}, "1 errors"),
    ],
)
def test_each_aim_is_told_by_itself(facts: dict[str, object], words: str) -> None:
    (line,) = aims([figure(**facts)])
    assert words in line


def test_a_floor_has_no_aim() -> None:
    assert list(aims([figure(floor=None)])) == []
