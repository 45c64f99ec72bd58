"""An area is a blueprint whose every route says which right it takes."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

from flask import Blueprint
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address)
Prelude = Callable[[], Any]
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
SMALL_BODY = 1_000_000
PHOTO_BODY = 128_000_000  # six phone photos of 20 MB and the form around them


class Area(Blueprint):
    """A package's pages.  A route without ``needs`` does not even import.

    ``prelude`` names callables run before the write transaction begins (photos staged, a PIN checked);
    ``web.gate.prelude`` hands over what they returned.  ``body`` is the largest request in bytes, ``rate`` how often
    one address may ask ("60 per minute"), for pages that open without an account.  ``repeats``: the same write sent
    again is done again, where the first answer alone carried what the browser needs (the token of a new session).
    """

    def route(  # type: ignore[override]
        self,
        rule: str,
        *,
        needs: StrEnum,
        prelude: Sequence[Prelude] = (),
        body: int = SMALL_BODY,
        rate: str = "",
        repeats: bool = False,
        **options: Any,
    ) -> Callable[[Any], Any]:
        register = super().route(rule, **options)

        def declare(view: Any) -> Any:
            view = limiter.limit(rate)(view) if rate else view
            view.needs = needs
            view.prelude = tuple(prelude)
            view.body = body
            view.repeats = repeats
            return register(view)

        return declare

    def get(self, rule: str, **options: Any) -> Callable[[Any], Any]:
        """A page that is only read."""
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule: str, **options: Any) -> Callable[[Any], Any]:
        """A deed without a page of its own."""
        return self.route(rule, methods=["POST"], **options)

    def put(self, rule: str, **options: Any) -> Callable[[Any], Any]:
        """A thing a script saves under a number it made itself."""
        return self.route(rule, methods=["PUT"], **options)

    def form(self, rule: str, **options: Any) -> Callable[[Any], Any]:
        """A page with a form on it: shown by GET, sent by POST."""
        return self.route(rule, methods=["GET", "POST"], **options)
