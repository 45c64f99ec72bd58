"""Looking up areas, functions and organisations."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from portal.core import db
from portal.core.errors import NotThere
from portal.territory.models import Area, AreaLoad, Function, Kind, Level, Organisation

PAGE = 50


@dataclass(frozen=True)
class OrganisationPage:
    """One page of the list, and where the next begins ("" on the last)."""

    rows: Sequence[Organisation]
    next_cursor: str


def find_area(code: str) -> Area | None:
    return db.session.get(Area, code)


def get_area(code: str) -> Area:
    """The area of this code; raises NotThere."""
    area = find_area(code)
    if area is None:
        raise NotThere
    return area


def get_organisation(organisation_id: int) -> Organisation:
    """The organisation with its area and functions; raises NotThere."""
    query = (
        sa.select(Organisation)
        .where(Organisation.id == organisation_id)
        .options(joinedload(Organisation.area), selectinload(Organisation.functions))
    )
    found = db.session.scalars(query).first()
    if found is None:
        raise NotThere
    return found


def organisations(search: str = "", area_code: str = "", cursor: str = "") -> OrganisationPage:
    """The organisations in the order of their areas, fifty a page.

    ``area_code`` (6, 9 or 12 digits) takes what stands in that area or below; a cursor that is none of ours starts
    at the beginning.
    """
    query = sa.select(Organisation).options(joinedload(Organisation.area))
    if search:
        query = query.where(
            Organisation.name.contains(search, autoescape=True)
            | Organisation.short_name.contains(search, autoescape=True)
        )
    if area_code:
        query = query.where(Organisation.area_code >= area_code, Organisation.area_code < area_code + ":")
    if after := _parsed(cursor):
        query = query.where(
            sa.tuple_(Organisation.area_code, Organisation.id) > sa.tuple_(*map(sa.literal, after))
        )
    rows = list(db.session.scalars(query.order_by(Organisation.area_code, Organisation.id).limit(PAGE + 1)))
    more = rows[PAGE:]
    last = rows[:PAGE][-1] if more else None
    return OrganisationPage(rows[:PAGE], f"{last.area_code}.{last.id}" if last else "")


def _parsed(cursor: str) -> tuple[str, int] | None:
    code, _, typed = cursor.partition(".")
    number = db.as_id(typed)
    return (code, number) if number is not None and code.isascii() and code.isdigit() else None


def towns() -> Sequence[Area]:
    """Every town in use, in the order of the codes."""
    return _in_use(Area.level == Level.TOWN)


def communities(town_code: str) -> Sequence[Area]:
    """The communities of a town that are in use."""
    return _in_use(Area.level == Level.COMMUNITY, Area.parent_code == town_code)


def children(parent: Area | None) -> Sequence[Area]:
    """What stands directly below an area, retired ones included; the cities where there is no parent."""
    wanted = Area.parent_code.is_(None) if parent is None else Area.parent_code == parent.code
    return list(db.session.scalars(sa.select(Area).where(wanted).order_by(Area.code)))


def _in_use(*wanted: sa.ColumnElement[bool]) -> Sequence[Area]:
    return list(
        db.session.scalars(sa.select(Area).where(Area.retired_on.is_(None), *wanted).order_by(Area.code))
    )


def functions() -> Sequence[Function]:
    """The functions of departments, in the order they were loaded in the list."""
    return list(db.session.scalars(sa.select(Function).order_by(Function.code)))


def last_load() -> AreaLoad | None:
    """The latest load of the divisions, or None before the first."""
    return db.session.scalars(sa.select(AreaLoad).order_by(AreaLoad.id.desc()).limit(1)).first()


def organisations_like(uscc: str, company_name: str) -> Sequence[Organisation]:
    """What bears this social credit code, and the market companies of exactly this full name."""
    is_named = sa.and_(Organisation.name == company_name, Organisation.kind == Kind.COMPANY)
    query = sa.select(Organisation).where(sa.or_(Organisation.uscc == uscc, is_named))
    return list(db.session.scalars(query.order_by(Organisation.id).limit(10)))


def uscc_is_taken(uscc: str, except_id: int | None) -> bool:
    """Whether another organisation bears this social credit code."""
    query = sa.select(Organisation.id).where(
        Organisation.uscc == uscc, Organisation.id.is_distinct_from(except_id)
    )
    return db.session.scalars(query.limit(1)).first() is not None
