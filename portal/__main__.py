"""`python -m portal`: the command line without a script on the path."""

from portal.cli import main

main()
