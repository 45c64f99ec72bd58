"""Benchmarks: what the portal does a second, beside floors that say what this machine could do at all."""
