"""`python -m tests.fuzz`, or `python tests/fuzz`: the longer run by hand."""

import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from fuzz.hunt import main

    main()
