"""The ways of the portal: who sees which, and which one a page lies on."""

import re

import pytest
from flask import Flask

from tests.people import Cast
from tests.visitors import Visitor

CURRENT = re.compile(r'<a href="([^"]+)" aria-current="page"')


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("/today", "/today"),
        ("/records", "/records"),
        ("/account", "/account"),
        ("/account/sign-ins", "/account"),
    ],
)
def test_a_page_lies_on_the_way_whose_address_it_continues(
    app: Flask, cast: Cast, path: str, way: str
) -> None:
    answer = Visitor(app).sign_in("mai").get(path)
    assert set(CURRENT.findall(answer.text)) == {way}


@pytest.mark.parametrize(("who", "first"), [("mai", "/today"), ("kuang", "/today"), ("gu", "/reviews")])
def test_the_way_in_leads_to_what_the_day_begins_with(app: Flask, cast: Cast, who: str, first: str) -> None:
    assert Visitor(app).sign_in(who).get("/").location == first
