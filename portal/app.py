"""The application, put together: settings, gate, areas, error pages."""

import hashlib
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import tables
from portal.accounts import signin
from portal.accounts.routes import area as accounts_area
from portal.core import db, secrets_box
from portal.core.settings import Settings
from portal.evidence import storage
from portal.evidence.routes import area as evidence_area
from portal.exchange.routes import area as exchange_area
from portal.frontdoor.routes import area as frontdoor_area
from portal.insight.routes import area as insight_area
from portal.markets.routes import area as markets_area
from portal.notices import queries as notices
from portal.notices.routes import area as notices_area
from portal.selfcheck.routes import area as selfcheck_area
from portal.territory.routes import area as territory_area
from portal.web import errors, gate, headers, limits, pages
from portal.web.area import limiter
from portal.web.gate import Portal, Wiring
from portal.web.site import area as site_area

AREAS = (
    site_area,
    territory_area,
    accounts_area,
    evidence_area,
    notices_area,
    markets_area,
    selfcheck_area,
    frontdoor_area,
    insight_area,
    exchange_area,
)

WIRING = Wiring(
    who_is_it=signin.who_is_it,
    keep_form=signin.keep_form,
    memberships=signin.memberships,
    unread=lambda actor: notices.unread(actor.person_id),
    set_preferences=signin.set_preferences,
)


def create_app(settings: Settings | None = None, *, strict: bool = False) -> Portal:
    """The portal for these settings (else the environment's).  ``strict`` is for tests: slow work in a write fails."""
    settings = settings or Settings.from_environment()
    app = Portal("portal")
    _configure(app, settings)
    if settings.proxies:  # else a forwarded address is a claim anybody can make
        app.wsgi_app = ProxyFix(app.wsgi_app, settings.proxies, settings.proxies, settings.proxies)  # type: ignore[method-assign]
    tables.load()
    db.use(settings.database_url, strict=strict)
    secrets_box.use(settings.secret_key, *settings.old_secret_keys)
    storage.use(settings)
    limits.limit(app)
    limiter.init_app(app)
    gate.stand(app, WIRING)
    signin.prepare(app)
    pages.furnish(app)
    headers.head(app)
    errors.speak(app)
    for area in AREAS:
        app.register_blueprint(area)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=[*settings.old_secret_keys],
        SESSION_COOKIE_NAME="__Host-portal" if settings.is_production else "portal",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_CHECK_DEFAULT=False,  # the gate asks, after it knows who is there
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=bool(settings.redis_url),
        TRUSTED_HOSTS=[*settings.trusted_hosts],
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
        PORTAL_SETTINGS=settings,
    )
    app.jinja_options = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    app.url_defaults(_version_static)


def _version_static(endpoint: str, values: dict[str, Any]) -> None:
    """Name a static file's content in its address, so that browsers may keep it for a year."""
    if endpoint == "static" and "filename" in values:
        values["v"] = _content_hash(values["filename"])


@cache
def _content_hash(filename: str) -> str:
    path = Path(__file__).parent / "static" / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10] if path.is_file() else "0"
