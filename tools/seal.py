"""Check the embedded data package and write the digest by which it is read without being checked anew.

Run it after every change of the tables: ``python tools/seal.py``.
"""

import sys

from corridors import checking, tables

faults = checking.check(tables.embedded())
for fault in faults:
    print(fault)
if faults:
    sys.exit(2)
loaded = checking.load(tables.embedded())
digest = tables.Dataset(tables.embedded(), tables.Frames(loaded.frames), *loaded.settings, hashes=loaded.hashes).digest
(tables.embedded() / tables.SEAL).write_text(digest + "\n", encoding="utf-8")
print(f"sealed: {digest}")
