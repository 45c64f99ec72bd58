"""Reach: which rows a person sees, said once.

Every table is one of four classes.  *Owned* rows belong to a market, *Housed* rows to a company, *Shared* rows to
everybody, *Machinery* to the portal itself.  A session has one reach for life; every ORM statement it runs is narrowed
by one equality, every row it saves is checked against it, and a statement that cannot be narrowed (plain SQL, Core, a
bare EXISTS) is refused.  PostgreSQL is told the same reach and says it all again (core/rls.py).

Looking beyond takes a reason::

    with beyond_reach("monthly bulletin"):
        ...
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any, Self, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import (
    FromStatement,
    Mapped,
    ORMExecuteState,
    Session,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql import selectable
from sqlalchemy.sql.visitors import iterate

log = logging.getLogger(__name__)

WORD = re.compile(r"\w+")
STAMPS = ("company_id", "community_code", "town_code")


class Sight(StrEnum):
    """How far a membership sees."""

    COMPANY = "company"
    COMMUNITY = "community"
    TOWN = "town"
    CITY = "city"
    VENDOR = "vendor"


@dataclass(frozen=True)
class Reach:
    """One sight and the key its rows must bear.

    ``key`` is a company's id, a community's 12 digits, a town's 9, "" for the city, or "company:vendor".
    """

    sight: Sight
    key: str = ""

    @property
    def number(self) -> int:
        """The company's id, for the two sights that have one."""
        return int(self.key.partition(":")[0])

    @property
    def vendor(self) -> int:
        return int(self.key.partition(":")[2])


class ReachRefused(RuntimeError):
    """Code tried to pass the wall: a bug of ours, never a mistake of the reader's."""


class Shared:
    """Everybody reads it; drafts are shown to their issuer."""


class Machinery:
    """The portal's own: reached by exact key from the packages that keep it."""


class Housed:
    """A company's own house, which officers do not enter."""

    company_id: Mapped[int] = mapped_column(sa.BigInteger, index=True, sort_order=-9)


class Owned:
    """A market's row, stamped with the three codes it is reached by."""

    company_id: Mapped[int] = mapped_column(sa.BigInteger, sort_order=-9)
    community_code: Mapped[str] = mapped_column(sa.String(12), sort_order=-8)
    town_code: Mapped[str] = mapped_column(sa.String(9), sort_order=-7)

    def stands_in(self, place: "Owned") -> Self:
        """Take the codes of a market, or of any row that already bears them."""
        for stamp in STAMPS:
            setattr(self, stamp, getattr(place, stamp))
        return self


class OfVendor:
    """An Owned row a vendor sees as well."""

    @declared_attr
    def vendor_id(cls) -> Mapped[int | None]:
        return mapped_column(sa.BigInteger, index=True, sort_order=-6)


_reason: ContextVar[str | None] = ContextVar("beyond reach", default=None)


@contextmanager
def beyond_reach(reason: str) -> Iterator[None]:
    """Look over the wall, for a stated reason.  Say it before the transaction begins."""
    log.info("beyond reach: %s", reason)
    token = _reason.set(reason)
    try:
        yield
    finally:
        _reason.reset(token)


class PortalSession(Session):
    """A session that knows whose it is, and whether it may write."""

    def __init__(self, bind: sa.Engine, *, reach: Reach | None, writes: bool) -> None:
        super().__init__(bind, expire_on_commit=False)
        self.reach = reach
        self.writes = writes
        self._options: tuple[Any, ...] | None = None

    def connection(self, *args: Any, **kwargs: Any) -> sa.Connection:
        if _reason.get() is None:
            raise ReachRefused("a bare connection lies outside the wall")
        return super().connection(*args, **kwargs)

    def _past_the_unit_of_work(self, *_: Any, **__: Any) -> Any:
        raise ReachRefused("rows in bulk pass the wall unseen; add them one by one")

    bulk_save_objects = bulk_insert_mappings = bulk_update_mappings = _past_the_unit_of_work

    @property
    def criteria(self) -> tuple[Any, ...]:
        """What every statement of this session is narrowed by."""
        if self.reach is None:
            raise ReachRefused("no reach has been chosen for this session")
        if self._options is None:
            self._options = _criteria(self.reach)
        return self._options


@cache
def owned_key(cls: type[Any], sight: Sight) -> Any:
    """The column of an Owned class that this sight compares, or None where the class is not for it."""
    if sight is Sight.VENDOR:
        return (
            getattr(cls, getattr(cls, "__vendor_key__", "vendor_id")) if issubclass(cls, OfVendor) else None
        )
    names = {Sight.COMPANY: "company_id", Sight.COMMUNITY: "community_code", Sight.TOWN: "town_code"}
    return getattr(cls, names[sight])


def _owned_criterion(cls: Any, reach: Reach) -> Any:
    if reach.sight is Sight.CITY:
        return sa.true()
    if reach.sight is Sight.VENDOR:
        column = owned_key(cls, reach.sight)
        if column is None:
            return sa.false()
        return sa.and_(cls.company_id == reach.number, column == reach.vendor)
    key: Any = reach.number if reach.sight is Sight.COMPANY else reach.key
    return owned_key(cls, reach.sight) == key


def _housed_criterion(cls: Any, reach: Reach) -> Any:
    return cls.company_id == reach.number if reach.sight is Sight.COMPANY else sa.false()


@lru_cache(maxsize=4096)
def _criteria(reach: Reach) -> tuple[Any, ...]:
    walls = [(cls, _owned_criterion(cls, reach)) for cls in classes_of(Owned)]
    walls += [(cls, _housed_criterion(cls, reach)) for cls in classes_of(Housed)]
    return tuple(
        with_loader_criteria(cls, criterion, include_aliases=True)
        for cls, criterion in walls
        if not isinstance(criterion, sa.True_)
    )


@event.listens_for(PortalSession, "do_orm_execute")
def _narrow(state: ORMExecuteState) -> None:
    session = cast(PortalSession, state.session)
    if not (state.is_select or session.writes):
        raise ReachRefused("this session was opened for reading")
    if _reason.get() is not None or state.is_column_load:
        return
    walled, bare = _walled_tables(state.statement)
    if not walled:
        return
    is_ours = bare and not state.is_relationship_load  # what a relationship asks for is written by the mapper
    by_number = isinstance(state.parameters, list)  # rows named by their primary keys get no criterion
    is_strange = state.is_insert or not state.is_orm_statement or isinstance(state.statement, FromStatement)
    if is_ours or by_number or is_strange:
        raise ReachRefused(f"cannot be narrowed to one reach: {state.statement}")
    if state.is_update and _moves_rows(state.statement):
        raise ReachRefused("the codes of a row are stamped, never set by a statement")
    is_plain = not state.statement._with_options  # eager loads join tables the statement does not name
    walls = [wall for wall in session.criteria if not is_plain or wall.entity.local_table in walled]
    state.statement = state.statement.options(*walls)


def _walled_tables(statement: Any) -> tuple[set[Any], bool]:
    """The Owned and Housed tables a statement touches, and whether one of them stands in it bare.

    Bare is what did not come from a mapped class, and so gets no criterion: a Table that was selected from, joined or
    aliased, a Column of one, plain SQL.  (A Table the statement derives from a mapped column is not.)
    """
    if isinstance(statement, sa.TextClause):
        return {statement}, True
    known = walled_tables()
    found: set[Any] = set()
    mapped: set[str] = set()
    bare: set[str] = set()
    elements: Iterator[Any] = iterate(statement)
    for element in elements:
        kind = _kind(element.__class__)
        if kind is None:
            continue
        if _is_plain(kind, element, known) or any(_is_bare(part, known) for part in _stands_on(element)):
            return {statement}, True
        if kind is sa.Table and element.key in known:
            found.add(known[element.key])
        if kind in (sa.Table, sa.Column) and "parententity" in element._annotations:
            mapped.add(_base(element))
        elif kind is sa.Column:
            bare.add(_base(element))  # a look by primary key compares bare columns of a mapped table
    return found, bool((bare - mapped) & known.keys())


@cache
def _kind(cls: Any) -> Any:
    """What an element of this class is to the wall; None for the many that are nothing to it, told once a class."""
    if issubclass(cls, FromStatement | sa.TextClause):
        return sa.TextClause
    columns = (sa.Table, sa.TableClause, sa.Column, sa.ColumnClause)  # the narrower first
    kinds = (*columns, sa.Select, selectable.Join, sa.Update, sa.Delete, sa.Insert)
    return next((kind for kind in kinds if issubclass(cls, kind)), None)


def _is_plain(kind: Any, element: Any, known: dict[str, Any]) -> bool:
    """Whether an element is plain SQL: words, a table that is only a name, or a column that is words about one."""
    if kind is sa.TableClause:
        return element.name in known
    if kind is sa.ColumnClause:
        return element.is_literal and not known.keys().isdisjoint(WORD.findall(element.name))
    return kind is sa.TextClause


def _stands_on(element: Any) -> tuple[Any, ...]:
    """What an element was explicitly built on."""
    if isinstance(element, sa.Select):
        joined = [side for join in element._setup_joins for side in (join[0], join[2])]
        return (*element._raw_columns, *element._from_obj, *joined)
    if isinstance(element, selectable.Join):
        return element.left, element.right
    return (element.table,) if isinstance(element, sa.Update | sa.Delete | sa.Insert) else ()


def _is_bare(part: Any, known: dict[str, Any]) -> bool:
    is_ours = isinstance(part, sa.Table | sa.Column | selectable.AliasedReturnsRows)
    return is_ours and "parententity" not in part._annotations and _base(part) in known


def _base(part: Any) -> str:
    """The name of the table under a column or an alias; "" where there is none."""
    table = part.table if isinstance(part, sa.Column) else part
    while isinstance(table, selectable.AliasedReturnsRows):
        table = table.element
    return str(table.key) if isinstance(table, sa.Table) else ""


def _moves_rows(statement: Any) -> bool:
    return any(getattr(column, "key", column) in STAMPS for column in (statement._values or ()))


@event.listens_for(PortalSession, "before_flush")
def _check(session: PortalSession, *_: object) -> None:
    new = session.new  # asked once: it is gathered anew each time
    rows = [*new, *(row for row in session.dirty if session.is_modified(row)), *session.deleted]
    if rows and not session.writes:
        raise ReachRefused("this session was opened for reading")
    if _reason.get() is not None:
        return
    for row in rows:
        if getattr(row, "__append_only__", False) and row not in new:
            raise ReachRefused(f"{type(row).__name__} is only ever added to")
        if isinstance(row, Owned | Housed) and not is_within(row, session.reach):
            raise ReachRefused(f"{type(row).__name__} lies outside {session.reach}")


def is_within(row: Any, reach: Reach | None) -> bool:
    """Whether a row bears the key of this reach; the same equality as in SQL, on an object."""
    if reach is None or any(getattr(row, stamp, "") is None for stamp in STAMPS):
        return False
    if isinstance(row, Housed):
        return reach.sight is Sight.COMPANY and bool(row.company_id == reach.number)
    match reach.sight:
        case Sight.CITY:
            return True
        case Sight.COMPANY:
            return bool(row.company_id == reach.number)
        case Sight.COMMUNITY:
            return bool(row.community_code == reach.key)
        case Sight.TOWN:
            return bool(row.town_code == reach.key)
        case Sight.VENDOR:
            own = isinstance(row, OfVendor) and getattr(row, getattr(row, "__vendor_key__", "vendor_id"))
            return bool(row.company_id == reach.number and own == reach.vendor)


@event.listens_for(PortalSession, "after_begin")
def _tell_postgresql(session: PortalSession, _: object, connection: sa.Connection) -> None:
    """One statement a transaction: the role without powers, whose rows, and that a look stays a look."""
    if connection.dialect.name != "postgresql":
        return
    sight, key = ("beyond", "") if _reason.get() else _spoken(session.reach)
    connection.execute(TELL, {"sight": sight, "key": key, "read_only": "off" if session.writes else "on"})


TELL = sa.text(
    "SELECT set_config('role', 'portal_app', true), set_config('portal.sight', :sight, true),"
    " set_config('portal.key', :key, true), set_config('transaction_read_only', :read_only, true)"
)


def _spoken(reach: Reach | None) -> tuple[str, str]:
    return (reach.sight.value, reach.key) if reach else ("none", "")


@cache
def walled_tables() -> dict[str, Any]:
    """Every Owned and Housed table by its name."""
    return {cls.__table__.key: cls.__table__ for kind in (Owned, Housed) for cls in classes_of(kind)}


def classes_of(kind: type[Any]) -> Iterator[Any]:
    """Every mapped class of one of the four kinds."""
    pending = list(kind.__subclasses__())
    while pending:
        cls = pending.pop()
        pending += cls.__subclasses__()
        if "__table__" in vars(cls):
            yield cls
