"""What auditors and those who run the portal see: the journal, the read log, the portal's health."""

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from flask import Flask

from portal import core
from portal.core import clock, db, errands, journal
from portal.core.actor import SYSTEM, Role
from portal.core.errands import Errand, State
from portal.core.readlog import PersonalRead
from portal.core.workflow import Workflow
from portal.insight.queries import log, reads, words
from portal.markets import workflow as markets
from portal.selfcheck import workflow as selfcheck
from tests.people import Cast
from tests.visitors import Visitor

PORTAL = Path(core.__file__).parents[1]


def _written() -> Iterator[str]:
    """Every verb the code gives the journal by its name."""
    for path in PORTAL.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and ast.unparse(node.func) == "journal.write"
                and len(node.args) > 2
            ):
                match node.args[2]:
                    case ast.Constant(value=str(verb)):
                        yield verb
                    case ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=str(other))):
                        yield from (one, other)


def test_every_verb_of_the_journal_has_words() -> None:
    tables = [
        one for room in (markets, selfcheck) for one in vars(room).values() if isinstance(one, Workflow)
    ]
    verbs = {*_written(), *(move.verb for table in tables for move in table.moves)}
    assert len(verbs) > 60
    assert verbs - set(words.VERBS) == set()


def as_(app: Flask, name: str) -> Visitor:
    return Visitor(app).sign_in(name)


def test_the_auditor_finds_who_did_what_by_name_deed_and_day(app: Flask, cast: Cast) -> None:
    with db.acting(cast.kuang):
        market = cast.market()
        journal.write(market, cast.kuang, "edit_market", "改了电话")
    auditor = as_(app, "shen")
    found = auditor.get("/log", query_string={"name": cast.kuang.name, "verb": "edit_market"}).text
    assert "改了电话" in found and cast.kuang.name in found
    assert "改了电话" not in auditor.get("/log", query_string={"name": "没有这个人"}).text
    assert "改了电话" not in auditor.get("/log", query_string={"last": "2020-01-01"}).text
    answer = auditor.get("/log", query_string={"first": "不是日子"})
    assert answer.status_code == 200 and "error" in answer.text


def test_a_refused_deed_is_in_the_journal(app: Flask, cast: Cast) -> None:
    assert as_(app, "mai").get("/log").status_code == 403
    assert "/log" in as_(app, "shen").get("/log?verb=denied").text


def test_a_long_journal_is_read_page_by_page_and_no_line_twice(app: Flask, cast: Cast) -> None:
    with db.acting(cast.kuang):
        market = cast.market()
        for number in range(60):
            journal.write(market, cast.kuang, "edit_market", f"第{number:02d}次")
    with db.acting(cast.shen):
        first = log.find(log.Wanted(verb="edit_market"))
        second = log.find(log.Wanted(verb="edit_market", before=first.next_before))
        seen = [line.note for line in (*first.lines, *second.lines)]
    assert seen == [f"第{number:02d}次" for number in reversed(range(60))] and second.next_before is None


def test_a_read_is_seen_by_the_auditor_the_company_and_the_vendor_alone(cast: Cast) -> None:
    with db.acting(SYSTEM(None)) as session:
        for company, vendor in (
            (cast.east.company_id, 7),
            (cast.east.company_id, 8),
            (cast.west.company_id, 7),
        ):
            session.add(
                PersonalRead(
                    person_id=1, reader="样看", role="market_manager", organisation_id=1, what="identity",
                    subject_kind="vendor", subject_id=vendor, company_id=company, reason="核对合同",
                )
            )  # fmt: skip
    vendor = replace(cast.kuang, role=Role.VENDOR, vendor_id=7)
    for who, count in ((cast.shen, 3), (cast.kuang, 2), (vendor, 2), (cast.mai, 0)):
        with db.acting(who):
            assert len(reads.find(who).reads) == count


def test_a_parked_errand_is_tried_again_and_done(app: Flask, cast: Cast) -> None:
    with db.acting(SYSTEM(None)) as session:
        parked = Errand(name="core.sweep", key="once", sight="", reach_key="", data={}, due_at=clock.now())
        parked.status, parked.attempts, parked.error = State.PARKED, 7, "OSError: no room"
        session.add(parked)
        session.flush()
        number = parked.id
    admin = as_(app, "guan")
    assert "OSError: no room" in admin.get("/status").text
    assert admin.post(f"/status/errands/{number}/again").status_code == 303
    assert admin.post(f"/status/errands/{number}/again").status_code == 404
    errands.drain()
    with db.reading() as session:
        assert session.get_one(Errand, number).status is State.DONE
