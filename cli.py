"""Start the command line from a checkout: ``python cli.py``."""

from corridors.cli import main

if __name__ == "__main__":  # the processes of a sweep read this file too
    main()
