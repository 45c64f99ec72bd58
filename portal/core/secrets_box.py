"""A box for small secrets in the database: AES-256-GCM under a key kept outside of it.

A sealed text names its key.  After a change of key the old ones still open what they sealed, until ``portal
rotate-key`` has sealed everything anew.  ``about`` ties a text to its row: moved to another one it does not open.
"""

import base64
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FIRST_VERSION, VERSION = b"1", b"2"
"""Texts of the first version name no key and are about nothing."""
KEY_ID, NONCE = 4, 12
HEAD = len(VERSION) + KEY_ID

SEALED: dict[Any, Any] = {"sealed": "alone"}
TIED: dict[Any, Any] = {"sealed": "tied"}
FILE: dict[Any, Any] = {"sealed": "file"}
"""Marks of a column (``info=``) that holds sealed texts, alone or tied to their rows, or the hash of a sealed file:
how the rotation finds it."""


class UnknownKey(InvalidTag):
    """Sealed under a key this installation was not told."""


@dataclass(frozen=True)
class Key:
    """A key and the four bytes it goes by."""

    id: bytes
    cipher: AESGCM


_current: bytes | None = None
_old: tuple[bytes, ...] = ()


def use(secret_key: bytes, *old: bytes) -> None:
    """Seal under the key of this secret, and open what the old ones sealed."""
    global _current, _old
    _current, _old = secret_key, old


def about(table: str, column: str, row_id: int) -> str:
    """The words that tie a sealed text to its row."""
    return f"{table}.{column}/{row_id}"


def seal(plain: bytes, about: str = "") -> str:
    """Encrypt; the text names its version, key and nonce."""
    key, nonce = _key(), os.urandom(NONCE)
    head = VERSION + key.id
    sealed = key.cipher.encrypt(nonce, plain, head + about.encode())
    return base64.b64encode(head + nonce + sealed).decode()


def open_(sealed: str, about: str = "") -> bytes:
    """Decrypt; raises InvalidTag for a text that was tampered with or moved, UnknownKey for a key nobody has."""
    raw = base64.b64decode(sealed)
    if raw[:1] == FIRST_VERSION:
        return _open_first(raw)
    key = next((key for key in _keys() if key.id == raw[1:HEAD]), None)
    if key is None:
        raise UnknownKey
    nonce, body = raw[HEAD : HEAD + NONCE], raw[HEAD + NONCE :]
    return key.cipher.decrypt(nonce, body, raw[:HEAD] + about.encode())


def is_current(sealed: str) -> bool:
    """Whether a text is sealed as ``seal`` does it now."""
    return base64.b64decode(sealed)[:HEAD] == VERSION + _key().id


def _open_first(raw: bytes) -> bytes:
    nonce, body = raw[1 : 1 + NONCE], raw[1 + NONCE :]
    for key in _keys():
        try:
            return key.cipher.decrypt(nonce, body, FIRST_VERSION)
        except InvalidTag:
            continue
    raise UnknownKey


def _key() -> Key:
    if _current is None:
        raise RuntimeError("the box has no key yet")
    return _derived(_current)


def _keys() -> Iterator[Key]:
    yield _key()
    yield from map(_derived, _old)


@cache
def _derived(secret_key: bytes) -> Key:
    key = hashlib.scrypt(secret_key, salt=b"portal secrets box", n=2**14, r=8, p=1, dklen=32)
    return Key(hashlib.sha256(b"key id" + key).digest()[:KEY_ID], AESGCM(key))
