"""Start the command line from a checkout: ``python cli.py``."""

from corridors.cli import main

main()
