"""HiGHS (Huangfu & Hall 2018) made in silence: from version 1.16 on it greets on standard output, once in a process."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from typing import Any

import highspy

_making = threading.Lock()
_greeted = False
_OUTPUT = 1  # the file descriptor that it writes to, past Python


def new_solver() -> Any:
    """Return a new HiGHS without a model, whose log is off."""
    greet()
    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.setOptionValue("output_flag", False)
    return solver


def greet() -> None:
    """Discard the greeting of HiGHS, before PuLP or anybody else makes a solver.

    It is printed and flushed while the first solver of a process is made, before any option can be set. So one is made
    while descriptor 1 is the null device.
    """
    global _greeted
    with _making, suppress(OSError):  # a closed descriptor: nobody hears it
        if _greeted:
            return
        _greeted = True
        kept = os.dup(_OUTPUT)
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, _OUTPUT)
            highspy.Highs()  # type: ignore[no-untyped-call]
        finally:
            os.dup2(kept, _OUTPUT)
            os.close(kept)
            os.close(null)
