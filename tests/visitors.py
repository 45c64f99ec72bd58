"""Visitors: a browser without scripts, one request a fresh context, as a server gives it."""

import contextvars
import re
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.core import clock, once
from tests import people

TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="csrf_token"')


def _at(moment: datetime, call: Any, *args: Any, **kwargs: Any) -> Any:
    """The test's time alone goes with a visitor; everything else a request finds for itself."""
    with clock.at(moment):
        return call(*args, **kwargs)


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
        """Sign in by the pages, second factor included where it is asked for."""
        self.get("/sign-in")
        answer = self.post("/sign-in", {"username": username, "password": people.PASSWORD})
        assert answer.status_code == 303, answer.text
        if "second-factor" in answer.location:
            self._prove(answer.location)
        self.get("/account")
        return self

    def _prove(self, path: str) -> None:
        """A code is taken once: whoever signs in again in the same half minute gives the next one."""
        self.get(path)
        for seconds in (-30, 0, 30):
            with clock.at(clock.now() + timedelta(seconds=seconds)):
                code = people.code_now()
            answer = self.post(path, {"code": code})
            if answer.status_code == 303:
                return
        raise AssertionError(answer.text)
