"""What people type that is never kept, shown again or logged: passwords, codes, identity numbers."""

from portal.core import identity

NAMES = frozenset({"csrf_token", "pin", "new_pin", "again", "identity"})
"""Fields of forms, by the last part of their name."""


def is_secret(name: str) -> bool:
    """Whether a field of this name holds a secret."""
    return name.rpartition("-")[2] in NAMES or "password" in name.casefold()


def without_secrets(fields: dict[str, list[str]]) -> dict[str, list[str]]:
    """What was typed without the secret fields, identity numbers hidden wherever else they were written."""
    return {
        name: [identity.masked(value) for value in values]
        for name, values in fields.items()
        if not is_secret(name)
    }
