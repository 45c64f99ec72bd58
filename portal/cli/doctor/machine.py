"""What the installation stands on: settings, fonts, disk."""

import shutil
import stat
from pathlib import Path

import sqlalchemy as sa

from portal.cli.doctor.findings import Look, Said, ok, warn, wrong
from portal.core import paper

LITTLE, TOO_LITTLE = 2 << 30, 256 << 20
"""Bytes free on the disk of files and database."""


def settings(look: Look) -> Said:
    """Read already, so they are not unsafe; whether they are those of a real installation is said here."""
    ours = look.settings
    if not ours.is_production:
        yield warn("PORTAL_ENV is not production: a demo may be told and nothing unsafe is refused")
        return
    yield ok(f"production at {ours.base_url}, answering to {len(ours.trusted_hosts)} names")
    for path in _private(look):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o007:
            yield warn(f"{path} may be read by every user of this machine")
    if ours.old_secret_keys:
        yield warn("OLD_SECRET_KEYS are set: run portal rotate-key, then take them out")


def _private(look: Look) -> list[Path]:
    url = sa.make_url(look.settings.database_url)
    database = [Path(url.database or "")] if url.get_backend_name() == "sqlite" else []
    return [look.settings.home / "secret.key", look.settings.files, *database]


def fonts(_: Look) -> Said:
    """Without them papers come out empty."""
    gone = [name for name, path in paper.FONTS.items() if not path.is_file()]
    yield wrong(f"missing: {', '.join(gone)}") if gone else ok(", ".join(paper.FONTS))


def disk(look: Look) -> Said:
    """Where files and database lie."""
    free = shutil.disk_usage(look.settings.home).free
    words = f"{free >> 20} MB free at {look.settings.home}"
    yield wrong(words) if free < TOO_LITTLE else warn(words) if free < LITTLE else ok(words)
