"""Whether an archive is whole: read from end to end before anything is changed for it."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from portal.cli.keeping import archive, rows
from portal.cli.keeping.archive import Files, Manifest, Unfit
from portal.cli.keeping.backup import listing
from portal.core import schema
from portal.core.db import Base

PART = re.compile(r"rows/(\w+)/(\d{6})\.jsonl\.gz")


@dataclass
class _Found:
    """What was met on the way through an archive."""

    sums: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    listed: Any = field(default_factory=hashlib.sha256)
    count: int = 0
    size: int = 0
    manifest: Manifest | None = None

    def see(self, name: str, content: IO[bytes]) -> None:
        if self.manifest is not None:
            raise Unfit(f"something follows its manifest: {name!r}")
        if part := PART.fullmatch(name):
            self._see_part(part[1], rows.unpacked(content))
        elif name.startswith("files/"):
            self._see_file(name.removeprefix("files/"), content)
        elif name == archive.MANIFEST:
            self.manifest = Manifest.read(content.read())
        else:
            raise Unfit(f"it holds {name!r}, which no backup of ours does")

    def _see_part(self, table: str, part: bytes) -> None:
        self.sums.setdefault(table, hashlib.sha256()).update(part)
        self.lines[table] = self.lines.get(table, 0) + part.count(b"\n")

    def _see_file(self, name: str, content: IO[bytes]) -> None:
        sha256, size = archive.sum_of(content)
        self.listed.update(listing(name, size))
        if sha256 != name:
            raise Unfit(f"its file {name} is not what its name says")
        self.count, self.size = self.count + 1, self.size + size


def prove(path: Path, *secret_keys: bytes) -> tuple[Manifest, str]:
    """What a whole archive says of itself, and its SHA-256.  Its seal is looked at where its key is among ours.

    Raises Unfit, with why, where it is none of ours, of a newer format, cut off, damaged, altered, or made at another
    migration than this version's.
    """
    next(
        archive.members(path), None
    )  # its head is read before it is added up: what is none of ours is said so
    sha256, sealed = archive.check_sum(path)
    found = _Found()
    for name, content in archive.members(path):
        found.see(name, content)
    if found.manifest is None:
        raise Unfit("its manifest is missing")
    told = found.manifest
    for key in secret_keys:
        if told.key == archive.fingerprint(key) and not hmac.compare_digest(
            sealed, archive.seal(key, sha256)
        ):
            raise Unfit("it was altered: its seal was not made with this installation's SECRET_KEY")
    _check_fits(told)
    _compare(told, found)
    return told, sha256


def _check_fits(told: Manifest) -> None:
    if told.revision != schema.newest():
        raise Unfit(
            f"it was made at migration {told.revision} by version {told.portal}, this version is at {schema.newest()};"
            " restore it with the version that made it, then run portal upgrade"
        )
    ours = {table.name: rows.Tally(table).kept().columns for table in Base.metadata.sorted_tables}
    if {table.name: table.columns for table in told.tables} != ours:
        raise Unfit("its tables are not the tables of this version")


def _compare(told: Manifest, found: _Found) -> None:
    if strange := found.sums.keys() - {table.name for table in told.tables}:
        raise Unfit(f"it holds rows of {sorted(strange)[0]}, of which its manifest says nothing")
    empty = hashlib.sha256().hexdigest()
    for table in told.tables:
        sum_ = found.sums[table.name].hexdigest() if table.name in found.sums else empty
        if (table.rows, table.sha256) != (found.lines.get(table.name, 0), sum_):
            raise Unfit(f"the rows of {table.name} are not those its manifest speaks of")
    if told.files != Files(found.count, found.size, found.listed.hexdigest()):
        raise Unfit("its files are not those its manifest speaks of")
