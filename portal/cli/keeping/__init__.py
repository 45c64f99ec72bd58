"""Keeping: the whole installation in one archive, and back."""
