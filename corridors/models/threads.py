"""One thread for small dense linear algebra: faster than several, and the same digits on every machine.

The libraries that numpy and scipy are built on share out even small sums among threads, which costs more than it
saves and adds up in another order, so that a last digit, and with it a path, would depend on the number of cores.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from functools import cache
from typing import Any

from threadpoolctl import ThreadpoolController


def one_thread(loaded: str) -> AbstractContextManager[Any]:
    """Return a context in which the linear algebra loaded so far runs on one thread.

    Parameters
    ----------
    loaded
        Names what has been loaded by now: looking for libraries takes longer than many a solve, so it is done once
        for each name.
    """
    limit: AbstractContextManager[Any] = _controller(loaded).limit(limits=1, user_api="blas")
    return limit


@cache
def _controller(_loaded: str) -> ThreadpoolController:
    return ThreadpoolController()
