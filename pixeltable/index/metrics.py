"""Similarity of vectors: higher is closer, for every metric.

cosine: x·q / (|x| |q|), in [-1, 1].  ip: x·q.  l2: -|x - q|.  A NULL vector has similarity NaN, and so has a zero vector by
cosine.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.types import buffers

METRICS = ('cosine', 'ip', 'l2')
Matrix = NDArray[np.float16] | NDArray[np.float32] | NDArray[np.float64]
Scores = NDArray[np.float64]

_BLOCK_ROWS = 1024  # converted to float32 at a time, so that half-precision columns need no second copy in memory


def matrices(column: pa.ChunkedArray | pa.Array) -> list[Matrix]:
    """The vectors of a fixed-size-list column, an array of shape (rows, length) for each of its chunks; zero-copy."""
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return [_matrix(chunk) for chunk in chunks] or [np.empty((0, column.type.list_size), np.float32)]


def _matrix(chunk: pa.Array) -> Matrix:
    length = chunk.type.list_size
    values = chunk.values.slice(chunk.offset * length, len(chunk) * length)
    found = buffers.numpy_values(values, f'float{values.type.bit_width}')
    there = buffers.valid_positions(values)
    matrix: Matrix = (found if there is None else np.where(there, found, found.dtype.type(np.nan))).reshape(-1, length)
    return matrix


def nulls(column: pa.ChunkedArray | pa.Array) -> NDArray[np.bool_] | None:
    """Which rows of a column are NULL; None if no row is."""
    if not column.null_count:
        return None
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    return np.concatenate([buffers.numpy_values(chunk.is_null(), 'bool') for chunk in chunks])


def scores(vectors: Matrix, query: Matrix, metric: str) -> Scores:
    """The similarity of each row of `vectors` to `query`, computed in float32."""
    query = np.asarray(query, np.float32)
    result = np.empty(len(vectors), np.float64)
    norm = float(np.linalg.norm(query))
    for start in range(0, len(vectors), _BLOCK_ROWS):
        block = vectors[start : start + _BLOCK_ROWS].astype(np.float32, copy=False)
        if metric == 'l2':
            result[start : start + len(block)] = -np.linalg.norm(block - query, axis=1)
            continue
        products = block @ query
        if metric == 'cosine':
            lengths = np.sqrt(np.einsum('ij,ij->i', block, block)) * norm
            with np.errstate(divide='ignore', invalid='ignore'):
                products = np.where(lengths > 0, products / lengths, np.nan)
        result[start : start + len(block)] = products
    return result


def similarities(column: pa.ChunkedArray | pa.Array, query: Matrix, metric: str) -> Scores:
    """The similarity of each cell of an embedding column to `query`; NaN for NULL."""
    result = np.concatenate([scores(vectors, query, metric) for vectors in matrices(column)])
    missing = nulls(column)
    if missing is not None:
        result[missing] = np.nan
    return result
