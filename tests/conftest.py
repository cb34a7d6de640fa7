"""What several test files start from."""

import os
import signal
from pathlib import Path

import pytest
from small import small_dataset

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As in what a script starts in the background; programs started here would inherit it and never hear Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Tests run in two processes and start others: threads of a library that wait by spinning take their cores.
# Before numpy is imported, which reads it once; what is started here inherits it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Whoever runs the tests, in whatever language: what is started here speaks English unless a test asks for another.
os.environ["LC_ALL"] = "C.UTF-8"
os.environ.pop("LANGUAGE", None)
os.environ["CORRIDORS_DEBUG"] = "1"  # a fault of the program shows where it is


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a small data package whose numbers a test may change: it has no provenance to contradict."""
    made = small_dataset(tmp_path / "small")
    (made / "provenance.csv").unlink()
    (made / "sources.csv").unlink()
    return made
