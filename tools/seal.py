"""Check the embedded data package and write the digest by which it is read without being checked anew.

Run it after every change of the tables: ``python tools/seal.py``.
"""

import sys

from corridors import tables
from corridors.tables import validation

faults = validation.check(tables.embedded())
for fault in faults:
    print(fault)
if faults:
    sys.exit(2)
seal = tables.seal_of(tables.read(tables.embedded()))
(tables.embedded() / tables.SEAL).write_text(seal + "\n", encoding="utf-8")
print(f"sealed: {seal}")
