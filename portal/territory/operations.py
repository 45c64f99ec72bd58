"""What can be done with areas and organisations."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from stdnum.cn import uscc as social_code
from stdnum.exceptions import ValidationError

from portal.core import clock, db, journal
from portal.core.actor import Actor
from portal.core.errors import Mistake
from portal.core.policy import demand
from portal.territory import queries
from portal.territory.models import (
    Area,
    AreaLoad,
    Function,
    Kind,
    Level,
    Organisation,
    OrganisationFunction,
    cut,
    level_of,
)
from portal.territory.policy import May

Row = Mapping[str, str]

MOST_ROWS = 50_000
LEVELS_OF_KIND = {
    Kind.COMPANY: {Level.COMMUNITY},
    Kind.COMMUNITY: {Level.COMMUNITY},
    Kind.TOWN: {Level.TOWN},
    Kind.DEPARTMENT: {Level.TOWN, Level.CITY},
    Kind.CITY: {Level.CITY},
    Kind.PLATFORM: {Level.CITY},
}


class BadRows(ValueError):
    """The file cannot be loaded; the text names the row and what is wrong with it."""


@dataclass
class LoadReport:
    """What a load changed, code by code."""

    added: list[str] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    """The code and the name it had before."""
    retired: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.renamed or self.retired or self.restored)


Loader = Callable[[Iterable[Row], Actor], LoadReport]


@dataclass(frozen=True)
class NameCard:
    """What is written on an organisation's card."""

    name: str
    short_name: str = ""
    uscc: str = ""
    phone: str = ""


def load_divisions(rows: Iterable[Row], actor: Actor) -> LoadReport:
    """Bring the areas of the cities named in ``rows`` to what the rows say; loading the same again changes nothing.

    ``rows`` have ``code`` (padded with zeros to 12 digits), ``name`` and ``level``.  A code that vanished is retired,
    never deleted, for old records point to it.  Raises BadRows before anything is changed.
    """
    demand(actor, May.LOAD_AREAS)
    named = _named(rows)
    cities = {cut(code, Level.CITY) for code in named}
    known = {
        area.code: area
        for area in db.session.scalars(sa.select(Area))
        if cut(area.code, Level.CITY) in cities
    }
    report = LoadReport()
    for code in sorted(named, key=lambda code: (len(code), code)):
        _bring_up_to_date(code, named[code], known.get(code), report)
    for code in sorted(known.keys() - named.keys()):
        if not known[code].is_retired:
            known[code].retired_on = clock.today()
            report.retired.append(code)
    _remember(report, len(named), actor)
    return report


def _named(rows: Iterable[Row]) -> dict[str, str]:
    named: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS:
            raise BadRows(f"more than {MOST_ROWS} rows")
        code, name = _checked(row, number)
        if code in named:
            raise BadRows(f"row {number}: the code {code} stands there twice")
        named[code] = name
    if not named:
        raise BadRows("the file has no rows")
    for code in named:
        if (parent := _parent(code)) and parent not in named:
            raise BadRows(f"{code} stands below {parent}, which is missing")
    return named


def _checked(row: Row, number: int) -> tuple[str, str]:
    padded, name, level = (row.get(key, "").strip() for key in ("code", "name", "level"))
    if len(padded) != 12 or not (padded.isascii() and padded.isdigit()):
        raise BadRows(f"row {number}: {padded!r} is no code of 12 digits")
    if level not in {known.value for known in Level}:
        raise BadRows(f"row {number}: {level!r} is no level")
    code = cut(padded, Level(level))
    if code.ljust(12, "0") != padded:
        raise BadRows(f"row {number}: {padded} has digits below the level {level}")
    if not 0 < len(name) <= 60:
        raise BadRows(f"row {number}: the name is missing or too long")
    return code, name


def _parent(code: str) -> str | None:
    match level_of(code):
        case Level.CITY:
            return None
        case Level.TOWN:
            return cut(code, Level.CITY)
        case Level.COMMUNITY:
            return cut(code, Level.TOWN)


def _bring_up_to_date(code: str, name: str, area: Area | None, report: LoadReport) -> None:
    if area is None:
        db.session.add(Area(code=code, name=name, level=level_of(code), parent_code=_parent(code)))
        report.added.append(code)
        return
    if area.name != name:
        report.renamed[code] = area.name
        area.name = name
    if area.is_retired:
        area.retired_on = area.successor_code = None
        report.restored.append(code)


def _remember(report: LoadReport, row_count: int, actor: Actor) -> None:
    load = AreaLoad(
        by_name=actor.name or str(actor.role.label),
        row_count=row_count,
        added_count=len(report.added) + len(report.restored),
        renamed_count=len(report.renamed),
        retired_count=len(report.retired),
    )
    db.session.add(load)
    journal.write(load, actor, "load_divisions", renamed=report.renamed, retired=report.retired)


def name_successor(area: Area, successor: Area, actor: Actor) -> None:
    """Say which area took over from a retired one.  Raises Mistake where the two do not fit."""
    demand(actor, May.LOAD_AREAS)
    if not area.is_retired:
        raise Mistake("successor_code", _l("只有撤销了的区划才有接替的区划。"))
    if successor.is_retired or successor.level is not area.level:
        raise Mistake("successor_code", _l("接替的区划要和原来同级，并且还在用。"))
    area.successor_code = successor.code
    journal.write(area, actor, "name_successor", successor=successor.code)


def load_functions(rows: Iterable[Row], actor: Actor) -> LoadReport:
    """Bring the functions of departments to what the rows (``code``, ``zh``, ``en``, ``level_note``) say.

    Codes never change or get reused, so a function that vanished from the list stays.
    """
    demand(actor, May.LOAD_AREAS)
    known = {function.code: function for function in db.session.scalars(sa.select(Function))}
    report = LoadReport()
    for number, row in enumerate(rows, start=2):
        code, name = row.get("code", "").strip(), row.get("zh", "").strip()
        if not code or not name:
            raise BadRows(f"row {number}: code or name is missing")
        function = known.get(code)
        if function is None:
            function = known[code] = Function(code=code)
            db.session.add(function)
            report.added.append(code)
        elif function.name != name:
            report.renamed[code] = function.name
        function.name, function.name_en = name, row.get("en", "").strip()
        function.level_note = row.get("level_note", "").strip()
    return report


def register_organisation(kind: Kind, area: Area, card: NameCard, actor: Actor) -> Organisation:
    """Enter an organisation that stands in an area.

    Raises NotAllowed outside the actor's own area, Mistake(field) for a card that cannot be taken.
    """
    if area.is_retired:
        raise Mistake("area_code", _l("这个区划已经撤销，请选现在在用的。"))
    if area.level not in LEVELS_OF_KIND[kind]:
        raise Mistake("area_code", _l("这一类单位不设在这一级，请换一个区划。"))
    organisation = Organisation(kind=kind, area_code=area.code, functions=[])
    demand(actor, May.KEEP_ORGANISATIONS, organisation)
    _write_card(organisation, card)
    db.session.add(organisation)
    journal.write(organisation, actor, "register_organisation")
    return organisation


def rename(organisation: Organisation, card: NameCard, actor: Actor) -> None:
    """Write a new name card.  Raises NotAllowed, Mistake(field)."""
    demand(actor, May.KEEP_ORGANISATIONS, organisation)
    before = organisation.name
    _write_card(organisation, card)
    journal.write(organisation, actor, "rename", before=before)


def set_functions(organisation: Organisation, functions: Iterable[Function], actor: Actor) -> None:
    """Say what a department is in charge of.  Raises NotAllowed, Mistake("functions")."""
    demand(actor, May.KEEP_ORGANISATIONS, organisation)
    wanted = {function.code for function in functions}
    if wanted and organisation.kind is not Kind.DEPARTMENT:
        raise Mistake("functions", _l("只有部门才有职能。"))
    if wanted == organisation.function_codes:
        return
    kept = [line for line in organisation.functions if line.function_code in wanted]
    new = wanted - organisation.function_codes
    organisation.functions = kept + [OrganisationFunction(function_code=code) for code in sorted(new)]
    journal.write(organisation, actor, "set_functions", functions=sorted(wanted))


def _write_card(organisation: Organisation, card: NameCard) -> None:
    name, short_name = card.name.strip(), card.short_name.strip()
    if not 2 <= len(name) <= 80:
        raise Mistake("name", _l("名称要 2 到 80 个字。"))
    if len(short_name) > 30:
        raise Mistake("short_name", _l("简称最多 30 个字。"))
    uscc = _checked_uscc(card.uscc, organisation.id)
    organisation.name = name
    organisation.short_name = short_name or name[:30]
    organisation.uscc = uscc
    organisation.phone = card.phone.strip()[:30]


def _checked_uscc(text: str, own_id: int | None) -> str | None:
    if not text.strip():
        return None
    try:
        uscc = str(social_code.validate(text.strip().upper().replace(" ", "")))
    except ValidationError:
        raise Mistake("uscc", _l("统一社会信用代码不对，请对照营业执照上的 18 位再填一次。")) from None
    if queries.uscc_is_taken(uscc, own_id):
        raise Mistake("uscc", _l("这个统一社会信用代码已经登记在别的单位名下。"))
    return uscc
