"""What can be done with the official checklists: loaded, drafted, changed item by item, published, withdrawn.

A published version never changes.  Whoever drafted it does not publish it; the city does, as the level above.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.core import clock, db, errands, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake, TooLate
from portal.core.policy import demand
from portal.selfcheck.models import (
    Category,
    Checklist,
    ChecklistItem,
    Grade,
    ItemKind,
    ListCode,
    Rotation,
)
from portal.selfcheck.operations.items import checked, copied
from portal.selfcheck.policy import May
from portal.selfcheck.queries import lists
from portal.selfcheck.workflow import CHECKLIST, ListState

Row = Mapping[str, str]

TEXTS = {
    "code": "code",
    "title": "zh",
    "title_en": "en",
    "place": "place_hint_zh",
    "event": "event_zh",
    "category": "category",
    "hazard_code": "hazard_code",
    "function_code": "function",
    "target_note": "target_note",
    "evidence_pass": "evidence_pass",
    "evidence_fail": "evidence_fail",
    "criterion": "criterion_zh",
    "criterion_en": "criterion_en",
    "method": "method_zh",
    "basis": "basis",
    "provenance": "provenance",
}
"""The facts of an item that are carried over as they stand, and the columns they stand in."""


def load_categories(rows: Iterable[Row], actor: Actor) -> int:
    """Take in the hazard categories from ``code,zh,en,default_function`` rows; say how many.

    Loading again changes what changed.
    """
    demand(actor, May.LOAD_LISTS)
    count = 0
    for row in rows:
        names = {"name": row["zh"], "name_en": row["en"], "function_code": row["default_function"]}
        db.session.merge(Category(code=row["code"], **names))
        count += 1
    return count


def load_lists(
    rows: Iterable[Row], issuer_id: int, actor: Actor, effective_on: date | None = None
) -> list[Checklist]:
    """Enter the official lists as published first versions, in force from ``effective_on`` (today).

    ``rows`` are those of data/selfcheck_items.csv, sorted by list.  A list that is there already is left alone: it
    changes by a draft that is published.  Raises NotAllowed.
    """
    demand(actor, May.LOAD_LISTS)
    loaded = []
    for code, lines in groupby(rows, key=lambda row: row["list"]):
        items = [_item(number, row) for number, row in enumerate(lines, start=1)]
        if lists.last_version_no(ListCode(code)):
            continue
        checklist = _begun(ListCode(code), 1, issuer_id, actor, items)
        _settle("load", checklist, actor, effective_on or clock.today())
        loaded.append(checklist)
    return loaded


def _begun(
    code: ListCode, version_no: int, issuer_id: int, actor: Actor, items: list[ChecklistItem]
) -> Checklist:
    return Checklist(
        code=code,
        version_no=version_no,
        issuer_id=issuer_id,
        state=ListState.DRAFT,
        drafter_ids=[actor.person_id],
        items=items,
    )


def _settle(verb: str, checklist: Checklist, actor: Actor, effective_on: date) -> None:
    CHECKLIST.perform(
        verb,
        checklist,
        actor,
        effective_on=effective_on,
        published_by_id=actor.person_id,
        published_at=clock.now(),
    )


def _item(position: int, row: Row) -> ChecklistItem:
    return ChecklistItem(
        position=position,
        slots=_words(row["slot"]),
        rotation=Rotation(row["rotation"]),
        kind=ItemKind(row["kind"]),
        choices=_words(row["choices_zh"]),
        phrases=_words(row["phrases_zh"]),
        grade=Grade(row["grade"]),
        may_be_major=row["may_be_major"] == "1",
        **{name: row[column] for name, column in TEXTS.items()},
        **_range(row),
    )


def _range(row: Row) -> dict[str, Any]:
    """The range that passes; a limit itself passes unless the row says it does not."""
    return {
        "unit": row["unit"],
        "low": Decimal(row["min"]) if row["min"] else None,
        "high": Decimal(row["max"]) if row["max"] else None,
        "is_low_inclusive": row["min_inclusive"] != "0",
        "is_high_inclusive": row["max_inclusive"] != "0",
    }


def _words(cell: str) -> list[str]:
    return [word for word in cell.split("|") if word]


def draft_version(code: ListCode, actor: Actor, note: str = "") -> Checklist:
    """Begin the next version of a list as a copy of the newest published one.

    Raises NotAllowed, NotThere (no such list yet), TooLate (a draft of it is being worked on).
    """
    demand(actor, May.DRAFT_LIST)
    before = lists.latest(code)
    if lists.find_draft(code) is not None:
        raise TooLate(_l("这份清单已有一个草稿在改，先发布或撤回它。"))
    items = [ChecklistItem(**copied(item)) for item in before.items]
    draft = _begun(code, lists.last_version_no(code) + 1, actor.organisation_id, actor, items)
    draft.note = note
    journal.write(draft, actor, "draft", note, based_on=before.version_no)
    return draft


def change_item(checklist: Checklist, item: ChecklistItem, facts: Mapping[str, Any], actor: Actor) -> None:
    """Write down an item of a draft as it shall be; its code stays.  Raises NotAllowed, TooLate, Mistake(field)."""
    _need_draft(checklist, actor)
    written = checked(facts)
    changed = [name for name, value in written.items() if getattr(item, name) != value]
    for name in changed:
        setattr(item, name, written[name])
    if changed:
        _touch(checklist, actor, "change_item", code=item.code, fields=changed)


def add_item(checklist: Checklist, facts: Mapping[str, Any], actor: Actor) -> ChecklistItem:
    """Add an item to a draft under the next code of its list.  Raises NotAllowed, TooLate, Mistake(field)."""
    _need_draft(checklist, actor)
    if len(checklist.items) >= lists.MOST_ITEMS:
        raise Mistake("title", _l("这份清单的事项已经太多，先去掉一项再加。"))
    written = checked(facts)
    position = max((item.position for item in checklist.items), default=0) + 1
    item = ChecklistItem(**written, code=_next_code(checklist.code), position=position)
    checklist.items.append(item)
    _touch(checklist, actor, "add_item", code=item.code)
    return item


def _next_code(code: ListCode) -> str:
    """The list's letters and the number after the highest one ever used."""
    used = [one.partition("-")[2].rstrip("M") for one in lists.codes_ever_used(code)]
    return f"{code.prefix}-{max((int(number) for number in used if number.isdecimal()), default=0) + 1:02d}"


def drop_item(checklist: Checklist, item: ChecklistItem, actor: Actor) -> None:
    """Leave an item out of a draft; its code is never given to another.  Raises NotAllowed, TooLate."""
    _need_draft(checklist, actor)
    checklist.items.remove(item)
    _touch(checklist, actor, "drop_item", code=item.code)


def publish(checklist: Checklist, effective_on: date | None, actor: Actor) -> None:
    """Let a draft be in force from a day to come; the checks made ahead for that day and later follow it.

    Raises NotAllowed (also for whoever drafted it), TooLate, Mistake("effective_on").
    """
    demand(actor, May.PUBLISH_LIST, checklist)
    if checklist.state is not ListState.DRAFT:
        raise TooLate
    before = lists.find_before(checklist)
    if effective_on is None or effective_on <= clock.today():
        raise Mistake("effective_on", _l("生效日期要在今天以后，让市场来得及看。"))
    if before and before.effective_on and effective_on < before.effective_on:
        raise Mistake("effective_on", _l("不能早于上一版的生效日期。"))
    if not checklist.items or lists.difference(before, checklist).is_empty:
        raise Mistake("effective_on", _l("这个草稿和上一版一样，没有可发布的。"))
    _settle("publish", checklist, actor, effective_on)
    errands.later(
        "selfcheck.refresh_every", f"list-{checklist.id}", reach=errands.CITY, cause=f"list-{checklist.id}"
    )


def withdraw(checklist: Checklist, actor: Actor) -> None:
    """Give a draft up.  Raises NotAllowed, TooLate."""
    CHECKLIST.perform("withdraw", checklist, actor)


def _need_draft(checklist: Checklist, actor: Actor) -> None:
    demand(actor, May.DRAFT_LIST, checklist)
    if checklist.state is not ListState.DRAFT:
        raise TooLate(_l("已发布的版本不能改，请另起草一版。"))


def _touch(checklist: Checklist, actor: Actor, verb: str, **data: Any) -> None:
    """Note whose hands were on a draft: nobody who changed it publishes it."""
    if actor.person_id not in checklist.drafter_ids:
        checklist.drafter_ids = [*checklist.drafter_ids, actor.person_id]
    journal.write(checklist, actor, verb, **data)
