"""A box for small secrets in the database: AES-256-GCM under a key kept outside of it."""

import base64
import hashlib
import os

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = b"1"
NONCE = 12

_key: bytes | None = None


def use(secret_key: bytes) -> None:
    """Derive the box's key from the installation's secret."""
    global _key
    _key = hashlib.scrypt(secret_key, salt=b"portal secrets box", n=2**14, r=8, p=1, dklen=32)


def seal(plain: bytes) -> str:
    """Encrypt; the text names its version and nonce."""
    nonce = os.urandom(NONCE)
    return base64.b64encode(VERSION + nonce + _cipher().encrypt(nonce, plain, VERSION)).decode()


def open_(sealed: str) -> bytes:
    """Decrypt; raises cryptography.exceptions.InvalidTag when tampered with or under another key."""
    raw = base64.b64decode(sealed)
    return _cipher().decrypt(raw[1 : 1 + NONCE], raw[1 + NONCE :], raw[:1])


def _cipher() -> AESGCM:
    if _key is None:
        raise RuntimeError("the box has no key yet")
    return AESGCM(_key)
