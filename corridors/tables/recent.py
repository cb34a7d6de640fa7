"""What was found of late for some bytes, kept so that the same bytes are not gone through again in one process.

A plan is made, written and proved from one package, and two plans that are compared share theirs: each step reads it
from its files, as files may have changed, and judges only what has.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock

MOST = 256
LARGEST = 2**23  # bytes of all inputs together; what was found for them is about ten times as large


class Recent[Found]:
    """Findings by the whole of what they were found for, the latest used `MOST`, and together no larger than `LARGEST`.

    Nothing is taken for equal by its name, its time or a digest.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[Found, int]] = OrderedDict()
        self._size = 0
        self._lock = Lock()  # of threads that read packages at once

    def get(self, key: Hashable) -> Found | None:
        """Return what was found, or None if that is not kept."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key][0]

    def keep(self, key: Hashable, found: Found, size: int) -> Found:
        """Keep and return what was found for a key of so many bytes, in the place of what was not used for longest."""
        with self._lock:
            if size <= LARGEST and key not in self._kept:
                self._kept[key] = (found, size)
                self._size += size
            while len(self._kept) > MOST or self._size > LARGEST:
                _, (_, gone) = self._kept.popitem(last=False)
                self._size -= gone
        return found
