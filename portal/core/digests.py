"""Digests: the fingerprint of what was submitted or signed, and how it is written on paper.

A digest is the SHA-256 over canonical JSON (UTF-8, keys in order, no spaces), so that it does not matter how a
database keeps the mapping.  Content holds texts, whole numbers, truth values, lists and mappings; fractions and moments
are texts in it, for no two machines write a float alike.
"""

import hashlib
import json
import re
from typing import Any

HASH = re.compile(r"[0-9a-f]{64}")
SHORT = 16
"""Hexadecimal digits of the short code, 64 bits: enough against guessing at a page that is asked one by one."""
TYPED = re.compile(r"[\s·.,:_\-]+")


def digest_of(content: Any) -> str:
    """The digest of a content; raises TypeError for a value that JSON does not know, ValueError for a float."""
    _refuse_floats(content)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def short_code(digest: str) -> str:
    """The code people type: the first and the last eight signs, as they stand on the paper."""
    return digest[: SHORT // 2] + digest[-SHORT // 2 :]


def in_groups(code: str, size: int = 4) -> str:
    """A code in groups, as it is printed and compared by eye."""
    return " ".join(code[start : start + size] for start in range(0, len(code), size))


def typed(text: str) -> str | None:
    """What somebody typed or pasted as a digest or a short code, made plain; None where it is neither."""
    plain = TYPED.sub("", text).lower()
    is_ours = plain.isascii() and len(plain) in {SHORT, 64} and re.fullmatch(r"[0-9a-f]+", plain) is not None
    return plain if is_ours else None


def _refuse_floats(content: Any) -> None:
    if isinstance(content, float):
        raise ValueError("a float stands in a content to be signed; write it as text")
    if isinstance(content, dict):
        content = content.values()
    if isinstance(content, list | tuple) or hasattr(content, "mapping"):
        for part in content:
            _refuse_floats(part)
