"""The full world, made once for all tests that walk the portal's routes."""

import pickle
from collections.abc import Callable, Iterator
from functools import cache

import pytest
from flask import Flask

from portal.core import clock, db, paper, secrets_box
from portal.core.settings import Settings
from portal.evidence import storage
from portal.web.area import limiter
from tests.conftest import SECRET
from tests.people import Cast
from tests.selfcheck.day import WALKING
from tests.shelves import Shelf
from tests.site import access, access_offices, access_people, full_world
from tests.site.access_world import World
from tests.site.walks import Walk


@pytest.fixture(scope="session")
def made_world(
    prepared: tuple[str, bytes],
    made_app: Flask,
    tmp_path_factory: pytest.TempPathFactory,
    new_shelf: Callable[[str], Shelf],
) -> World:
    """The world of the access table, filled up."""
    shelf = new_shelf(prepared[0])
    settings = Settings(home=tmp_path_factory.mktemp("full"), database_url=shelf.url, secret_key=SECRET)
    cast = Cast(**pickle.loads(prepared[1]))
    with clock.at(WALKING):
        shelf.serve()
        _serve(made_app, settings)
        full_world.load()
        people = access_people.settle(cast)
        made = World(made_app, settings, shelf, people, access_offices.people_of_east(cast))
        access_offices.furnish(made)
        full_world.fill(made)
        made.keep()
    return made


def _serve(app: Flask, settings: Settings) -> None:
    app.config["PORTAL_SETTINGS"] = settings
    secrets_box.use(SECRET)
    storage.use(settings)
    limiter.enabled = False


@pytest.fixture
def full(made_world: World) -> Iterator[World]:
    """The full world as it was made, while the opening check is walked."""
    made_world.put_back()
    _serve(made_world.app, made_world.settings)
    with clock.at(WALKING):
        yield made_world
    db.database().engine.dispose()


DRAWN = cache(paper._draw)


@pytest.fixture(autouse=True)
def each_paper_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is shown the same papers: a text that was drawn gives the same bytes (core/test_paper.py)."""
    monkeypatch.setattr(paper, "_draw", DRAWN)


@pytest.fixture(scope="session", params=access.EVERYBODY)
def walk(request: pytest.FixtureRequest) -> Walk:
    """A role's walk through its pages; the tests that look at it stand together, so that it is made once."""
    return Walk(request.param)
