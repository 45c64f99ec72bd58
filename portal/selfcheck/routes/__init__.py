"""The self-check's pages, by subject."""

from portal.selfcheck.routes import (
    answers,
    checks,
    closures,
    exceptions,
    lists,
    plans,
    records,
    reviews,
    today,
    visits,
)
from portal.selfcheck.routes.area import area

__all__ = [
    "answers",
    "area",
    "checks",
    "closures",
    "exceptions",
    "lists",
    "plans",
    "records",
    "reviews",
    "today",
    "visits",
]
