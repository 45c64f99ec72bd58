"""Visitors: a browser without scripts, one request a fresh context, as a server gives it."""

import contextvars
import re
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.accounts.models import Person, Stage
from portal.accounts.operations import sessions
from portal.accounts.operations.sessions import Started
from portal.accounts.operations.sessions import Visitor as Browser
from portal.core import clock, db, once
from portal.core.actor import SYSTEM

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')


def _at(moment: datetime, call: Any, *args: Any, **kwargs: Any) -> Any:
    """The test's time alone goes with a visitor; everything else a request finds for itself."""
    with clock.at(moment):
        return call(*args, **kwargs)


def _begun(username: str) -> Started:
    with db.acting(SYSTEM(None)) as session:
        person = session.scalars(sa.select(Person).where(Person.username == username)).one()
        started = sessions.begin(person, Browser())
        return started if started.stage is Stage.FULL else sessions.advance(started.sign_in, Browser())


class Visitor:
    """One person's browser."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.token = ""

    def _open(self, path: str, **options: Any) -> TestResponse:
        answer: TestResponse = contextvars.Context().run(_at, clock.now(), self.client.open, path, **options)
        if answer.mimetype == "text/html" and (found := TOKEN.search(answer.text)):
            self.token = found.group(1) or found.group(2)
        return answer

    def get(self, path: str, **options: Any) -> TestResponse:
        """Look at a page."""
        return self._open(path, method="GET", **options)

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, token: str | None = None, **options: Any
    ) -> TestResponse:
        """Send a form of the page looked at last, its tokens with it."""
        fields = {"csrf_token": self.token, "once": token or once.new_token()} | (data or {})
        return self._open(path, method="POST", data=fields, **options)

    def script(self, method: str, path: str, **options: Any) -> TestResponse:
        """Ask as one of the portal's own scripts does."""
        headers = {"X-Requested-With": "fetch", "X-CSRFToken": self.token, "Once": once.new_token()}
        return self._open(path, method=method, headers=headers | options.pop("headers", {}), **options)

    def sign_in(self, username: str) -> "Visitor":
        """Sign in as whoever knows the password and holds the telephone, without the pages.

        accounts/test_door.py walks those; here a session is begun and proved, and the browser given its token.
        """
        started = contextvars.Context().run(_at, clock.now(), _begun, username)
        with self.client.session_transaction() as session:
            session.clear()
            session.update({"_user_id": started.token, "_fresh": True})
        self.get("/account")
        return self


def cookie_of(app: Flask, username: str) -> str:
    """The session cookie of somebody who has just signed in, for a real browser."""
    cookie = Visitor(app).sign_in(username).client.get_cookie("portal")
    assert cookie is not None
    return cookie.value
