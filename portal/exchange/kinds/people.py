"""The company's people in a workbook: let in as what they are, and given posts in the market."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import joinedload

from portal.accounts.models import Membership, Person
from portal.accounts.operations import people
from portal.accounts.operations.people import PersonCard
from portal.core import clock, db
from portal.core.actor import COMPANY_ROLES, Actor, Role
from portal.exchange.kinds.base import BETWEEN, NEEDED, Change, Judge, Line, Taken, named
from portal.exchange.models import ImportKind
from portal.exchange.workbooks import cleaning, table
from portal.exchange.workbooks.headers import Header
from portal.exchange.workbooks.reading import Row
from portal.markets import numbers, operations, queries
from portal.markets.models import Market, Post, PostKind
from portal.markets.operations.posts import first_day
from portal.territory.models import Organisation

ROLES = tuple(role for role in Role if role in COMPANY_ROLES)


@dataclass(frozen=True, slots=True)
class Act:
    """What a row says about one person; ``role`` where he is to be let in as it."""

    card: PersonCard
    person_id: int | None
    role: Role | None
    posts: list[PostKind] = field(default_factory=list)
    from_on: date | None = None


class PersonJudge(Judge):
    """Judges rows that are people."""

    kind = ImportKind.PEOPLE
    most_rows = 500

    def __init__(self, market: Market, header: Header, actor: Actor) -> None:
        super().__init__(market, header, actor)
        self.roles, self.posts = named(ROLES, "role"), named(PostKind, "post")
        self.parts = _parts(market)
        self.held = {
            (post.person_id, post.kind)
            for post in db.session.scalars(
                sa.select(Post).where(Post.market_id == market.id, Post.to_on.is_(None))
            )
        }

    def judge(self, row: Row) -> Line:
        taken = Taken(self.header, row)
        card = PersonCard(taken.text("name"), taken.number("phone"))
        if not card.phone:
            taken.wrong("phone", NEEDED)
        person = taken.rule("phone", lambda: people.account_of(card)) if card.phone else None
        _move_name_fault(taken, card)
        role = self._role(taken, person)
        posts = self._posts(taken, person)
        from_on = taken.cell("from_on", cleaning.day)
        if from_on is not None:
            taken.rule("from_on", lambda: first_day(from_on))
        line = Line(
            row.number, card.name, person is None or not self.parts.get(person.id), faults=taken.faults
        )
        line.act = Act(card, person.id if person else None, role, posts, from_on or clock.today())
        line.changes = _changes(line, card, posts)
        return line

    def _role(self, taken: Taken, person: Person | None) -> Role | None:
        """As what somebody is to be let in, None where he is that already."""
        role: Role | None = taken.cell("role", cleaning.one_of, self.roles, _no_role)
        own = self.parts.get(person.id, set()) if person else set()
        if role is None and not own:
            taken.wrong("role", NEEDED)
        if role in own:
            return None
        if role is not None and person is not None and person.id == self.actor.person_id:
            taken.wrong("role", _l("自己的身份不能自己加。"))
        return role

    def _posts(self, taken: Taken, person: Person | None) -> list[PostKind]:
        """The posts he does not hold yet."""
        posts: list[PostKind] = []
        for word in taken.cell("posts", cleaning.several) or []:
            kind = self.posts.get(table.plain_word(word))
            if kind is None:
                taken.wrong("posts", _l("不认得岗位“%(word)s”。请从模板的下拉里选。", word=word[:30]))
            elif kind not in posts and (person is None or (person.id, kind) not in self.held):
                posts.append(kind)
        return posts

    def compare(self, lines: list[Line]) -> None:
        """Two rows of one person."""
        self.refuse_twins(lines, "phone", lambda line: line.act.card.phone, _twins)

    def take_over(self, lines: list[Line]) -> None:
        company = db.session.get_one(Organisation, self.market.company_id)
        for act in (line.act for line in lines):
            person = db.session.get(Person, act.person_id) if act.person_id else None
            if act.role is not None:
                person = people.add_person(act.card, company, act.role, self.actor).person
                db.session.flush()
            assert person is not None, "let in now or before"
            for kind in act.posts:
                operations.appoint(self.market, person, kind, act.from_on, self.actor)

    def choices(self, name: str) -> list[str]:
        members: dict[str, Any] = {"roles": ROLES, "posts": PostKind}
        return [str(one.label) for one in members[name]] if name in members else super().choices(name)


def _parts(market: Market) -> dict[int, set[Role]]:
    """What the people of the managing company are today, by person."""
    found: dict[int, set[Role]] = {person.id: set() for person in queries.colleagues(market.company_id)}
    query = sa.select(Membership).where(
        Membership.organisation_id == market.company_id,
        Membership.person_id.in_(list(found)),
        Membership.ended_at.is_(None),
    )
    for part in db.session.scalars(query.options(joinedload(Membership.person))):
        if part.is_current(clock.today()):
            found[part.person_id].add(part.role)
    return found


def _move_name_fault(taken: Taken, card: PersonCard) -> None:
    """A name that cannot be is told at the name, also where the number is what was looked up."""
    if not card.name:
        taken.wrong("name", NEEDED)


def _changes(line: Line, card: PersonCard, posts: list[PostKind]) -> list[Change]:
    if line.faults:
        return []
    found = []
    if line.act.role is not None:
        label: Any = line.act.role.label
        found += [Change("role", "", str(label)), Change("phone", "", numbers.masked_phone(card.phone))]
    if posts:
        labels: list[Any] = [kind.label for kind in posts]
        found.append(Change("posts", "", BETWEEN.join(map(str, labels))))
    return found


def _no_role(typed: str) -> Any:
    return _l("不认得身份“%(word)s”。请从模板的下拉里选一个。", word=typed)


def _twins(_phone: str, rows: str) -> Any:
    return _l("第 %(rows)s 行是同一个手机号。几个岗位的写在一行，用分号隔开。", rows=rows)
