"""What we remember of the self-check, by subject: rules, plans, checks, records."""

from portal.selfcheck.models.checks import (
    BACKFILL_FOR,
    Answer,
    ExcuseKind,
    Occurrence,
    Outcome,
    PointVisit,
    ReviewKind,
    Sheet,
    Submission,
)
from portal.selfcheck.models.plans import ClosedDay, Closure, HouseItem, NotApplicable, PlanLine
from portal.selfcheck.models.records import ControlRecord, RecordKind
from portal.selfcheck.models.rules import (
    Category,
    Checklist,
    ChecklistItem,
    Evidence,
    Grade,
    ItemFacts,
    ItemKind,
    ListCode,
    Rotation,
    Slot,
)

__all__ = [
    "BACKFILL_FOR",
    "Answer",
    "Category",
    "Checklist",
    "ChecklistItem",
    "ClosedDay",
    "Closure",
    "ControlRecord",
    "Evidence",
    "ExcuseKind",
    "Grade",
    "HouseItem",
    "ItemFacts",
    "ItemKind",
    "ListCode",
    "NotApplicable",
    "Occurrence",
    "Outcome",
    "PlanLine",
    "PointVisit",
    "RecordKind",
    "ReviewKind",
    "Rotation",
    "Sheet",
    "Slot",
    "Submission",
]
