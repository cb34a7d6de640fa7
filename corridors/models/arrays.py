"""The kinds of arrays that problems are made of, and the checks that hold for any of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import sparse

from corridors.errors import ProblemError

type BoolArray = NDArray[np.bool_]
type FloatArray = NDArray[np.float64]
type IntArray = NDArray[np.int64]
type KeyArray = NDArray[np.uint64]  # hashes of sequences
type SmallIntArray = NDArray[np.int32]  # numbers of nodes and arcs where there are many: half the memory
type TextArray = NDArray[np.object_]  # of str
type UsageArray = sparse.csr_array[np.float64, tuple[int, int]]


def integers(values: ArrayLike, name: str) -> IntArray:
    """Return a read-only (n,) array of integers, or raise a `ProblemError` that names it."""
    array = np.asarray(values)
    if array.ndim != 1:
        raise ProblemError(f"The array {name} has {array.ndim} dimensions, but 1 was expected.")
    if array.size and array.dtype.kind not in "iu":
        raise ProblemError(f"The array {name} holds {array.dtype} values, but integers were expected.")
    return _read_only(array.astype(np.int64, copy=False))


def floats(values: ArrayLike, name: str, dimensions: int) -> FloatArray:
    """Return a read-only array of numbers with so many dimensions, or raise a `ProblemError` that names it."""
    array = np.asarray(values)
    if array.ndim != dimensions:
        raise ProblemError(f"The array {name} has {array.ndim} dimensions, but {dimensions} was expected.")
    if array.size and array.dtype.kind not in "iuf":
        raise ProblemError(f"The array {name} holds {array.dtype} values, but numbers were expected.")
    return _read_only(array.astype(np.float64, copy=False))


def _read_only[Kind: np.generic](array: NDArray[Kind]) -> NDArray[Kind]:
    if array.flags.writeable:
        array = array.copy()
        array.flags.writeable = False
    return array


def usage_rows(values: Any) -> UsageArray:
    """Return a read-only sparse array in canonical rows, or raise a `ProblemError`."""
    if not isinstance(values, sparse.sparray | sparse.spmatrix):
        raise ProblemError(f"The usage is a {type(values).__name__}, but a sparse array was expected.")
    untyped: Any = values
    known = isinstance(values, sparse.csr_array) and values.dtype == np.float64 and not values.data.flags.writeable
    usage: UsageArray = untyped if known else sparse.csr_array(untyped, dtype=np.float64)
    if usage.data.flags.writeable or not usage.has_canonical_format:
        usage = usage.copy()
        usage.sum_duplicates()
        usage.eliminate_zeros()
        for array in (usage.data, usage.indices, usage.indptr):
            array.flags.writeable = False
    return usage


def finite(values: FloatArray, noun: str, name: str) -> None:
    """Raise a `ProblemError` if any value is negative, infinite or not a number."""
    wrong = np.flatnonzero(~((values >= 0) & np.isfinite(values)))
    if wrong.size:
        raise ProblemError(
            f"The {name} of {noun} {wrong[0]} is {values[wrong[0]]}, but a finite number of 0 or more was expected."
        )
