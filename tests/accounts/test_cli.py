"""The first administrator of a fresh installation, and what the night clears away."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from portal.accounts import queries
from portal.accounts.cli import first_admin
from portal.accounts.models import KeptForm, Person
from portal.accounts.operations import kept
from portal.accounts.schedule import sweep
from portal.core import clock, db, schema
from portal.core.actor import SYSTEM, Role
from portal.territory.cli import divisions
from tests.people import Cast


@pytest.fixture
def fresh(new_database: Callable[[], str], cast: Cast) -> None:
    """An installation nobody has used: tables and no rows."""
    schema.create(db.use(new_database(), strict=True).engine)


def test_nobody_is_there_by_default(fresh: None) -> None:
    with db.reading() as session:
        assert session.scalars(sa.select(Person)).all() == []


def test_the_first_administrator_comes_in_by_a_link(fresh: None) -> None:
    assert "load the divisions first" in CliRunner().invoke(first_admin, ["root1", "管某某"]).output
    CliRunner().invoke(divisions)
    answer = CliRunner().invoke(first_admin, ["root1", "管某某"])
    assert answer.exit_code == 0, answer.output
    token = answer.output.strip().rpartition("/link/")[2]
    with db.reading():
        link = queries.find_link(token)
        assert link is not None and link.person.username == "root1" and link.person.password_hash is None
        assert [one.role for one in queries.current_memberships(link.person_id)] == [Role.PLATFORM_ADMIN]
    again = CliRunner().invoke(first_admin, ["root2", "另一个"])
    assert again.exit_code == 1 and "already" in again.output


def test_a_name_that_cannot_be_taken_is_told(fresh: None) -> None:
    CliRunner().invoke(divisions)
    answer = CliRunner().invoke(first_admin, ["X", "管某某"])
    assert answer.exit_code == 1 and "username" in answer.output


def test_the_night_clears_away_what_nobody_can_use(cast: Cast) -> None:
    kept.keep_form("/x", {"note": ["y"]}, cast.mai.person_id)
    with clock.at(clock.now() + timedelta(hours=3)), db.acting(SYSTEM(None)) as session:
        sweep({})
        assert session.scalars(sa.select(KeptForm)).all() == []
