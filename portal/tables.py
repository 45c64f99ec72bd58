"""Every table, errand, schedule and text in one place, for migrations, the worker and the tests that walk them."""

from importlib import import_module
from importlib.util import find_spec

CORE = ("journal", "once", "door", "errands", "workdays", "schedule", "readlog")
PACKAGES = ("territory", "accounts", "evidence", "notices", "markets", "selfcheck", "exchange")
ROOMS = ("models", "notices", "tasks", "schedule")


def load() -> None:
    """Import every module that declares tables, texts, errands or schedules."""
    for name in CORE:
        import_module(f"portal.core.{name}")
    for package in PACKAGES:
        for room in ROOMS:
            if find_spec(f"portal.{package}.{room}"):
                import_module(f"portal.{package}.{room}")
