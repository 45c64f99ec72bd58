"""Looking up the official checklists: what holds on a day, what is being drafted, how two versions differ."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import selectinload

from portal.core import db
from portal.core.actor import Actor, Role
from portal.core.errors import NotThere
from portal.selfcheck.models import Category, Checklist, ChecklistItem, ListCode
from portal.selfcheck.workflow import ListState

MOST_VERSIONS = 100
MOST_ITEMS = 200

# What a difference is told of, in the order of the form.
FIELDS = {
    "title": _l("事项"),
    "title_en": _l("英文"),
    "place": _l("在哪里看"),
    "slots": _l("什么时候查"),
    "rotation": _l("查多大范围"),
    "event": _l("遇到什么事"),
    "kind": _l("怎么答"),
    "unit": _l("计量单位"),
    "low": _l("下限"),
    "high": _l("上限"),
    "is_low_inclusive": _l("下限本身算合格"),
    "is_high_inclusive": _l("上限本身算合格"),
    "choices": _l("选项"),
    "target_note": _l("数值说明"),
    "evidence_pass": _l("正常时要什么凭据"),
    "evidence_fail": _l("有问题时要什么凭据"),
    "phrases": _l("常用说法"),
    "category": _l("隐患类别"),
    "grade": _l("建议等级"),
    "may_be_major": _l("可能是重大"),
    "hazard_code": _l("隐患编号"),
    "function_code": _l("主管职能"),
    "criterion": _l("怎样算合格"),
    "criterion_en": _l("英文标准"),
    "method": _l("怎么查"),
    "basis": _l("依据"),
    "provenance": _l("来源"),
}


class Rulebook:
    """The published versions that matter in a span of days, and which of them holds on each."""

    def __init__(self, versions: Iterable[Any]) -> None:
        self._versions = sorted(versions, key=lambda one: (one.effective_on, one.version_no))

    def on(self, day: date) -> dict[ListCode, Any]:
        """The version of each list in force on a day."""
        return {one.code: one for one in self._versions if one.effective_on <= day}


def rulebook(first: date, last: date) -> Rulebook:
    """The lists, with their items, that hold on any day from ``first`` to ``last``."""
    published = sa.select(Checklist.id, Checklist.code, Checklist.version_no, Checklist.effective_on).where(
        Checklist.state == ListState.PUBLISHED, Checklist.effective_on <= last
    )
    known = db.session.execute(published).all()
    at_first = {one.id for one in Rulebook(known).on(first).values()}
    wanted = [one.id for one in known if one.id in at_first or one.effective_on > first]
    with_items = sa.select(Checklist).where(Checklist.id.in_(wanted)).options(selectinload(Checklist.items))
    return Rulebook(db.session.scalars(with_items))


def in_force(day: date) -> dict[ListCode, Checklist]:
    """The lists, with their items, that hold on a day."""
    return rulebook(day, day).on(day)


def _is_visible(actor: Actor) -> sa.ColumnElement[bool]:
    """What is published everybody reads; a draft its issuer does, and the city, which publishes it."""
    if actor.role is Role.CITY_OFFICER:
        return sa.true()
    return sa.or_(Checklist.state == ListState.PUBLISHED, Checklist.issuer_id == actor.organisation_id)


@dataclass(frozen=True)
class Version:
    """One line of the list of versions."""

    checklist: Checklist
    item_count: int
    is_in_force: bool


def versions(actor: Actor, today: date) -> dict[ListCode, list[Version]]:
    """The versions an actor may read, list by list, the newest first."""
    query = sa.select(Checklist).where(_is_visible(actor))
    query = query.order_by(Checklist.version_no.desc()).limit(MOST_VERSIONS)
    found = list(db.session.scalars(query))
    counts = _item_counts(found)
    published = [one for one in found if one.state is ListState.PUBLISHED]
    holding = {one.id for one in Rulebook(published).on(today).values()}
    lines: dict[ListCode, list[Version]] = {code: [] for code in ListCode}
    for one in found:
        lines[one.code].append(Version(one, counts.get(one.id, 0), one.id in holding))
    return lines


def _item_counts(checklists: Sequence[Checklist]) -> dict[int, int]:
    query = (
        sa.select(ChecklistItem.checklist_id, sa.func.count(ChecklistItem.id))
        .where(ChecklistItem.checklist_id.in_([one.id for one in checklists]))
        .group_by(ChecklistItem.checklist_id)
    )
    return {checklist_id: count for checklist_id, count in db.session.execute(query).all()}


def get_checklist(actor: Actor, checklist_id: int) -> Checklist:
    """One version with its items; raises NotThere for a draft that is somebody else's."""
    query = sa.select(Checklist).where(Checklist.id == checklist_id, _is_visible(actor))
    found = db.session.scalars(query.options(selectinload(Checklist.items))).first()
    if found is None:
        raise NotThere
    return found


def get_item(checklist: Checklist, item_id: int) -> ChecklistItem:
    """An item of this version, whose items are loaded; raises NotThere."""
    for item in checklist.items:
        if item.id == item_id:
            return item
    raise NotThere


def latest(code: ListCode) -> Checklist:
    """The newest published version of a list with its items, in force or about to be; raises NotThere."""
    query = (
        sa.select(Checklist)
        .where(Checklist.code == code, Checklist.state == ListState.PUBLISHED)
        .order_by(Checklist.effective_on.desc(), Checklist.version_no.desc())
        .limit(1)
    )
    found = db.session.scalars(query.options(selectinload(Checklist.items))).first()
    if found is None:
        raise NotThere
    return found


def find_before(checklist: Checklist) -> Checklist | None:
    """What a version is compared with: the published version before it, with its items."""
    query = (
        sa.select(Checklist)
        .where(
            Checklist.code == checklist.code,
            Checklist.state == ListState.PUBLISHED,
            Checklist.version_no < checklist.version_no,
        )
        .order_by(Checklist.version_no.desc())
        .limit(1)
    )
    return db.session.scalars(query.options(selectinload(Checklist.items))).first()


def find_draft(code: ListCode) -> Checklist | None:
    """The draft of a list that is being worked on, whosoever it is."""
    query = sa.select(Checklist).where(Checklist.code == code, Checklist.state == ListState.DRAFT)
    return db.session.scalars(query.limit(1)).first()


def last_version_no(code: ListCode) -> int:
    """The highest number a version of this list ever had."""
    query = sa.select(sa.func.max(Checklist.version_no)).where(Checklist.code == code)
    return db.session.scalar(query) or 0


def codes_ever_used(code: ListCode) -> set[str]:
    """Every item code a version of this list ever had; a code is never given twice."""
    query = (
        sa.select(ChecklistItem.code).join(ChecklistItem.checklist).where(Checklist.code == code).distinct()
    )
    return set(db.session.scalars(query))


def categories() -> Sequence[Category]:
    """The hazard categories, in the order of their codes."""
    return list(db.session.scalars(sa.select(Category).order_by(Category.code)))


@dataclass(frozen=True)
class Change:
    """One item that both versions have, and the fields in which they differ: label, before, after."""

    item: ChecklistItem
    fields: tuple[tuple[Any, Any, Any], ...]


@dataclass(frozen=True)
class Difference:
    """What a version adds to, drops from and changes in the one before it."""

    added: tuple[ChecklistItem, ...]
    dropped: tuple[ChecklistItem, ...]
    changed: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.dropped or self.changed)


def difference(old: Checklist | None, new: Checklist) -> Difference:
    """How ``new`` differs from ``old`` (everything is added where there is no old one); both have their items."""
    before = {item.code: item for item in old.items} if old else {}
    after = {item.code: item for item in new.items}
    pairs = [(before[code], item) for code, item in after.items() if code in before]
    changes = (Change(item, _fields(was, item)) for was, item in pairs)
    return Difference(
        added=tuple(item for code, item in after.items() if code not in before),
        dropped=tuple(item for code, item in before.items() if code not in after),
        changed=tuple(change for change in changes if change.fields),
    )


def _fields(was: ChecklistItem, item: ChecklistItem) -> tuple[tuple[Any, Any, Any], ...]:
    return tuple(
        (label, getattr(was, name), getattr(item, name))
        for name, label in FIELDS.items()
        if getattr(was, name) != getattr(item, name)
    )
