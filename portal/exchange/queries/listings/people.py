"""Lists of people and bodies: posts, accounts, organisations; what was done in the journal; what was brought in."""

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from portal.accounts.models import Membership, Person
from portal.accounts.policy import May as OfAccounts
from portal.core import clock, db
from portal.core.actor import Actor
from portal.core.journal import JournalLine
from portal.core.policy import may
from portal.core.readlog import PersonalRead
from portal.exchange.models import Import, ImportKind, Listed
from portal.exchange.policy import May
from portal.exchange.queries.listings.base import (
    NARROW,
    WIDE,
    Column,
    Line,
    Lines,
    Listing,
    Query,
    Wanted,
    Workbook,
    as_they_are,
    several,
)
from portal.exchange.queries.listings.filters import (
    AREA,
    FIRST,
    LAST,
    MARKET,
    NAME,
    ORGANISATION,
    SEARCH,
    in_markets,
    one_of,
    word,
)
from portal.insight.policy import May as OfInsight
from portal.insight.queries import log, reads, words
from portal.markets.models import Market, Post
from portal.markets.policy import May as OfMarkets
from portal.territory.models import Area, Organisation
from portal.territory.policy import May as OfTerritory

NOBODYS = sa.null()


def _posts(actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(Post.company_id, Person.name, Post.kind, Post.from_on, Post.to_on, Market.name)
        .select_from(Post)
        .join(Person, Person.id == Post.person_id)
        .join(Market, Market.id == Post.market_id)
    )
    order = (Post.market_id, Post.to_on.is_not(None), Post.kind, Post.id)
    return in_markets(query, Post.market_id, actor, wanted).order_by(*order)


POSTS = Listing(
    code=Listed.POSTS,
    needs=OfMarkets.READ_POSTS,
    columns=(
        Column(_l("姓名"), is_personal=True), Column(_l("岗位")), Column(_l("任职日期")), Column(_l("离任日期")),
        Column(_l("市场"), WIDE),
    ),
    filters=(MARKET,),
    query=_posts,
    lines=as_they_are,
)  # fmt: skip


SHEET = Workbook(
    ImportKind.PEOPLE,
    fields=frozenset({"name", "phone", "role", "posts", "from_on"}),
    personal=frozenset({"name", "phone"}),
)


def _people(_actor: Actor, wanted: Wanted) -> Query:
    """The current people of one organisation, as its page lists them."""
    return (
        sa.select(
            Membership.organisation_id, Membership.person_id, Person.name, Person.phone, Membership.role,
            Membership.from_on, Person.username, Person.disabled_at, Person.password_hash.is_not(None),
            Membership.to_on, Organisation.name,
        )
        .select_from(Membership)
        .join(Person, Person.id == Membership.person_id)
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.organisation_id == wanted["organisation"], Membership.ended_at.is_(None))
        .where(sa.or_(Membership.to_on.is_(None), Membership.to_on >= clock.today()))
        .order_by(Membership.id)
    )  # fmt: skip


def _people_lines(actor: Actor) -> Lines:
    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        posts = _posts_of([row[0] for row in rows]) if may(actor, OfMarkets.READ_POSTS) else {}
        for person, name, phone, role, from_on, username, disabled_at, has_password, *others in rows:
            standing = _l("已停用") if disabled_at else _l("在用") if has_password else _l("待开通")
            held = several(posts.get(person, ()))
            cells = SHEET.cells(name=name, phone=phone, role=role, posts=held, from_on=from_on)
            yield (*cells, username, str(standing), *others)

    return lines


def _posts_of(person_ids: Sequence[int]) -> dict[int, list[str]]:
    """What posts these people hold today in the markets of the actor's company."""
    today = clock.today()
    query = sa.select(Post.person_id, Post.kind).where(
        Post.person_id.in_(person_ids),
        Post.from_on <= today,
        sa.or_(Post.to_on.is_(None), Post.to_on >= today),
    )
    found: dict[int, list[str]] = {}
    for person_id, kind in db.session.execute(query.distinct().order_by(Post.kind)).all():
        found.setdefault(person_id, []).append(str(kind.label))
    return found


PEOPLE = Listing(
    code=Listed.PEOPLE,
    needs=OfAccounts.SEE_PEOPLE,
    columns=(
        *SHEET.columns,
        Column(_l("登录名"), is_personal=True), Column(_l("账号"), NARROW), Column(_l("到期")),
        Column(_l("单位"), WIDE),
    ),
    filters=(ORGANISATION,),
    query=_people,
    lines=_people_lines,
)  # fmt: skip


def _organisations(_actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(
            NOBODYS, Organisation.name, Organisation.short_name, Organisation.kind, Organisation.area_code, Area.name,
            Organisation.uscc, Organisation.phone,
        )
        .select_from(Organisation)
        .outerjoin(Area, Area.code == Organisation.area_code)
    )  # fmt: skip
    if search := wanted.get("q"):
        named = [
            one.contains(search, autoescape=True) for one in (Organisation.name, Organisation.short_name)
        ]
        query = query.where(sa.or_(*named))
    if area := wanted.get("area"):
        query = query.where(Organisation.area_code >= area, Organisation.area_code < area + ":")
    return query.order_by(Organisation.area_code, Organisation.id)


ORGANISATIONS = Listing(
    code=Listed.ORGANISATIONS,
    needs=OfTerritory.READ,
    columns=(
        Column(_l("单位"), WIDE), Column(_l("简称")), Column(_l("类别")), Column(_l("区划代码")), Column(_l("区划")),
        Column(_l("统一社会信用代码"), 24), Column(_l("电话")),
    ),
    filters=(SEARCH, AREA),
    query=_organisations,
    lines=as_they_are,
)  # fmt: skip


def _journal(_actor: Actor, wanted: Wanted) -> Query:
    asked = log.Wanted(
        name=wanted.get("name", ""),
        verb=wanted.get("verb", ""),
        subject_kind=wanted.get("thing", ""),
        first=wanted.get("first"),
        last=wanted.get("last"),
    )
    query = sa.select(
        NOBODYS, JournalLine.id, JournalLine.at, JournalLine.actor_name, JournalLine.role, Organisation.name,
        JournalLine.verb, JournalLine.subject_kind, JournalLine.subject_id, JournalLine.note, JournalLine.seal_id,
    ).outerjoin(Organisation, Organisation.id == JournalLine.organisation_id)  # fmt: skip
    narrowed: Query = log.narrowed(query, asked)
    return narrowed.order_by(JournalLine.id.desc())


def _journal_lines(_actor: Actor) -> Lines:
    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        for number, at, name, role, organisation, verb, kind, *others in rows:
            said = (str(words.role(role)), organisation, str(words.verb(verb)), str(words.thing(kind)))
            yield (number, at, name, *said, *others)

    return lines


JOURNAL = Listing(
    code=Listed.JOURNAL,
    needs=OfInsight.SEE_LOG,
    columns=(
        Column(_l("序号"), NARROW), Column(_l("时间"), 20), Column(_l("谁"), is_personal=True), Column(_l("身份")),
        Column(_l("单位"), WIDE), Column(_l("做了什么"), 24), Column(_l("对什么")), Column(_l("对象编号"), NARROW),
        Column(_l("说明"), WIDE), Column(_l("封存编号"), NARROW),
    ),
    filters=(
        NAME, one_of("verb", _l("做了什么"), words.VERBS), one_of("thing", _l("对什么"), words.THINGS), FIRST, LAST
    ),
    query=_journal,
    lines=_journal_lines,
)  # fmt: skip


def _reads(actor: Actor, wanted: Wanted) -> Query:
    query: Query = reads.seen_by(actor).with_only_columns(
        PersonalRead.company_id, PersonalRead.at, PersonalRead.reader, PersonalRead.role, Organisation.name,
        PersonalRead.what, PersonalRead.subject_kind, PersonalRead.subject_id, PersonalRead.reason,
    ).outerjoin(Organisation, Organisation.id == PersonalRead.organisation_id)  # fmt: skip
    if reader := wanted.get("q"):
        query = query.where(PersonalRead.reader == reader)
    return query.order_by(PersonalRead.id.desc())


def _read_lines(_actor: Actor) -> Lines:
    def lines(rows: Sequence[Any]) -> Iterable[Line]:
        for at, reader, role, organisation, what, kind, *others in rows:
            said = (str(words.read(what)), str(words.thing(kind)))
            yield (at, reader, str(words.role(role)), organisation, *said, *others)

    return lines


READS = Listing(
    code=Listed.READS,
    needs=OfInsight.SEE_READS,
    columns=(
        Column(_l("时间"), 20), Column(_l("查看人"), is_personal=True), Column(_l("身份")), Column(_l("单位"), WIDE),
        Column(_l("看了什么")), Column(_l("谁的")), Column(_l("对象编号"), NARROW), Column(_l("理由"), WIDE),
    ),
    filters=(SEARCH,),
    query=_reads,
    lines=_read_lines,
)  # fmt: skip


def _imports(actor: Actor, wanted: Wanted) -> Query:
    query = (
        sa.select(
            Import.company_id, Import.kind, Import.filename, Import.size, Import.sha256, Import.state, Import.rows_all,
            Import.counts["new"].as_integer(), Import.counts["changed"].as_integer(),
            Import.counts["wrong"].as_integer(), Import.by_name, Import.made_at, Import.applied_at, Market.name,
        )
        .select_from(Import)
        .join(Market, Market.id == Import.market_id)
    )  # fmt: skip
    if kind := wanted.get("kind"):
        query = query.where(Import.kind == kind)
    return in_markets(query, Import.market_id, actor, wanted).order_by(Import.id.desc())


IMPORTS = Listing(
    code=Listed.IMPORTS,
    needs=May.IMPORT,
    columns=(
        Column(_l("导入内容")), Column(_l("文件名"), WIDE), Column(_l("大小（字节）"), NARROW),
        Column(_l("校验码（SHA-256）"), 66), Column(_l("状态"), NARROW), Column(_l("行数"), NARROW),
        Column(_l("新增"), NARROW), Column(_l("更新"), NARROW), Column(_l("有错"), NARROW),
        Column(_l("导入的人"), is_personal=True), Column(_l("交来时间"), 18), Column(_l("导入时间"), 18),
        Column(_l("市场"), WIDE),
    ),
    filters=(MARKET, word("kind", _l("导入内容"), ImportKind)),
    query=_imports,
    lines=as_they_are,
)  # fmt: skip
