"""`python -m api` is the command `samkrets`."""

from api.cli import main

main()
