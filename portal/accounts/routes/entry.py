"""The area of accounts, and what its pages share."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import make_response, request
from flask.typing import ResponseReturnValue

from portal.accounts.operations.throttle import TooOften
from portal.web.area import SAFE, Area, Prelude
from portal.web.forms import PortalForm, told
from portal.web.gate import prelude
from portal.web.pages import page

area = Area("accounts", __name__)


@contextmanager
def guessed(form: PortalForm, field: str = "code") -> Iterator[None]:
    """Put what a guess runs into beside its field, too many tries included."""
    try:
        with told(form):
            yield
    except TooOften as refusal:
        form[field].errors = [*form[field].errors, refusal.words]
        form.is_too_often = True


def show(
    template: str, form: PortalForm, *, checked: Prelude | None = None, **context: Any
) -> ResponseReturnValue:
    """A page with a form; 429 where it comes back because of too many tries, here or in the prelude ``checked``."""
    answer = make_response(page(template, form=form, **context))
    was_checked = checked is not None and request.method not in SAFE
    if getattr(form, "is_too_often", False) or (was_checked and checked and prelude(checked).is_too_often):
        answer.status_code = 429
    return answer


def onward() -> str:
    """Where the reader wanted to go, as the address says; not to be trusted."""
    return request.args.get("next", "")
