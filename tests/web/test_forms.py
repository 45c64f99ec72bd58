"""Forms: what WTForms says by itself is said in the reader's language."""

import pytest
from flask import Flask
from wtforms import SelectMultipleField

from portal.web.forms import PortalForm


class ChooseForm(PortalForm):
    among = SelectMultipleField("哪些", choices=["a", "b"])


@pytest.mark.parametrize(("language", "words"), [("zh-CN", "请从列出的里面选一项。"), ("en", "Choose")])
def test_a_choice_that_is_none_is_refused_in_the_readers_language(
    app: Flask, language: str, words: str
) -> None:
    given = {"data": {"among": ["z"]}, "method": "POST", "headers": {"Accept-Language": language}}
    with app.test_request_context("/", **given):
        form = ChooseForm(meta={"csrf": False})
        assert not form.validate()
        assert next(str(said) for said in form.among.errors).startswith(words)
