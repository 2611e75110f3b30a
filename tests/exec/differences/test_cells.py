from __future__ import annotations

import math
import uuid

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixeltable.exec.differences.cells import differing
from pixeltable.types.arrow import encode
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind

NAN = float('nan')
OPEN = ColumnType(Kind.ARRAY, True)
FIXED = ColumnType(Kind.ARRAY, True, ArrayShape((2,), 'float16'))


@pytest.mark.parametrize(
    ('left', 'right', 'expected'),
    [
        (pa.array([1, 2, None, None]), pa.array([1, 3, None, 4]), [False, True, False, True]),
        (pa.array([NAN, NAN, 1.0, None]), pa.array([NAN, 1.0, 1.0, NAN]), [False, True, False, True]),
        (pa.array(['a', None]), pa.array(['b', None]), [True, False]),
        (pa.array([True, None]), pa.array([False, False]), [True, True]),
        (pa.array([], pa.string()), pa.array([], pa.string()), []),
    ],
    ids=['int', 'float', 'text', 'bool', 'empty'],
)
def test_scalars(left: pa.Array, right: pa.Array, expected: list[bool]) -> None:
    assert differing(left, right).tolist() == expected
    assert differing(pa.chunked_array([left, left]), pa.chunked_array([right, right])).tolist() == expected * 2


def test_uuids() -> None:
    one, other = uuid.UUID(int=1), uuid.UUID(int=2)
    left, right = (encode(values, ColumnType(Kind.UUID, True)) for values in ([one, one, None], [one, other, None]))
    assert differing(left, right).tolist() == [False, True, False]


@pytest.mark.parametrize('type_', [FIXED, OPEN], ids=str)
def test_arrays(type_: ColumnType) -> None:
    same, other, hole = (np.array(values, np.float16) for values in ([1, 2], [1, 3], [NAN, 1]))
    left = encode([same, same, hole, None, None], type_)
    right = encode([same, other, hole, same, None], type_)
    assert differing(left, right).tolist() == [False, True, False, True, False]
    assert differing(left[1:], right[1:]).tolist() == [True, False, True, False]


def test_shape_and_type_of_an_open_array_count() -> None:
    flat, deep = np.zeros(4, np.int32), np.zeros((2, 2), np.int32)
    left, right = encode([flat, flat], OPEN), encode([deep, flat.view(np.float32)], OPEN)
    assert differing(left, right).tolist() == [True, True]


@given(st.lists(st.tuples(*[st.none() | st.floats(width=16, allow_subnormal=False)] * 2), max_size=20))
def test_it_is_equality_with_one_null_and_one_nan(pairs: list[tuple[float | None, float | None]]) -> None:
    def same(left: float | None, right: float | None) -> bool:
        return left == right or (left is not None and right is not None and math.isnan(left) and math.isnan(right))

    left, right = (pa.array([pair[side] for pair in pairs], pa.float64()) for side in (0, 1))
    assert differing(left, right).tolist() == [not same(*pair) for pair in pairs]
