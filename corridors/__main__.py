"""Start the command line: ``python -m corridors``."""

from corridors.cli import main

if __name__ == "__main__":  # the processes of a sweep may read this file too
    main(prog_name="corridors")
