"""References, boxes, settings, doors and rights: small promises everything else leans on."""

from enum import StrEnum
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag

from portal.core import db, door, policy, refs, secrets_box
from portal.core.errors import NotAllowed
from portal.core.policy import Everyone, grant, may
from portal.core.reach import Reach, Sight
from portal.core.settings import Settings, UnsafeSettings
from tests.conftest import SECRET
from tests.people import Cast


def test_a_reference_is_nine_digits_read_aloud_in_threes() -> None:
    ref = refs.new_ref()
    assert refs.is_ref(ref) and refs.is_ref(refs.spoken(ref))
    assert len(refs.spoken(ref).split()) == 3


def test_every_single_slip_and_every_swap_of_neighbours_is_noticed() -> None:
    ref = refs.new_ref()
    slips = [ref[:n] + digit + ref[n + 1 :] for n in range(9) for digit in "0123456789" if digit != ref[n]]
    swaps = [ref[:n] + ref[n + 1] + ref[n] + ref[n + 2 :] for n in range(8) if ref[n] != ref[n + 1]]
    assert not any(refs.is_ref(wrong) for wrong in slips + swaps)


@pytest.mark.parametrize(
    ("typed", "number"),
    [("7", 7), (str(2**63 - 1), 2**63 - 1), (str(2**63), None), ("9" * 40, None), ("-1", None), ("１", None),
     ("", None), ("1e3", None), (" 7", None)],
)  # fmt: skip
def test_a_number_no_row_could_bear_is_none(typed: str, number: int | None) -> None:
    assert db.as_id(typed) == number


def test_the_box_gives_back_what_was_put_in_and_nothing_that_was_touched() -> None:
    secrets_box.use(SECRET)
    sealed = secrets_box.seal("钥匙".encode())
    assert secrets_box.open_(sealed).decode() == "钥匙"
    assert secrets_box.seal("钥匙".encode()) != sealed
    with pytest.raises(InvalidTag):
        secrets_box.open_(sealed[:-8] + ("A" * 7 + "="))


SAFE = {
    "PORTAL_ENV": "production",
    "SECRET_KEY": "k" * 32,
    "BASE_URL": "https://portal.example",
    "TRUSTED_HOSTS": "portal.example",
}


@pytest.mark.parametrize(
    "missing",
    [
        {"SECRET_KEY": ""},
        {"SECRET_KEY": "short"},
        {"BASE_URL": "http://portal.example"},
        {"TRUSTED_HOSTS": ""},
    ],
)
def test_production_refuses_unsafe_settings(missing: dict[str, str], tmp_path: Path) -> None:
    Settings.from_environment(SAFE | {"PORTAL_HOME": str(tmp_path)})
    with pytest.raises(UnsafeSettings):
        Settings.from_environment(SAFE | {"PORTAL_HOME": str(tmp_path)} | missing)


def test_a_development_installation_makes_its_own_key_once(tmp_path: Path) -> None:
    first = Settings.from_environment({"PORTAL_HOME": str(tmp_path)})
    again = Settings.from_environment({"PORTAL_HOME": str(tmp_path)})
    assert first.secret_key == again.secret_key and len(first.secret_key) >= 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


def test_a_door_opens_one_kind_of_thing_until_it_is_revoked(cast: Cast) -> None:
    with db.acting(cast.kuang):
        code = door.make("market", cast.market())
    with db.reading():
        found = door.find("market", code)
        assert found is not None and found.reach == Reach(Sight.COMPANY, str(cast.east.company_id))
        assert door.find("stall", code) is None
        assert door.find("market", code + "x") is None


class Odd(StrEnum):
    """A right nobody holds, and one granted twice."""

    NOBODY = "tests:nobody"
    TWICE = "tests:twice"


def test_a_right_nobody_was_granted_is_nobodys(cast: Cast) -> None:
    assert not may(cast.kuang, Odd.NOBODY)
    assert not may(None, Odd.NOBODY)
    assert may(None, Everyone.MAY_READ)
    with pytest.raises(NotAllowed):
        policy.demand(cast.kuang, Odd.NOBODY)


def test_a_right_is_granted_in_one_place() -> None:
    grant({Odd.TWICE: []})
    with pytest.raises(ValueError):
        grant({Odd.TWICE: []})
