"""What prepares a machine for the portal: standard library only, for it runs before anything is installed."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  -- said in one line, before newer syntax fails in many
    sys.exit("setup: Python 3.11 or newer is missing; name one with `make PYTHON=python3.11 ...`")
