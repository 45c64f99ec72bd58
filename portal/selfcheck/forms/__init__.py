"""The forms of the self-check, by noun."""
