"""What an installation may set, read once from the environment."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SHORTEST_SECRET = 32


class UnsafeSettings(RuntimeError):
    """The settings would make a production installation unsafe; the text says which and why."""


@dataclass(frozen=True)
class Settings:
    """Everything the portal is told from outside.

    ``home`` holds the database, the files and the generated key of an installation that names none.
    """

    home: Path
    database_url: str
    secret_key: bytes
    environment: str = "development"
    base_url: str = "http://127.0.0.1:8000"
    redis_url: str = ""
    storage_url: str = ""
    trusted_hosts: tuple[str, ...] = field(default=("127.0.0.1", "localhost", "[::1]"))

    old_secret_keys: tuple[bytes, ...] = ()
    """Secrets of before, while something is still sealed under them (``portal rotate-key``)."""

    proxies: int = 0
    """How many reverse proxies of ours stand before the portal; their word on address and scheme is taken."""

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def files(self) -> Path:
        """The folder of photos and documents."""
        return self.home / "files"

    @classmethod
    def from_environment(cls, given: Mapping[str, str] | None = None) -> "Settings":
        """Read the settings README.md lists, PORTAL_HOME to TRUSTED_HOSTS.

        Raises UnsafeSettings where production lacks a long secret, an https address or a database of its own.
        """
        env = os.environ if given is None else given
        home = Path(env.get("PORTAL_HOME") or "var").absolute()
        environment = env.get("PORTAL_ENV") or "development"
        base_url = env.get("BASE_URL") or f"http://127.0.0.1:{env.get('PORT') or 8000}"
        hosts = _listed(env, "TRUSTED_HOSTS")
        settings = cls(
            home=home,
            database_url=env.get("DATABASE_URL") or f"sqlite:///{home / 'portal.db'}",
            secret_key=_secret(env, home, environment),
            environment=environment,
            base_url=base_url.rstrip("/"),
            redis_url=env.get("REDIS_URL") or "",
            storage_url=env.get("STORAGE_URL") or "",
            trusted_hosts=hosts or cls.trusted_hosts,
            old_secret_keys=_old_keys(env),
            proxies=int(env.get("PROXIES") or 0),
        )
        if settings.is_production:
            _refuse_unsafe(settings, hosts)
        return settings


def _listed(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in (env.get(name) or "").split(",") if one.strip())


def _old_keys(env: Mapping[str, str]) -> tuple[bytes, ...]:
    """The keys between the commas, and the whole: a single key may have a comma in it."""
    whole, parts = env.get("OLD_SECRET_KEYS") or "", _listed(env, "OLD_SECRET_KEYS")
    return tuple(key.encode() for key in dict.fromkeys((*parts, whole)) if key)


def _secret(env: Mapping[str, str], home: Path, environment: str) -> bytes:
    if given := env.get("SECRET_KEY"):
        return given.encode()
    if environment == "production":
        raise UnsafeSettings("SECRET_KEY is not set")
    return _kept_secret(home / "secret.key")


def _kept_secret(path: Path) -> bytes:
    """The key of a development installation: made once, readable by its owner alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = secrets.token_hex(SHORTEST_SECRET)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "w") as file:
        file.write(fresh)
    return fresh.encode()


def _refuse_unsafe(settings: Settings, hosts: tuple[str, ...]) -> None:
    if len(settings.secret_key) < SHORTEST_SECRET:
        raise UnsafeSettings(f"SECRET_KEY is shorter than {SHORTEST_SECRET} bytes")
    if not settings.base_url.startswith("https://"):
        raise UnsafeSettings("BASE_URL must begin with https:// in production")
    if not hosts:
        raise UnsafeSettings("TRUSTED_HOSTS names no host")
