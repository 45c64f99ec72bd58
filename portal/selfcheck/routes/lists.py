"""Pages of the official checklists: the versions, one of them, a draft item by item, the difference, publishing."""

from collections.abc import Iterable
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from portal.core import clock, journal
from portal.core.actor import Role
from portal.core.errors import NotThere
from portal.core.policy import demand, may
from portal.markets.forms.fields import one_of
from portal.selfcheck.forms.lists import (
    DraftListForm,
    DropItemForm,
    OfficialItemForm,
    PublishListForm,
    WithdrawListForm,
    typed,
)
from portal.selfcheck.models import Checklist, ItemFacts, ListCode, Slot
from portal.selfcheck.operations import lists as operations
from portal.selfcheck.policy import May, did_not_draft_it
from portal.selfcheck.queries import lists as queries
from portal.selfcheck.queries.sheets import plain
from portal.selfcheck.routes.area import area
from portal.selfcheck.workflow import CHECKLIST, ListState
from portal.territory import queries as territory
from portal.web import navigation
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, localized, page, tell

READERS = frozenset({Role.CITY_OFFICER, Role.DEPARTMENT_OFFICER, Role.MARKET_MANAGER, Role.TOWN_DISPATCHER})
navigation.entry("selfcheck.list_checklists", _l("自检清单"), "rule", May.READ_LISTS, 540, roles=READERS)

DEEDS: dict[str, Any] = {
    **{move.verb: move.label for move in CHECKLIST.moves},
    "draft": _l("起草"),
    "change_item": _l("改了一项"),
    "add_item": _l("加了一项"),
    "drop_item": _l("去掉一项"),
}


class Words:
    """The words of deeds on a checklist, as the timeline asks for them."""

    def label(self, verb: str) -> Any:
        return DEEDS.get(verb, verb)


@area.get("/checklists", needs=May.READ_LISTS)
def list_checklists() -> ResponseReturnValue:
    """Every list with its versions, the newest first."""
    lines = queries.versions(actor(), clock.today())
    drafted = {code for code, found in lines.items() if any(_is_draft(one.checklist) for one in found)}
    return page("selfcheck/lists/index.html", lines=lines, drafted=drafted, rights=May)


@area.get("/checklists/<int:checklist_id>", needs=May.READ_LISTS)
def show_checklist(checklist_id: int) -> ResponseReturnValue:
    """One version, its items by the slot they are first looked at in."""
    checklist = queries.get_checklist(actor(), checklist_id)
    return page(
        "selfcheck/lists/show.html",
        checklist=checklist,
        groups=_by_slot(checklist.items),
        is_draft=_is_draft(checklist),
        may_draft=_is_draft(checklist) and may(actor(), May.DRAFT_LIST, checklist),
        may_publish=_is_draft(checklist) and may(actor(), May.PUBLISH_LIST, checklist),
        is_drafter=not did_not_draft_it(actor(), checklist),
        lines=journal.of(checklist, 30),
        words=Words(),
    )


def _is_draft(checklist: Checklist) -> bool:
    return checklist.state is ListState.DRAFT


def _by_slot(items: Iterable[Any]) -> list[tuple[Slot, list[Any]]]:
    groups: dict[Slot, list[Any]] = {slot: [] for slot in Slot}
    for item in items:
        groups[Slot(item.slots[0])].append(item)
    return [(slot, found) for slot, found in groups.items() if found]


@area.form("/checklists/draft/<code>", needs=May.DRAFT_LIST)
def draft_checklist(code: str) -> ResponseReturnValue:
    """Begin the next version of a list."""
    chosen = one_of(ListCode, code)
    if chosen is None:
        raise NotThere
    before = queries.latest(chosen)
    form = DraftListForm()
    if form.validate_on_submit():
        draft = operations.draft_version(chosen, actor(), form.note.data or "")
        tell(_("草稿起好了，一项一项改。"))
        return go("selfcheck.show_checklist", checklist_id=draft.id)
    return page("selfcheck/lists/draft.html", form=form, before=before)


@area.form("/checklists/<int:checklist_id>/items/add", needs=May.DRAFT_LIST)
def add_item(checklist_id: int) -> ResponseReturnValue:
    """Add an item to a draft."""
    checklist = _draft(checklist_id)
    form = _item_form()
    if form.validate_on_submit():
        with told(form):
            item = operations.add_item(checklist, form.facts(), actor())
            tell(_("%(code)s 加好了。", code=item.code))
            return go("selfcheck.show_checklist", checklist_id=checklist.id)
    return page("selfcheck/lists/edit_item.html", form=form, checklist=checklist, item=None)


@area.form("/checklists/<int:checklist_id>/items/<int:item_id>/edit", needs=May.DRAFT_LIST)
def change_item(checklist_id: int, item_id: int) -> ResponseReturnValue:
    """Change an item of a draft; its code stays."""
    checklist = _draft(checklist_id)
    item = queries.get_item(checklist, item_id)
    form = _item_form(item)
    if form.validate_on_submit():
        with told(form):
            operations.change_item(checklist, item, form.facts(), actor())
            tell(_("%(code)s 改好了。", code=item.code))
            return go("selfcheck.show_checklist", checklist_id=checklist.id)
    return page("selfcheck/lists/edit_item.html", form=form, checklist=checklist, item=item)


@area.form("/checklists/<int:checklist_id>/items/<int:item_id>/drop", needs=May.DRAFT_LIST)
def drop_item(checklist_id: int, item_id: int) -> ResponseReturnValue:
    """Leave an item out of a draft."""
    checklist = _draft(checklist_id)
    item = queries.get_item(checklist, item_id)
    form = DropItemForm()
    if form.validate_on_submit():
        operations.drop_item(checklist, item, actor())
        tell(_("%(code)s 去掉了。这个编号不会再用。", code=item.code))
        return go("selfcheck.show_checklist", checklist_id=checklist.id)
    return page("selfcheck/lists/drop_item.html", form=form, checklist=checklist, item=item)


@area.get("/checklists/<int:checklist_id>/difference", needs=May.READ_LISTS)
def show_difference(checklist_id: int) -> ResponseReturnValue:
    """What a version changes in the published one before it."""
    checklist = queries.get_checklist(actor(), checklist_id)
    before = queries.find_before(checklist)
    return page(
        "selfcheck/lists/difference.html",
        checklist=checklist,
        before=before,
        difference=queries.difference(before, checklist),
        shown=shown,
    )


@area.form("/checklists/<int:checklist_id>/publish", needs=May.PUBLISH_LIST)
def publish_checklist(checklist_id: int) -> ResponseReturnValue:
    """Let a draft be in force from a day to come; the difference is read on the same page."""
    checklist = queries.get_checklist(actor(), checklist_id)
    demand(actor(), May.PUBLISH_LIST, checklist)
    form = PublishListForm()
    if form.validate_on_submit():
        with told(form):
            operations.publish(checklist, form.effective_on.data, actor())
            tell(_("发布了。生效那天起，各市场的检查按新版走。"))
            return go("selfcheck.show_checklist", checklist_id=checklist.id)
    before = queries.find_before(checklist)
    return page(
        "selfcheck/lists/publish.html",
        form=form,
        checklist=checklist,
        difference=queries.difference(before, checklist),
        shown=shown,
    )


@area.form("/checklists/<int:checklist_id>/withdraw", needs=May.DRAFT_LIST)
def withdraw_checklist(checklist_id: int) -> ResponseReturnValue:
    """Give a draft up."""
    checklist = _draft(checklist_id)
    form = WithdrawListForm()
    if form.validate_on_submit():
        operations.withdraw(checklist, actor())
        tell(_("草稿撤回了，现行版本不变。"))
        return go("selfcheck.list_checklists")
    return page("selfcheck/lists/withdraw.html", form=form, checklist=checklist)


def _draft(checklist_id: int) -> Checklist:
    """A version the actor may work on; the state is the operation's to judge."""
    checklist = queries.get_checklist(actor(), checklist_id)
    demand(actor(), May.DRAFT_LIST, checklist)
    return checklist


def _item_form(item: ItemFacts | None = None) -> OfficialItemForm:
    form = OfficialItemForm(data=typed(item) if item and request.method == "GET" else None)
    form.category.choices = category_choices()
    functions = [SelectChoice(one.code, localized(one, "name")) for one in territory.functions()]
    form.function_code.choices = [SelectChoice("", _("不定")), *functions]
    return form


def category_choices() -> list[SelectChoice]:
    """The hazard categories as a form offers them."""
    return [SelectChoice(one.code, localized(one, "name")) for one in queries.categories()]


def shown_code(item: Any) -> str:
    """An item as a choice: its code and title."""
    return f"{item['code']} {localized(item, 'title')}"


def shown(value: Any) -> str:
    """A fact of an item as the difference shows it."""
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    if isinstance(value, list):
        words = [str(Slot(word).label) if word in set(Slot) else word for word in value]
        return str(_("、")).join(words or [str(_("没有"))])
    if value is None or value == "":
        return str(_("没有"))
    return str(getattr(value, "label", None) or plain(value))
