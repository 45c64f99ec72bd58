"""A photo of a paper is shown to whoever reads the paper: the vendor his own, officers of the place, nobody else."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from portal.core import db
from portal.core.actor import Actor, Role
from portal.core.errors import NotThere
from portal.evidence import queries as evidence
from portal.evidence.staging import Staged, stage
from portal.markets import operations
from tests.evidence import pictures
from tests.markets.conftest import OTHER_USCC, kind_of, paper_facts, vendor_actor, vendor_of
from tests.people import Cast


@pytest.fixture
def own(new_vendor: Callable[..., int]) -> int:
    return new_vendor()


@pytest.fixture
def photo(app: Flask, cast: Cast, own: int) -> int:
    """A photo of the permit of a vendor of East; its number."""
    staged = stage(pictures.sent(pictures.photo()), documents=True)
    assert isinstance(staged, Staged)
    with db.acting(cast.kuang) as session:
        paper = operations.record_paper(
            vendor_of(own), kind_of("food_permit"), paper_facts(number="JY24419001234567"), cast.kuang
        )
        session.flush()
        operations.add_photos(paper, [staged], cast.kuang)
        session.flush()
        return evidence.of(paper)[0].id


def is_shown(photo_id: int, who: Actor) -> bool:
    with db.opened(who.reach, writes=False):
        try:
            return evidence.get_shown(photo_id, who).id == photo_id
        except NotThere:
            return False


@pytest.mark.parametrize("who", ["kuang", "mai", "fu", "gu", "qu", "zhen", "xiao", "shi_ban", "shen"])
def test_whoever_reads_the_paper_sees_its_photo(cast: Cast, photo: int, who: str) -> None:
    assert is_shown(photo, getattr(cast, who))


@pytest.mark.parametrize("who", ["west_kuang", "west_qu", "west_zhen", "west_xiao"])
def test_a_stranger_sees_none(cast: Cast, photo: int, who: str) -> None:
    assert not is_shown(photo, getattr(cast, who))


def test_those_who_run_the_platform_see_none_even_with_a_citys_reach(cast: Cast, photo: int) -> None:
    assert not is_shown(photo, replace(cast.shi_ban, role=Role.PLATFORM_ADMIN))


def test_a_vendor_sees_his_own_and_no_other(
    cast: Cast, photo: int, own: int, new_vendor: Callable[..., int]
) -> None:
    other = new_vendor(uscc=OTHER_USCC, name="隔壁的商户")
    assert is_shown(photo, vendor_actor(cast, own))
    assert not is_shown(photo, vendor_actor(cast, other))
