"""What is done with exports: asked for, made by the worker in whoever's reach it is, counted, and put away."""

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, BinaryIO

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts import queries as accounts
from portal.core import clock, db, errands, readlog
from portal.core.actor import Actor
from portal.core.errors import Mistake, NotAllowed, NotThere
from portal.core.policy import demand
from portal.evidence import storage
from portal.exchange import files, notices, words
from portal.exchange.models import Export, ExportFormat
from portal.exchange.policy import May
from portal.exchange.queries import exports as queries
from portal.exchange.queries import listings
from portal.exchange.queries.listings.base import Chosen, Line, Listing, Query, in_words
from portal.exchange.workflow import EXPORT, ExportState, WhyNot
from portal.markets.models import OperatorChange
from portal.notices import operations as inbox

log = logging.getLogger(__name__)

BATCH = 1_000
TOLD_EVERY = 1.0
"""Seconds between two words about how far it has come."""
KEPT_FOR = timedelta(days=7)
GIVEN_UP_AFTER = timedelta(days=1)
MOST_COMPANIES = 500
"""Companies whose read log gets a line of their own; a list of more is one of the whole city."""


def ask(listing: Listing, asked: Mapping[str, str], format_: ExportFormat, actor: Actor) -> Export:
    """Have a list made; raises Mistake where the person has asked for enough, NotThere for a thing out of sight."""
    demand(actor, listing.needs)
    chosen = listing.chosen(actor, asked)
    told = listing.told(chosen)
    _refuse_too_many(actor)
    export = Export(
        person_id=actor.person_id,
        membership_id=actor.membership_id,
        organisation_id=actor.organisation_id,
        listing=listing.code.value,
        format=format_,
        filters={name: one.kept for name, one in chosen.items()},
        told=[[words.packed(label), words.packed(value)] for label, value in told],
    )
    EXPORT.perform("ask_export", export, actor, note=in_words([(listing.label, format_.label), *told]))
    errands.later("exchange.make_export", str(export.id), reach=None, export_id=export.id)
    return export


def _refuse_too_many(actor: Actor) -> None:
    waiting, asked = queries.counts_of(actor.person_id)
    if waiting >= queries.MOST_WAITING:
        most = queries.MOST_WAITING
        raise Mistake("format", _l("你已经有 %(most)s 份在排队，等做好一份再导出。", most=most))
    if asked >= queries.MOST_A_DAY:
        most = queries.MOST_A_DAY
        raise Mistake("format", _l("一天最多导出 %(most)s 份，今天已经到了，请明天再来。", most=most))


@dataclass
class Made:
    """What came out of the making."""

    actor: Actor
    listing: Listing
    rows: int = 0
    companies: set[int] = field(default_factory=set)
    """Whose rows went out."""
    data_sha256: str = ""
    sha256: str = ""
    size: int = 0


class TooLong(Exception):
    """More rows than a file may have."""


def make(export_id: int, system: Actor) -> None:
    """Make a file and say so; once more for one that was made changes nothing.

    The rows are read in a session of their own with the reach the membership has now, and its right is asked again.
    """
    with db.reading() as look:
        export = look.get(Export, export_id)
    if export is None or export.state is not ExportState.WAITING:
        return
    try:
        made = _write(export)
    except NotAllowed:
        _fail(export_id, WhyNot.NO_RIGHT, system)
    except NotThere:
        _fail(export_id, WhyNot.NOT_THERE, system)
    except TooLong:
        _fail(export_id, WhyNot.TOO_MANY, system)
    else:
        _finish(export_id, made, system)


def _write(export: Export) -> Made:
    db.no_open_write()
    actor = _actor_of(export)
    listing = listings.get_listing(export.listing)
    demand(actor, May.EXPORT, export)
    demand(actor, listing.needs)
    with db.opened(actor.reach, writes=False), storage.store().draft() as draft:
        chosen = listing.chosen(actor, export.filters)
        made, query = Made(actor, listing), listing.narrowed(actor, chosen)
        progress = Progress(export.id, _counted(query))
        with files.writing(export.format, draft, listing.columns, str(listing.label)) as sheet:
            for lines in _batches(query, made, progress):
                sheet.add(lines)
            made.data_sha256 = sheet.rows.sha256
            sheet.finish(_watermark(actor) if listing.is_personal else "", _notes(made, chosen))
        made.size = draft.stat().st_size
        made.sha256 = storage.store().take_up(draft)
    return made


def _counted(query: Query) -> int:
    number = queries.rows_of(query)
    if number > queries.MOST_ROWS:
        raise TooLong
    return number


def _batches(query: Query, made: Made, progress: "Progress") -> Iterator[list[Line]]:
    """The lines of the list, a thousand at a time, none kept after it was handed on."""
    make_lines = made.listing.lines(made.actor)
    answer = db.session.execute(query, execution_options={"yield_per": BATCH})
    for rows in answer.partitions(BATCH):
        made.companies.update(row[0] for row in rows if row[0] is not None)
        yield list(make_lines([row[1:] for row in rows]))
        made.rows += len(rows)
        progress.tell(made.rows)


class Progress:
    """Says now and then how far it has come, each time in a write of its own that is over at once."""

    def __init__(self, export_id: int, rows: int) -> None:
        self._export_id, self._rows, self._told_at = export_id, rows, 0.0

    def tell(self, done: int) -> None:
        """So many rows are written."""
        if time.monotonic() - self._told_at < TOLD_EVERY:
            return
        with db.opened(None, writes=True) as own:
            still = sa.update(Export).where(Export.id == self._export_id, Export.state == ExportState.WAITING)
            own.execute(still.values(rows_done=done, rows_all=max(self._rows, done)))
            own.commit()
        self._told_at = time.monotonic()


def _actor_of(export: Export) -> Actor:
    """Whoever asked, as the membership is now; raises NotAllowed where it has ended."""
    with db.reading():
        try:
            return accounts.actor_in(export.membership_id)
        except NotThere:
            raise NotAllowed from None


def _watermark(actor: Actor) -> str:
    """Who took personal data out, and when: it stands on the sheet and on every printed page."""
    return str(
        _l(
            "%(organisation)s %(name)s 于 %(moment)s 导出，含个人信息，只作工作使用，不得外传。",
            organisation=actor.organisation_name,
            name=actor.name,
            moment=f"{clock.local(clock.now()):%Y-%m-%d %H:%M}",
        )
    )


def _notes(made: Made, chosen: Mapping[str, Chosen]) -> list[tuple[str, str]]:
    """What there is to know about a file, line by line."""
    actor, listing = made.actor, made.listing
    lines: list[tuple[Any, Any]] = [
        (_l("清单"), listing.label),
        (_l("筛选"), in_words(listing.told(chosen)) or _l("没有筛选")),
        (_l("导出时间"), f"{clock.local(clock.now()):%Y-%m-%d %H:%M:%S}"),
        (_l("导出人"), f"{actor.organisation_name} {actor.name} {actor.role.label}"),
        (_l("行数"), made.rows),
        (_l("数据校验码"), made.data_sha256),
        (_l("校验码怎么算"), _l("表头和各行按 CSV 写出（UTF-8，不含文件头标记和末行的注），取 SHA-256。")),
    ]
    if listing.is_personal:
        lines.append((_l("个人信息"), _watermark(actor)))
    return [(str(label), str(value)) for label, value in lines]


def _finish(export_id: int, made: Made, system: Actor) -> None:
    export = db.session.get_one(Export, export_id)
    now = clock.now()
    EXPORT.perform(
        "make_export", export, system, note=str(made.listing.label),
        rows_done=made.rows, rows_all=made.rows, size=made.size, sha256=made.sha256, data_sha256=made.data_sha256,
        done_at=now, expires_at=now + KEPT_FOR,
    )  # fmt: skip
    if made.listing.is_personal and made.rows:
        _write_down(export, made)
    inbox.tell(
        export.person_id, notices.READY, f"/exports/{export.id}", key=str(export.id),
        listing=made.listing.code, rows=made.rows, until=export.expires_at,
    )  # fmt: skip


def _fail(export_id: int, why: WhyNot, system: Actor) -> None:
    export = db.session.get_one(Export, export_id)
    EXPORT.perform("fail_export", export, system, why=why, done_at=clock.now())
    listing = listings.get_listing(export.listing)
    inbox.tell(
        export.person_id, notices.FAILED, f"/exports/{export.id}", key=str(export.id),
        listing=listing.code, why=why,
    )  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """The part of an export that is one company's, as the read log takes it."""

    id: int
    company_id: int | None
    __tablename__: str = Export.__tablename__


def _write_down(export: Export, made: Made) -> None:
    """Enter in the read log of every company whose people stand in the list that they went out."""
    companies: Sequence[int | None] = sorted(made.companies)
    if not companies or len(companies) > MOST_COMPANIES:
        companies = [None]
    for company_id in companies:
        readlog.seen(made.actor, _Part(export.id, company_id), "export", str(made.listing.label))


def open_file(export: Export, actor: Actor) -> BinaryIO:
    """The file of one's own export, while the right to its list and the things it was narrowed by are still one's own.

    Raises NotAllowed, NotThere.
    """
    demand(actor, May.READ_EXPORTS, export)
    listing = listings.get_listing(export.listing)
    demand(actor, listing.needs)
    listing.chosen(actor, export.filters)
    is_kept = export.state is ExportState.READY and (export.expires_at or export.asked_at) > clock.now()
    if not is_kept or _has_lost_a_market(actor, export):
        raise NotThere(_l("这份文件已经过期删除，请重新导出。"))
    try:
        return storage.store().open(export.sha256)
    except FileNotFoundError:
        log.error("the file of export %s is missing", export.id)
        raise NotThere from None


def _has_lost_a_market(actor: Actor, export: Export) -> bool:
    """Whether another company has come to run one of the company's markets since: its rows may stand in the file."""
    if actor.company_id is None:
        return False
    lost = sa.select(OperatorChange.id).where(
        OperatorChange.from_company_id == actor.company_id, OperatorChange.moved_at >= export.asked_at
    )
    with db.opened(errands.CITY, writes=False) as look:  # the change went over with the market
        return look.scalars(lost.limit(1)).first() is not None


def count_download(export_id: int) -> None:
    """It was fetched once more."""
    one = sa.update(Export).where(Export.id == export_id)
    db.session.execute(one.values(downloads=Export.downloads + 1))


def tidy(system: Actor) -> None:
    """Put away what has expired, and give up what could not be made in a day; the files go with the next sweep."""
    now = clock.now()
    expired = sa.select(Export).where(Export.state == ExportState.READY, Export.expires_at <= now)
    for export in db.session.scalars(expired).all():
        EXPORT.perform("expire_export", export, system)
    stuck = sa.select(Export.id).where(
        Export.state == ExportState.WAITING, Export.asked_at <= now - GIVEN_UP_AFTER
    )
    for export_id in db.session.scalars(stuck).all():
        _fail(export_id, WhyNot.BROKEN, system)
