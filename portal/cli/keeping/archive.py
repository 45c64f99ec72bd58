"""The archive: a tar anybody can unpack, its rows as JSON lines, its files by their hash, its sum on the last line.

::

    portal-backup                       which format it is
    rows/<table>/000001.jsonl.gz ...    a thousand rows each, tables in the order of their references
    files/<sha256> ...
    manifest.json                       what must be in it: a count and a SHA-256 of every table and of the files
    portal-backup sha256 ... seal ...   the sum of all before, and that sum under the key of the installation

It is written and read in one go and never held in memory.
"""

import hashlib
import hmac
import io
import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

FORMAT = 1
HEAD = "portal-backup"
MANIFEST = "manifest.json"
LAST = re.compile(rb"portal-backup sha256 ([0-9a-f]{64}) seal ([0-9a-f]{64})\n")
LAST_LENGTH = len("portal-backup sha256  seal \n") + 2 * 64
BLOCK = 1 << 20


class Unfit(Exception):
    """The archive cannot be used; the text says why."""


@dataclass(frozen=True)
class Kept:
    """One table of an archive: its columns in the order of each line, how many rows, and the SHA-256 of the lines."""

    name: str
    columns: list[str]
    rows: int
    sha256: str


@dataclass(frozen=True)
class Files:
    """The files of an archive: how many, how many bytes, and the SHA-256 of their list."""

    count: int
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive says of itself."""

    format: int
    portal: str
    revision: str
    made_at: str
    dialect: str
    key: str
    """The fingerprint of the SECRET_KEY it was made under."""
    tables: list[Kept]
    files: Files
    missing: list[str]
    """Hashes of files a row speaks of that were not there, or no longer what they were."""

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    def written(self) -> bytes:
        """As it stands in the archive."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1).encode()

    @classmethod
    def read(cls, content: bytes) -> "Manifest":
        """Raises Unfit where it cannot be understood."""
        try:
            told: dict[str, Any] = json.loads(content)
            tables = [Kept(**table) for table in told.pop("tables")]
            return cls(tables=tables, files=Files(**told.pop("files")), **told)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Unfit("its manifest cannot be read") from error


def fingerprint(secret_key: bytes) -> str:
    """By which a key is recognised and not found out."""
    return hmac.digest(secret_key, b"portal backup: which key", "sha256").hex()[:16]


def seal(secret_key: bytes, sha256: str) -> str:
    """The sum of an archive under the key: nobody without it can alter the archive and its sum."""
    return hmac.digest(secret_key, b"portal backup: " + sha256.encode(), "sha256").hex()


def sum_of(content: IO[bytes]) -> tuple[str, int]:
    """The SHA-256 and the size of what is left of a file, read bit by bit."""
    sum_, size = hashlib.sha256(), 0
    while block := content.read(BLOCK):
        sum_.update(block)
        size += len(block)
    return sum_.hexdigest(), size


class Writer:
    """Writes an archive from its first line to its last."""

    def __init__(self, file: IO[bytes], made_at: datetime) -> None:
        self._out = _Summed(file)
        out: Any = self._out  # tarfile asks of it to write, and nothing else
        self._tar = tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115  # see finish
        self._made_at = int(made_at.timestamp())
        self.add(HEAD, f"portal backup, format {FORMAT}\n".encode())

    def add(self, name: str, content: bytes) -> None:
        """Add one member."""
        self.add_file(name, len(content), io.BytesIO(content))

    def add_file(self, name: str, size: int, content: IO[bytes]) -> None:
        """Add one member that is read bit by bit."""
        member = tarfile.TarInfo(name)
        member.size, member.mode, member.mtime = size, 0o600, self._made_at
        self._tar.addfile(member, content)
        self._tar.members.clear()  # type: ignore[attr-defined]  # it would remember every one

    def finish(self, secret_key: bytes) -> str:
        """Write the last line; give the sum."""
        self._tar.close()
        sha256 = self._out.sum.hexdigest()
        self._out.file.write(f"portal-backup sha256 {sha256} seal {seal(secret_key, sha256)}\n".encode())
        return sha256


class _Summed:
    """A file that is summed as it is written."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.sum = file, hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.sum.update(content)
        return self.file.write(content)


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Every member behind the head, by name and content, in order; raises Unfit where it is no archive of ours."""
    with _opened(path) as tar:
        try:
            yield from _members(tar)
        except (tarfile.TarError, EOFError) as error:
            raise Unfit("it is damaged: its parts cannot be told apart") from error


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except tarfile.TarError as error:
        raise Unfit("it is not a backup of the portal") from error
    except OSError as error:
        raise Unfit(f"it cannot be read: {error.strerror or error}") from error


def _members(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
    is_head = True
    while (member := tar.next()) is not None:
        content = tar.extractfile(member) if member.isreg() else None
        if content is None:
            raise Unfit(f"it holds {member.name!r}, which is not a file")
        if is_head:
            _check_head(member.name, content.read(100))
            is_head = False
        else:
            yield member.name, content
        tar.members.clear()  # type: ignore[attr-defined]
    if is_head:
        raise Unfit("it is not a backup of the portal")


def _check_head(name: str, words: bytes) -> None:
    told = re.fullmatch(rb"portal backup, format (\d{1,6})\n", words)
    if name != HEAD or told is None:
        raise Unfit("it is not a backup of the portal")
    if int(told[1]) > FORMAT:
        raise Unfit(f"its format {int(told[1])} is newer than the {FORMAT} this version reads; upgrade first")


def check_sum(path: Path) -> tuple[str, str]:
    """Add the archive up; give its sum and its seal.  Raises Unfit where it was cut off or is not what it was."""
    with path.open("rb") as file:
        left = path.stat().st_size - LAST_LENGTH
        file.seek(max(left, 0))
        last = LAST.fullmatch(file.read())
        if last is None:
            raise Unfit("it was cut off: its last line is missing")
        file.seek(0)
        sum_ = hashlib.sha256()
        while left:
            block = file.read(min(BLOCK, left))
            sum_.update(block)
            left -= len(block)
    if sum_.hexdigest() != last[1].decode():
        raise Unfit("it is damaged: its SHA-256 is not the one on its last line")
    return last[1].decode(), last[2].decode()
