"""Every table and every errand in one place, for migrations, the worker and the tests that walk them."""

from importlib import import_module
from importlib.util import find_spec

PACKAGES = ("territory", "accounts", "evidence", "notices", "markets", "selfcheck")
CORE = ("journal", "once", "door", "errands", "workdays")


def load() -> None:
    """Import every module that declares tables, errands or schedules."""
    for name in CORE:
        import_module(f"portal.core.{name}")
    for package in PACKAGES:
        if find_spec(f"portal.{package}.models"):
            import_module(f"portal.{package}.models")
