from __future__ import annotations

import datetime
import json
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from pixeltable.types.arrow import encode
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind
from pixeltable.types.plain import plain

ZURICH = ZoneInfo('Europe/Zurich')
NOON = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ('kind', 'value', 'expected'),
    [
        (Kind.STRING, 'x', 'x'),
        (Kind.INT, 2**62, 2**62),
        (Kind.FLOAT, 0.5, 0.5),
        (Kind.FLOAT, float('nan'), 'NaN'),
        (Kind.FLOAT, float('-inf'), '-Infinity'),
        (Kind.BOOL, True, True),
        (Kind.TIMESTAMP, NOON, '2024-01-01T13:00:00+01:00'),
        (Kind.DATE, NOON.date(), '2024-01-01'),
        (Kind.UUID, uuid.UUID(int=1), '00000000-0000-0000-0000-000000000001'),
        (Kind.BINARY, b'\x00\xff', 'AP8='),
        (Kind.JSON, {'a': [1, None]}, {'a': [1, None]}),
        (Kind.VIDEO, 's3://b/v.mp4', 's3://b/v.mp4'),
        (Kind.ARRAY, np.array([[1, 2]]), [[1, 2]]),
        (Kind.ARRAY, np.array([1.5, float('inf')]), [1.5, 'Infinity']),
        (Kind.ARRAY, np.array(['a', 'b']), ['a', 'b']),
    ],
)
def test_values(kind: Kind, value: Any, expected: Any) -> None:
    type_ = ColumnType(kind, True)
    found = plain(encode([value, None], type_), type_, ZURICH)
    assert found == [expected, None]
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_a_fixed_array_is_a_nested_list() -> None:
    type_ = ColumnType(Kind.ARRAY, detail=ArrayShape((2, 2), 'float32'))
    assert plain(encode([np.eye(2, dtype=np.float32)], type_), type_, ZURICH) == [[[1.0, 0.0], [0.0, 1.0]]]
