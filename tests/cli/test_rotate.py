"""Another key: everything is sealed anew while people work, and a run that was killed is simply begun again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from portal.cli import rotate
from portal.core import db, secrets_box
from portal.core.db import Base
from portal.core.reach import Reach, Sight
from portal.markets import operations
from portal.markets.models import Vendor, VendorKind
from portal.markets.operations import identity
from tests.conftest import SECRET
from tests.markets.conftest import OWN_ID, vendor_facts, vendor_of

NEW = b"another secret of the tests, as long as the first"
OTHER_ID = "11010519491231002X"
MANY = 250


@pytest.fixture
def farmers(cast) -> Iterator[list[int]]:
    """Some vendors known by their identity numbers."""
    yield _register(cast, 7)
    secrets_box.use(SECRET)


def _register(cast, number):
    facts = vendor_facts(kind=VendorKind.OWN_PRODUCE, uscc="", identity=OWN_ID)
    with db.acting(cast.kuang):
        market = cast.market()
        return [operations.register_vendor(market, facts, cast.kuang).id for _ in range(number)]


def numbers(cast, ids):
    with db.acting(cast.kuang):
        return {identity.number_of(vendor_of(one)) for one in ids}


def ids_column():
    return next(one for one in rotate.sealed_columns() if one.title == "vendor.id_sealed")


def test_every_column_that_holds_secrets_is_known_to_the_rotation():
    known = {sealed.title for sealed in rotate.sealed_columns()}
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_sealed") or column.name in {"totp_secret", "totp_pending"}
    }
    assert known == named


def test_a_run_that_ends_half_way_goes_on_and_then_the_old_key_may_go(cast, farmers, monkeypatch):
    secrets_box.use(NEW, SECRET)
    assert numbers(cast, farmers) == {OWN_ID}
    monkeypatch.setattr(rotate, "BATCH", 3)
    calls = iter(range(100))

    def killed(self, row_id, text):
        if next(calls) == 4:
            raise KeyboardInterrupt
        return real(self, row_id, text)

    real = rotate.Sealed.anew
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(rotate.Sealed, "anew", killed)
        rotate.reseal(ids_column())
    assert numbers(cast, farmers) == {OWN_ID}
    count = rotate.reseal(ids_column())
    assert (count.anew, count.already, count.shut) == (4, 3, [])
    for other in rotate.sealed_columns():
        rotate.reseal(other)
    assert rotate.left_over() == 0
    secrets_box.use(NEW)
    assert numbers(cast, farmers) == {OWN_ID}


def test_what_somebody_changed_meanwhile_is_not_put_back(cast, farmers, monkeypatch):
    secrets_box.use(NEW, SECRET)
    first, real = farmers[0], rotate.Sealed.anew

    def overtaken(self, row_id, text):
        if row_id == first:
            own = sa.update(Vendor).where(Vendor.id == first)
            about = secrets_box.about("vendor", "id_sealed", first)
            db.session.execute(own.values(id_sealed=secrets_box.seal(OTHER_ID.encode(), about)))
        return real(self, row_id, text)

    monkeypatch.setattr(rotate.Sealed, "anew", overtaken)
    assert rotate.reseal(ids_column()).anew == len(farmers) - 1
    assert numbers(cast, [first]) == {OTHER_ID}


def test_a_key_nobody_named_is_told_and_breaks_nothing(cast, farmers):
    secrets_box.use(NEW)
    assert rotate.reseal(ids_column()).shut == farmers
    assert rotate.left_over() >= len(farmers)
    secrets_box.use(NEW, SECRET)
    assert numbers(cast, farmers) == {OWN_ID}


@pytest.mark.slow
def test_the_command_is_killed_while_people_work_and_begun_again(cast, farmers, settings):
    many = _register(cast, MANY)
    secrets_box.use(NEW, SECRET)
    env = {
        "PORTAL_HOME": str(settings.home),
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": NEW.decode(),
        "OLD_SECRET_KEYS": SECRET.decode(),
    }
    command = [sys.executable, "-c", "from portal.cli.rotate import rotate_key; rotate_key()"]
    first = subprocess.Popen(command, env=os.environ | env, stdout=subprocess.DEVNULL)
    _work(cast, farmers[0], first)
    first.send_signal(signal.SIGKILL)
    first.wait()
    said = CliRunner().invoke(rotate.rotate_key, env=env)
    assert said.exit_code == 0 and "sealed under the key of now" in said.output
    secrets_box.use(NEW)
    assert numbers(cast, many) == {OWN_ID}
    with db.acting(cast.kuang):
        assert vendor_of(farmers[0]).goods.startswith("第")


def _work(cast, vendor_id, process):
    """Save a file again and again until the other process has begun to seal."""
    for turn in range(400):
        with db.acting(cast.kuang):
            facts = vendor_facts(kind=VendorKind.OWN_PRODUCE, uscc="", goods=f"第 {turn} 次")
            operations.edit_vendor(vendor_of(vendor_id), facts, vendor_of(vendor_id).version, cast.kuang)
        with db.opened(Reach(Sight.CITY), writes=False) as session:
            first = session.scalars(sa.select(Vendor.id_sealed).order_by(Vendor.id)).first()
        if secrets_box.is_current(first or "") or process.poll() is not None:
            return
        time.sleep(0.01)
