from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixeltable.index import exact
from pixeltable.index.exact import ExactSearch, best
from pixeltable.index.metrics import METRICS, similarities


def column(values: np.ndarray, nulls: np.ndarray | None = None) -> pa.Array:
    flat = pa.array(values.reshape(-1))
    mask = None if nulls is None else pa.array(nulls)
    return pa.FixedSizeListArray.from_arrays(flat, values.shape[1], mask=mask)


def expected(data, query, metric, k, allowed=None) -> list[tuple[int, float]]:
    all_ = list(enumerate(similarities(data, query, metric)))
    kept = [(p, s) for p, s in all_ if s == s and (allowed is None or p in allowed)]
    return sorted(kept, key=lambda item: (-item[1], item[0]))[:k]


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10_000),
    metric=st.sampled_from(METRICS),
    k=st.integers(0, 12),
    filtered=st.booleans(),
    nulls=st.booleans(),
    unit=st.booleans(),
    half=st.booleans(),
)
def test_the_same_as_sorting_everything(seed, metric, k, filtered, nulls, unit, half) -> None:
    random = np.random.default_rng(seed)
    values = random.integers(-3, 4, (60, 4)).astype(np.float32)
    if unit:
        values /= np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-9)
    data = column(values.astype(np.float16 if half else np.float32), random.random(60) < 0.2 if nulls else None)
    query = random.integers(-3, 4, 4).astype(np.float32)
    allowed = np.sort(random.choice(60, 25, replace=False)) if filtered else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact, 'FAISS_ROWS', 10)  # so that small data takes both ways
        positions, found = ExactSearch(data, metric).search(query, k, allowed)
    assert list(zip(positions.tolist(), found.tolist(), strict=True)) == expected(data, query, metric, k, allowed)


def test_no_rows() -> None:
    empty = column(np.empty((0, 2), np.float32))
    positions, found = ExactSearch(empty, 'cosine').search(np.ones(2, np.float32), 5, None)
    assert (len(positions), len(found)) == (0, 0)
    data = column(np.ones((3, 2), np.float16))
    assert len(ExactSearch(data, 'ip').search(np.ones(2, np.float32), 5, np.empty(0, np.int64))[0]) == 0


def test_best_breaks_ties_by_position() -> None:
    positions = np.array([9, 4, 7, 1, 3, 8, 2, 6])
    found = np.array([1.0, 1.0, 2.0, 1.0, np.nan, 1.0, 0.0, 1.0])
    assert best(positions, found, 3)[0].tolist() == [7, 1, 4]
    assert best(positions, found, 1)[0].tolist() == [7]
    assert best(positions, found, 0)[0].tolist() == []
