"""Which cells of two columns differ, by their stored form: nothing is decoded into Python values."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as is_type
from numpy.typing import NDArray

from pixeltable.types import buffers


def differing(left: pa.Array | pa.ChunkedArray, right: pa.Array | pa.ChunkedArray) -> NDArray[np.bool_]:
    """The rows whose values differ; both columns have one type. NULL equals NULL, and NaN equals NaN."""
    one, other = _whole(left), _whole(right)
    missing, also_missing = _mask(one.is_null()), _mask(other.is_null())
    unequal: NDArray[np.bool_] = (missing != also_missing) | (_unequal(one, other) & ~missing & ~also_missing)
    return unequal


def _unequal(left: pa.Array, right: pa.Array) -> NDArray[np.bool_]:
    """Which values differ where neither is NULL."""
    type_ = left.type
    if isinstance(type_, pa.BaseExtensionType):
        return _unequal(left.storage, right.storage)
    if is_type.is_struct(type_):
        fields = [differing(one, other) for one, other in zip(left.flatten(), right.flatten(), strict=True)]
        return np.asarray(np.stack(fields).any(axis=0))
    if is_type.is_fixed_size_list(type_):
        size = type_.list_size
        items = differing(*(each.values.slice(each.offset * size, len(each) * size) for each in (left, right)))
        return np.asarray(items.reshape(len(left), size).any(axis=1))
    if is_type.is_list(type_):  # the shapes of arrays: a few numbers each
        pairs = zip(left.to_pylist(), right.to_pylist(), strict=True)
        return np.fromiter((one != other for one, other in pairs), np.bool_, len(left))
    if is_type.is_floating(type_):
        dtype = {16: 'float16', 32: 'float32', 64: 'float64'}[type_.bit_width]
        one, other = (buffers.numpy_values(each, dtype) for each in (left, right))
        unequal: NDArray[np.bool_] = (one != other) & ~(np.isnan(one) & np.isnan(other))
        return unequal
    return _mask(pc.not_equal(left, right))


def _mask(array: pa.Array) -> NDArray[np.bool_]:
    """Where it is true."""
    mask: NDArray[np.bool_] = buffers.numpy_values(array, 'bool')
    known = buffers.valid_positions(array)
    return mask if known is None else mask & known


def _whole(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    if not isinstance(array, pa.ChunkedArray):
        return array
    return array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()
