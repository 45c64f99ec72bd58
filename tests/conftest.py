"""What every test stands on: a fresh copy of a database with the cast in it, an application, and visitors."""

import contextvars
import gc
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event

from portal import tables
from portal.app import create_app
from portal.core import db, schema, secrets_box
from portal.core.settings import Settings
from portal.evidence import storage
from portal.web.area import limiter
from tests import people
from tests.people import Cast
from tests.shelves import Shelf

SECRET = b"a secret of the tests, long enough to be one"
TEMPLATES = Path(__file__).parents[1] / ".pytest_cache" / "templates"
TEMPLATES.mkdir(parents=True, exist_ok=True)
COMPILED = FileSystemBytecodeCache(str(TEMPLATES))
"""Templates, compiled once for all processes of a run and for the next run."""
gc.set_threshold(20_000, 20, 100)  # a tenth of the time went into looking for rubbish


SAYS_NOTHING_OF_A_DATABASE = (
    "cli/test_processes.py",
    "cli/test_serve.py",
    "core/test_paper.py",
    "evidence/test_staging.py",
    "exchange/test_reading.py",
    "markets/test_arriving.py",
    "markets/test_numbers.py",
    "markets/test_setup.py",
    "selfcheck/test_papers.py",
    "site/test_bad_input.py",
    "site/test_every_page.py",
    "site/test_every_template.py",
    "site/test_language.py",
    "tools/test_draw.py",
    "tools/test_house.py",
)

PAGES = (
    "accounts/test_door.py",
    "accounts/test_own_pages.py",
    "accounts/test_passwords.py",
    "accounts/test_people_pages.py",
    "bench/test_bench.py",
    "core/test_small_things.py",
    "core/test_time.py",
    "demo/test_story.py",
    "evidence/test_routes.py",
    "frontdoor/test_verify.py",
    "markets/test_file_pages.py",
    "markets/test_pages.py",
    "markets/test_paper_photos.py",
    "notices/test_routes.py",
    "selfcheck/test_check_pages.py",
    "selfcheck/test_lists_pages.py",
    "selfcheck/test_photos_shown.py",
    "selfcheck/test_plans_pages.py",
    "selfcheck/test_records_pages.py",
    "selfcheck/test_today.py",
    "site/test_bad_moments.py",
    "territory/test_routes.py",
    "web/test_gate.py",
)
"""Told once too: what they ask of a database, operations, the table of access and the bounds ask of both."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is the same on every database, so that the second one need not be told it again."""
    here = Path(__file__).parent
    for item in items:
        if item.path.relative_to(here).as_posix() in {*SAYS_NOTHING_OF_A_DATABASE, *PAGES}:
            item.add_marker("once")


@pytest.fixture(scope="session")
def prepared(new_database: Callable[[], str]) -> Iterator[tuple[str, bytes]]:
    """A database with every table and the cast, made once; tests get it as it was."""
    tables.load()
    secrets_box.use(SECRET)
    url = new_database()
    database = db.use(url, strict=True)
    schema.create(database.engine)
    cast = people.gather()
    database.engine.dispose()
    yield url, pickle.dumps(cast.__dict__)


@pytest.fixture(scope="session")
def shelf(prepared: tuple[str, bytes], new_shelf: Callable[[str], Shelf]) -> Shelf:
    """The database of the tests, a copy of the prepared one."""
    return new_shelf(prepared[0])


@pytest.fixture
def settings(shelf: Shelf, tmp_path: Path) -> Settings:
    """Settings of an installation of its own, its database as it was prepared."""
    shelf.put_back()
    return Settings(home=tmp_path, database_url=shelf.url, secret_key=SECRET)


@pytest.fixture
def database(shelf: Shelf, settings: Settings) -> db.Database:
    """The database in use during a test."""
    return shelf.serve()


@pytest.fixture
def cast(prepared: tuple[str, bytes], database: db.Database) -> Cast:
    """Everybody."""
    return Cast(**pickle.loads(prepared[1]))


def put_together(settings: Settings) -> Flask:
    """A portal for tests."""
    made = create_app(settings, strict=True)
    made.config.update(TESTING=True)
    made.jinja_env.bytecode_cache = COMPILED
    return made


@pytest.fixture(scope="session")
def made_app(prepared: tuple[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The portal, put together once a process: its templates stay compiled."""
    home = tmp_path_factory.mktemp("made")
    made = put_together(Settings(home=home, database_url=prepared[0], secret_key=SECRET))
    db.database().engine.dispose()
    gc.freeze()
    return made


@pytest.fixture
def app(made_app: Flask, cast: Cast, settings: Settings) -> Flask:
    """The portal on the test's database."""
    made_app.config["PORTAL_SETTINGS"] = settings
    storage.use(settings)
    limiter.enabled = False
    return made_app


@pytest.fixture
def fresh_app(cast: Cast, settings: Settings) -> Iterator[Flask]:
    """A portal of the test's own, for tests that add pages or change its settings."""
    made = put_together(settings)
    limiter.enabled = False
    yield made
    db.database().engine.dispose()


@pytest.fixture
def in_fresh_context() -> Callable[..., Any]:
    """Runs a call in a context of its own, as a server does with a request."""
    return lambda call, *args, **kwargs: contextvars.Context().run(call, *args, **kwargs)


class Count:
    """How many statements went to the database."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def __len__(self) -> int:
        return len(self.statements)


@pytest.fixture
def statements(database: db.Database) -> Iterator[Count]:
    """Counts the statements of the test, transaction words left out."""
    count = Count()

    def heard(_c: object, _k: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "SELECT set_config")):
            count.statements.append(statement)

    event.listen(sa.Engine, "before_cursor_execute", heard)
    yield count
    event.remove(sa.Engine, "before_cursor_execute", heard)
