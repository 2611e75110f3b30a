from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixeltable.index.metrics import METRICS, matrices, scores, similarities

numbers = st.floats(-100, 100, width=32)
vectors = arrays(np.float32, (5, 3), elements=numbers)
query = arrays(np.float32, (3,), elements=numbers)


def column(rows) -> pa.Array:
    return pa.array(rows, pa.list_(pa.float32(), 2))


@given(vectors, query)
def test_by_definition(matrix, query) -> None:
    norms = np.linalg.norm(matrix, axis=1) * np.linalg.norm(query)
    np.testing.assert_allclose(scores(matrix, query, 'ip'), matrix @ query, rtol=1e-4, atol=1e-2)
    np.testing.assert_allclose(
        scores(matrix, query, 'l2'), -np.linalg.norm(matrix - query, axis=1), rtol=1e-4, atol=1e-2
    )
    cosine = scores(matrix, query, 'cosine')
    for value, product, norm in zip(cosine, matrix @ query, norms, strict=True):
        if norm > 1e-6:
            assert value == pytest.approx(product / norm, abs=1e-2)


def test_a_zero_vector_has_no_cosine() -> None:
    assert np.isnan(scores(np.zeros((1, 2), np.float32), np.ones(2, np.float32), 'cosine')).all()


@pytest.mark.parametrize('metric', METRICS)
def test_null_has_no_similarity(metric) -> None:
    found = similarities(column([[1, 0], None, [1, 0]]), np.array([1, 0], np.float32), metric)
    assert np.isnan(found).tolist() == [False, True, False]


def test_matrices_of_slices_and_chunks() -> None:
    rows = [[float(n), 0.0] for n in range(6)]
    whole = column(rows)
    assert matrices(whole.slice(2, 3))[0][:, 0].tolist() == [2, 3, 4]
    chunked = pa.chunked_array([whole.slice(0, 2), whole.slice(4, 2)])
    assert [part[:, 0].tolist() for part in matrices(chunked)] == [[0, 1], [4, 5]]
    assert matrices(pa.chunked_array([], whole.type))[0].shape == (0, 2)


def test_a_chunk_is_not_copied() -> None:
    (values,) = matrices(pa.chunked_array([column([[1, 2], [3, 4]])]))
    assert not values.flags.owndata
