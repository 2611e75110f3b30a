"""Similarity of vectors: higher is closer, for every metric.

cosine: x·q / (|x| |q|), in [-1, 1].  ip: x·q.  l2: -|x - q|.  A NULL vector has similarity NaN, and so has a zero vector by
cosine.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

METRICS = ('cosine', 'ip', 'l2')
Matrix = NDArray[np.float16] | NDArray[np.float32] | NDArray[np.float64]
Scores = NDArray[np.float64]

_BLOCK_ROWS = 1024  # converted to float32 at a time, so that half-precision columns need no second copy in memory


def matrix(column: pa.ChunkedArray | pa.Array) -> tuple[Matrix, NDArray[np.bool_] | None]:
    """The vectors of a fixed-size-list column as an array of shape (rows, length), and which rows are NULL (None: no row is).

    Zero-copy when the column is one chunk.
    """
    array = column
    if isinstance(column, pa.ChunkedArray):
        array = (
            column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [column.combine_chunks()])
        )
    length = array.type.list_size
    values = array.values.slice(array.offset * length, len(array) * length)
    flat = values.to_numpy(zero_copy_only=False)
    nulls = array.is_null().to_numpy(zero_copy_only=False) if array.null_count else None
    return flat.reshape(len(array), length), nulls


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
    vectors, nulls = matrix(column)
    result = scores(vectors, query, metric)
    if nulls is not None:
        result[nulls] = np.nan
    return result
