from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixeltable.catalog.records import DeleteVector
from pixeltable.errors import InternalError, RequestError
from pixeltable.storage import deletes


@st.composite
def rows_and_positions(draw: st.DrawFn, count: int = 1) -> tuple[int, list[set[int]]]:
    rows = draw(st.integers(1, 500))
    return rows, [draw(st.sets(st.integers(0, rows - 1))) for _ in range(count)]


def array(positions: set[int]) -> np.ndarray:
    return np.array(sorted(positions), dtype=np.int64)


def vector(encoded: tuple[int, bytes]) -> DeleteVector:
    return DeleteVector(1, 1, *encoded)


@given(rows_and_positions())
def test_decode_keeps_what_was_not_encoded(drawn: tuple[int, list[set[int]]]) -> None:
    rows, [positions] = drawn
    keep = deletes.decode(deletes.encode(array(positions), rows), rows)
    assert set(np.flatnonzero(~keep)) == positions
    assert len(keep) == rows


@given(rows_and_positions(count=2))
def test_extend_is_union(drawn: tuple[int, list[set[int]]]) -> None:
    rows, [first, second] = drawn
    count, data = deletes.extend(vector(deletes.extend(None, array(first), rows)), array(second), rows)
    assert count == len(first | second)
    assert data == deletes.encode(array(first | second), rows)


@given(rows_and_positions())
def test_extend_by_the_same_changes_nothing(drawn: tuple[int, list[set[int]]]) -> None:
    rows, [positions] = drawn
    once = deletes.extend(None, array(positions), rows)
    assert deletes.extend(vector(once), array(positions), rows) == once


@pytest.mark.parametrize(('count', 'limit'), [(1, 9), (1000, 4005), (5000, 6000), (50_000, 12_600), (100_000, 100)])
def test_size_for_few_and_for_many(count: int, limit: int) -> None:
    positions = np.sort(np.random.default_rng(0).choice(100_000, count, replace=False))
    assert len(deletes.encode(positions, 100_000)) <= limit


@pytest.mark.parametrize('position', [-1, 10])
def test_position_outside_the_segment(position: int) -> None:
    with pytest.raises(InternalError, match='segment of 10 rows'):
        deletes.encode(np.array([position]), 10)
    with pytest.raises(InternalError, match='segment of 10 rows'):
        deletes.extend(None, np.array([position]), 10)


@pytest.mark.parametrize(
    'data', [b'', b'?', b'S', b'P\x01', b'P\xff\x00\x00\x00', b'Bjunk', deletes.encode(np.arange(99), 100)]
)
def test_damaged_vector(data: bytes) -> None:
    with pytest.raises(RequestError, match='damaged'):
        deletes.decode(data, 10)


def test_vector_of_an_older_release() -> None:
    assert np.flatnonzero(~deletes.decode(b'P\x01\0\0\0\x07\0\0\0', 10)).tolist() == [1, 7]


@pytest.mark.parametrize('count', [2, 90])
def test_no_flipped_bit_is_overlooked(count: int) -> None:
    data = deletes.encode(np.arange(count), 100)
    for bit in range(8 * len(data)):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            keep = deletes.decode(bytes(flipped), 100)
        except RequestError:
            continue
        assert np.flatnonzero(~keep).tolist() == list(range(count))  # a bit of zlib's header that has no meaning


def test_mask_is_shared_and_read_only() -> None:
    keep = deletes.decode(deletes.encode(np.array([1]), 10), 10)
    with pytest.raises(ValueError, match='read-only'):
        keep[0] = False
