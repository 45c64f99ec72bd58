"""What the tests of exchange stand on: the reference data, and somebody who brings workbooks in."""

import csv
from functools import partial
from pathlib import Path

import pytest
from flask import Flask

from portal.core import db
from portal.core.actor import SYSTEM
from portal.core.reach import Reach, Sight
from portal.exchange.models import ImportKind
from portal.markets import operations
from tests.exchange.bringing import Bring, bring_in
from tests.people import Cast

DATA = Path(__file__).parents[2] / "portal" / "data"


@pytest.fixture
def reference(cast: Cast) -> None:
    """The kinds of paper and the trades are loaded."""
    who = SYSTEM(Reach(Sight.CITY))
    with db.acting(who):
        operations.load_papers(_lines("papers"), who)
        operations.load_trades(_lines("trades"), who)


@pytest.fixture
def bring(app: Flask, cast: Cast, reference: None) -> Bring:
    """Brings a workbook in and lets the worker judge it."""
    return partial(bring_in, cast, kind=ImportKind.STALLS)


def _lines(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
