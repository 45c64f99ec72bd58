"""The pages of areas and organisations."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_pgettext
from wtforms import SelectChoice

from portal.core.actor import Role
from portal.core.errors import NotThere
from portal.core.policy import may
from portal.territory import operations, queries
from portal.territory.forms import RegisterOrganisationForm, RenameOrganisationForm
from portal.territory.models import Area, Function, Kind, Level, Organisation, cut
from portal.territory.operations import LEVELS_OF_KIND, NameCard
from portal.territory.policy import May
from portal.web import navigation
from portal.web.area import Area as Blueprint
from portal.web.forms import told
from portal.web.gate import actor
from portal.web.pages import go, page, tell

area = Blueprint("territory", __name__)

KEEPERS = frozenset({Role.PLATFORM_ADMIN, Role.CITY_OFFICER, Role.TOWN_DISPATCHER})
navigation.entry(
    "territory.index", lazy_pgettext("many", "单位"), "team", May.KEEP_ORGANISATIONS, order=810, roles=KEEPERS
)


@area.get("/organisations", needs=May.READ)
def index() -> ResponseReturnValue:
    """Every organisation, by area, found by name."""
    search = request.args.get("q", "").strip()[:80]
    area_code = request.args.get("area", "")
    known = queries.find_area(area_code) if area_code else None
    rows = queries.organisations(search, known.code if known else "", request.args.get("after", ""))
    may_add = may(actor(), May.KEEP_ORGANISATIONS)
    return page("territory/index.html", organisations=rows, q=search, area=known, may_add=may_add)


@area.form("/organisations/new", needs=May.KEEP_ORGANISATIONS)
def register() -> ResponseReturnValue:
    """Enter an organisation; the town is chosen first, where the actor has more than one."""
    town = _town()
    form = RegisterOrganisationForm()
    form.kind.choices = [SelectChoice(kind.value, kind.label) for kind in _kinds(town)]
    form.area_code.choices = [SelectChoice(one.code, one.name) for one in _areas(town)]
    form.functions.choices = _function_choices()
    if form.validate_on_submit():
        with told(form):
            kind, area_chosen = Kind(form.kind.data), queries.get_area(form.area_code.data)
            organisation = operations.register_organisation(kind, area_chosen, _card(form), actor())
            operations.set_functions(organisation, _functions(form), actor())
            tell(_("%(name)s 登记好了。", name=organisation.name))
            return go("territory.show", organisation_id=organisation.id)
    towns = queries.towns() if actor().role in {Role.PLATFORM_ADMIN, Role.CITY_OFFICER} else []
    return page("territory/register.html", form=form, town=town, towns=towns)


def _town() -> Area | None:
    """The town whose bodies are entered: one's own, or the one the address names; None for those of the city."""
    own = actor().area_code or ""
    code = cut(own, Level.TOWN) if len(own) >= Level.TOWN.length else request.args.get("town", "")
    found = queries.find_area(code) if code else None
    if code and (found is None or found.level is not Level.TOWN):
        raise NotThere
    return found


def _kinds(town: Area | None) -> list[Kind]:
    levels = {Level.TOWN, Level.COMMUNITY} if town else {Level.CITY}
    return [kind for kind in Kind if LEVELS_OF_KIND[kind] & levels]


def _areas(town: Area | None) -> list[Area]:
    if town is None:
        return [one for one in queries.children(None) if not one.is_retired]
    return [town, *queries.communities(town.code)]


def _function_choices() -> list[SelectChoice]:
    return [SelectChoice(one.code, one.name) for one in queries.functions()]


def _functions(form: RenameOrganisationForm) -> list[Function]:
    wanted = set(form.functions.data or ())
    return [one for one in queries.functions() if one.code in wanted]


def _card(form: RenameOrganisationForm) -> NameCard:
    return NameCard(form.name.data, form.short_name.data or "", form.uscc.data or "", form.phone.data or "")


@area.get("/organisations/<int:organisation_id>", needs=May.READ)
def show(organisation_id: int) -> ResponseReturnValue:
    """An organisation's card."""
    organisation = queries.get_organisation(organisation_id)
    names = {one.code: one for one in queries.functions()} if organisation.functions else {}
    may_edit = may(actor(), May.KEEP_ORGANISATIONS, organisation)
    return page("territory/show.html", organisation=organisation, function_names=names, may_edit=may_edit)


@area.form("/organisations/<int:organisation_id>/edit", needs=May.KEEP_ORGANISATIONS)
def rename(organisation_id: int) -> ResponseReturnValue:
    """Write an organisation's card anew."""
    organisation = _kept(organisation_id)
    form = RenameOrganisationForm(data=_typed(organisation))
    form.functions.choices = _function_choices()
    if form.validate_on_submit():
        with told(form):
            operations.rename(organisation, _card(form), actor())
            if organisation.kind is Kind.DEPARTMENT:
                operations.set_functions(organisation, _functions(form), actor())
            tell(_("改好了。"))
            return go("territory.show", organisation_id=organisation.id)
    is_department = organisation.kind is Kind.DEPARTMENT
    return page("territory/rename.html", form=form, organisation=organisation, is_department=is_department)


def _kept(organisation_id: int) -> Organisation:
    """An organisation the actor keeps; any other is not there to be changed."""
    organisation = queries.get_organisation(organisation_id)
    if not may(actor(), May.KEEP_ORGANISATIONS, organisation):
        raise NotThere
    return organisation


def _typed(organisation: Organisation) -> dict[str, object]:
    return {
        "name": organisation.name,
        "short_name": organisation.short_name,
        "uscc": organisation.uscc or "",
        "phone": organisation.phone,
        "functions": sorted(organisation.function_codes),
    }


@area.get("/areas", needs=May.READ)
def list_areas() -> ResponseReturnValue:
    """The areas below one, and when they were last loaded."""
    code = request.args.get("under", "")
    parent = queries.get_area(code) if code else None
    above = queries.find_area(parent.parent_code) if parent and parent.parent_code else None
    return page(
        "territory/list_areas.html",
        parent=parent,
        above=above,
        areas=queries.children(parent),
        load=queries.last_load(),
    )
