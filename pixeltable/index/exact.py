"""Exact nearest-neighbour search over the vectors of one run of rows.

Half-precision vectors are searched by FAISS, which compares the stored codes without converting them (measured: 20,000 × 384 in
0.3 ms instead of 11 ms); what it finds is scored again in float32, so that a search and `select(similarity)` agree to the last
bit. Small runs, float32 vectors, and cosine over vectors that are not of unit length are compared by NumPy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.index.metrics import Matrix, Scores, matrices, nulls, scores

FAISS_ROWS = 4096
"""Below this many rows, NumPy is as fast as FAISS and needs no copy."""

_BLOCK_ROWS = 1024

Positions = NDArray[np.int64]


class ExactSearch:
    """The vectors of one run of rows, prepared for many searches. Immutable, so it can be cached."""

    def __init__(self, column: pa.ChunkedArray | pa.Array, metric: str) -> None:
        parts = matrices(column)
        missing = nulls(column)
        self._metric = metric
        self._rows = len(column)
        self._valid = None if missing is None else np.flatnonzero(~missing)
        self._index = _faiss_index(parts, metric) if _suits_faiss(parts, metric) else None
        self._vectors: Matrix | None = np.concatenate(parts) if self._index is None else None  # type: ignore[assignment]

    @property
    def nbytes(self) -> int:
        """Memory held, for the cache."""
        return self._vectors.nbytes if self._vectors is not None else int(self._index.codes.size())  # type: ignore[union-attr]

    def search(self, query: Matrix, k: int, allowed: Positions | None) -> tuple[Positions, Scores]:
        """The best `k` positions and their similarities, best first; only among `allowed` (sorted) if it is given."""
        if self._valid is not None:
            allowed = self._valid if allowed is None else np.intersect1d(allowed, self._valid, assume_unique=True)
        if self._index is None:
            assert self._vectors is not None
            candidates = np.arange(self._rows) if allowed is None else allowed
            vectors = self._vectors if allowed is None else self._vectors[allowed]
        else:
            candidates = self._candidates(query, k, allowed)
            vectors = self._index.reconstruct_batch(candidates)
        return best(candidates, scores(vectors, query, self._metric), k)

    def _candidates(self, query: Matrix, k: int, allowed: Positions | None) -> Positions:
        import faiss

        assert self._index is not None
        # FAISS sums in another order than NumPy: a few more candidates make sure that ties at the end are not lost.
        wanted = min(self._rows if allowed is None else len(allowed), k + 16)
        if wanted == 0:
            return np.empty(0, np.int64)
        parameters = None
        if allowed is not None:
            mask = np.zeros(self._rows, np.bool_)
            mask[allowed] = True
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(np.packbits(mask, bitorder='little')))
        threads = faiss.omp_get_max_threads()
        faiss.omp_set_num_threads(
            1
        )  # two threads measured no faster for one query, and wait for each other on a busy machine
        try:
            _, found = self._index.search(np.asarray(query, np.float32)[None], wanted, params=parameters)
        finally:
            faiss.omp_set_num_threads(threads)
        return np.asarray(found[0][found[0] >= 0], np.int64)


def best(positions: Positions, similarities: Scores, k: int) -> tuple[Positions, Scores]:
    """The `k` greatest similarities and their positions, best first, ties by position; NaN never."""
    known = ~np.isnan(similarities)
    positions, similarities = positions[known], similarities[known]
    if len(positions) > 4 * k:
        # Everything that ties with the k-th greatest is kept, so that the sort below can break ties by position.
        bound = -np.partition(-similarities, k - 1)[k - 1] if k else np.inf
        near = similarities >= bound
        positions, similarities = positions[near], similarities[near]
    order = np.lexsort((positions, -similarities))[:k]
    return positions[order], similarities[order]


def _suits_faiss(parts: Sequence[Matrix], metric: str) -> bool:
    if parts[0].dtype != np.float16 or sum(map(len, parts)) < FAISS_ROWS:
        return False
    return metric != 'cosine' or all(map(_unit_length, parts))


def _unit_length(vectors: Matrix) -> bool:
    """Lengths within the rounding of half precision: then the order by inner product is that by cosine up to that rounding, which
    the candidates beyond k and the second scoring make good. A vector of zeros is a NULL, or never among the nearest."""
    for start in range(0, len(vectors), _BLOCK_ROWS):
        block = vectors[start : start + _BLOCK_ROWS].astype(np.float32)
        squares = np.einsum('ij,ij->i', block, block)
        if np.any((np.abs(squares - 1) > 2e-3) & (squares != 0)):
            return False
    return True


def _faiss_index(parts: Sequence[Matrix], metric: str) -> Any:
    import faiss

    kind = faiss.METRIC_L2 if metric == 'l2' else faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexScalarQuantizer(parts[0].shape[1], faiss.ScalarQuantizer.QT_fp16, kind)
    index.codes.resize(sum(part.nbytes for part in parts))  # all at once: growing by doubling would hold twice as much
    for part in parts:
        index.add_sa_codes(np.ascontiguousarray(part).view(np.uint8))
    return index
