"""Decision 0004: nearest neighbours, exact and indexed, at the sizes where the choice changes.

    .venv/bin/python benchmarks/decisions/vectors.py

384 dimensions, unit length, in 200 clusters, as embeddings of texts are; 10 neighbours, one query at a time, all cores.
"""

from __future__ import annotations

import time

import faiss
import numpy as np
from timing import best

DIMENSIONS = 384
NEIGHBOURS = 10


def unit(count: int, seed: int) -> np.ndarray:
    centres = np.random.default_rng(0).standard_normal((200, DIMENSIONS), dtype=np.float32)
    random = np.random.default_rng(seed)
    vectors = centres[random.integers(0, 200, count)]
    vectors += 0.6 * random.standard_normal((count, DIMENSIONS), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def by_matmul(vectors: np.ndarray, query: np.ndarray) -> np.ndarray:
    scores = vectors @ query[0].astype(vectors.dtype)
    top = np.argpartition(-scores, NEIGHBOURS)[:NEIGHBOURS]
    return top[np.argsort(-scores[top])]


def measure(count: int) -> None:
    vectors, queries = unit(count, 1), unit(100, 2)
    query = queries[:1]
    inner = faiss.METRIC_INNER_PRODUCT
    half = vectors.astype(np.float16)
    flat = faiss.IndexFlatIP(DIMENSIONS)
    flat.add(vectors)
    half_flat = faiss.IndexScalarQuantizer(DIMENSIONS, faiss.ScalarQuantizer.QT_fp16, inner)
    half_flat.add(vectors)

    def in_chunks() -> None:
        """float16 converted 8192 rows at a time, which never holds a float32 copy of all."""
        for start in range(0, count, 8192):
            half[start : start + 8192].astype(np.float32) @ query[0]

    runs = {
        'numpy float32': lambda: by_matmul(vectors, query),
        'faiss.knn float32': lambda: faiss.knn(query, vectors, NEIGHBOURS, metric=inner),
        'IndexFlat': lambda: flat.search(query, NEIGHBOURS),
        'numpy float16 in chunks': in_chunks,
        'fp16 codes': lambda: half_flat.search(query, NEIGHBOURS),
    }
    if count <= 20_000:
        runs['numpy float16 matmul'] = lambda: by_matmul(half, query)
    for name, run in runs.items():
        print(f'{count:,} {name}: {best(run, 7) * 1e3:.2f} ms a query')
    copied = best(lambda: faiss.IndexFlatIP(DIMENSIONS).add(vectors), 3)
    print(f'{count:,} IndexFlat, copying vectors in: {copied * 1e3:.0f} ms')

    lists = int(4 * np.sqrt(count))
    start = time.perf_counter()
    index = faiss.index_factory(DIMENSIONS, f'IVF{lists},SQ8', inner)
    index.train(vectors[:: max(1, count // (40 * lists))])
    index.add(vectors)
    built = time.perf_counter() - start
    _, truth = flat.search(queries, NEIGHBOURS)
    for probes in (4, 16, 64):
        index.nprobe = probes

        def search(found: np.ndarray) -> np.ndarray:
            """Five times as many candidates by their codes, ranked again by the exact vectors."""
            _, candidates = index.search(found, 5 * NEIGHBOURS)
            exact = np.einsum('qcd,qd->qc', vectors[candidates], found)
            return np.take_along_axis(candidates, np.argsort(-exact, axis=1)[:, :NEIGHBOURS], axis=1)

        recall = np.mean([len(set(a) & set(b)) / NEIGHBOURS for a, b in zip(search(queries), truth, strict=True)])
        seconds = best(lambda: search(query), 20)
        print(
            f'{count:,} IVF{lists},SQ8 built in {built:.1f} s, {probes} probes: '
            f'{seconds * 1e3:.2f} ms, recall {recall:.3f}'
        )


if __name__ == '__main__':
    print(f'faiss threads: {faiss.omp_get_max_threads()}')
    for size in (5_000, 20_000, 100_000, 300_000):
        measure(size)
