"""Two floors under the figures: a Flask page that says nothing, and a bare view that makes the same inserts.

The second takes the same form, cookie and all, and writes the rows of one real submission anew: the same columns,
the same sizes, one transaction, the portal's own engine with its pragmas and its pool.  It reads nothing, checks
nothing and knows nobody.
"""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from portal.core import db
from portal.core.digests import digest_of
from portal.core.door import Door
from portal.core.journal import JournalLine
from portal.core.once import Once
from portal.core.reach import beyond_reach
from portal.core.settings import Settings
from portal.selfcheck.models import Answer, Occurrence, Submission

EMPTY = "portal.bench.floors:empty()"
INSERTS = "portal.bench.floors:inserts()"
PAGE = "<!doctype html><title>-</title><p>-</p>"
CHANGED = (
    "state",
    "answered",
    "failed",
    "submitted_at",
    "submitted_by_id",
    "submitted_by_name",
    "review_kind",
    "review_due_at",
    "version",
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Pattern:
    """The rows one real submission left behind, without their ids."""

    once: Row
    answers: list[Row]
    submission: Row
    doors: list[Row]
    journal: list[Row]
    occurrence: Row


def empty() -> Flask:
    """A page that says nothing."""
    app = Flask("empty")
    app.add_url_rule("/", view_func=lambda: PAGE)
    return app


def inserts() -> Flask:
    """A view that writes what a submission writes, and sends on to the next page."""
    database = db.use(Settings.from_environment().database_url)
    writer = database.engine.execution_options(**{db.WRITES: True})
    pattern = pattern_of_the_first()
    app = Flask("inserts")

    @app.post("/checks/<int:check>/submit")
    def submit(check: int) -> ResponseReturnValue:
        with writer.begin() as connection:
            _write(connection, pattern, check, request.form.to_dict())
        return redirect(f"/checks/{check}", 303)

    return app


def pattern_of_the_first() -> Pattern:
    """The pattern, from the submission that stands in the database in use."""
    with beyond_reach("bench"), db.opened(None, writes=False) as own:
        submission = own.scalars(sa.select(Submission).order_by(Submission.id).limit(1)).one()
        check = submission.occurrence_id
        doors = sa.select(Door).where(Door.opens == "submission", Door.subject_id == submission.id)
        journal = sa.select(JournalLine).where(
            JournalLine.subject_kind == Occurrence.__tablename__, JournalLine.subject_id == check
        )
        return Pattern(
            once=_row(own.scalars(sa.select(Once).limit(1)).one()),
            answers=[
                _row(one) for one in own.scalars(sa.select(Answer).where(Answer.occurrence_id == check))
            ],
            submission=_row(submission),
            doors=[_row(one) for one in own.scalars(doors)],
            journal=[_row(one) for one in own.scalars(journal)],
            occurrence={name: getattr(own.get_one(Occurrence, check), name) for name in CHANGED},
        )


def _write(connection: sa.Connection, pattern: Pattern, check: int, form: Row) -> None:
    content = {**pattern.submission["content"], "ref": form["once"]}
    digest = digest_of(content)
    made = {**pattern.submission, "occurrence_id": check, "content": content, "digest": digest}
    connection.execute(_table(Once).insert(), {**pattern.once, "token_hash": digest})
    connection.execute(_table(Answer).insert(), [{**row, "occurrence_id": check} for row in pattern.answers])
    key = connection.execute(_table(Submission).insert(), made).inserted_primary_key
    assert key is not None, "a row has a number"
    doors = [
        {**row, "token_hash": digest_of([digest, n]), "subject_id": key[0]}
        for n, row in enumerate(pattern.doors)
    ]
    connection.execute(_table(Door).insert(), doors)
    connection.execute(
        _table(JournalLine).insert(), [{**row, "subject_id": check} for row in pattern.journal]
    )
    connection.execute(_table(Occurrence).update().where(Occurrence.id == check), pattern.occurrence)


def _table(cls: Any) -> sa.Table:
    table: sa.Table = cls.__table__
    return table


def _row(one: Any) -> Row:
    names = sa.inspect(one).mapper.columns.keys()
    return {name: getattr(one, name) for name in names if name != "id"}
