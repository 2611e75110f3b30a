import datetime
import uuid
import zoneinfo
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pixeltable.errors import RequestError
from pixeltable.types import arrow
from pixeltable.types import column_type as ct
from pixeltable.types import spelling as pxt
from pixeltable.types.coerce import from_foreign

BERLIN = zoneinfo.ZoneInfo('Europe/Berlin')
NOON = datetime.datetime(2024, 7, 1, 12)
TENSORS = pa.FixedShapeTensorArray.from_numpy_ndarray(np.arange(12, dtype=np.float32).reshape(2, 2, 3))


def take(array: Any, spelling: Any, zone: datetime.tzinfo = BERLIN) -> list[Any]:
    type_ = pxt.parse(spelling, what='x').with_nullable(True)
    chunked = array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])
    found = from_foreign(chunked, type_, column='x', zone=zone)
    found.validate(full=True)
    assert found.type == arrow.storage_type(type_)
    return [item.tolist() if isinstance(item, np.ndarray) else item for item in arrow.decode(found, type_, zone)]


@pytest.mark.parametrize(
    ('array', 'spelling', 'result'),
    [
        (pa.array([1, None], pa.uint8()), pxt.Int, [1, None]),
        (pa.array([1, 2], pa.int8()), pxt.Float, [1.0, 2.0]),
        (pa.array([2**60 + 1]), pxt.Float, [float(2**60)]),
        (pa.array([0.5], pa.float16()), pxt.Float, [0.5]),
        (pa.array([0, 1]), pxt.Bool, [False, True]),
        (pa.array(['a\0', None], pa.large_string()), pxt.String, ['a ', None]),
        (pa.array(['x', 'y', 'x']).dictionary_encode(), pxt.String, ['x', 'y', 'x']),
        (pa.array(['/a.png']), pxt.Image, ['/a.png']),
        (pa.array([NOON]), pxt.Timestamp, [NOON.replace(tzinfo=BERLIN)]),
        (pa.array([NOON], pa.timestamp('ns', 'UTC')), pxt.Timestamp, [NOON.replace(hour=14, tzinfo=BERLIN)]),
        (pa.array(['2024-07-01T12:00']), pxt.Timestamp, [NOON.replace(tzinfo=BERLIN)]),
        (pa.array([datetime.date(2024, 1, 1)], pa.date64()), pxt.Date, [datetime.date(2024, 1, 1)]),
        (pa.array([datetime.datetime(2024, 1, 1)], pa.timestamp('ns')), pxt.Date, [datetime.date(2024, 1, 1)]),
        (pa.array([uuid.UUID(int=5)], pa.uuid()), pxt.UUID, [uuid.UUID(int=5)]),
        (pa.array([str(uuid.UUID(int=5))]), pxt.UUID, [uuid.UUID(int=5)]),
        (pa.array([b'ab'], pa.binary(2)), pxt.Binary, [b'ab']),
        (pa.array([{'a': [1, None]}]), pxt.Json, [{'a': [1, None]}]),
        (pa.array([[('k', 1)]], pa.map_(pa.string(), pa.int64())), pxt.Json, [{'k': 1}]),
        (pa.array([[1.0, 2.0], None]), pxt.Array[(2,), pxt.Float], [[1.0, 2.0], None]),
        (pa.array([[1.0, 2.0], [3.0, 4.0]]), pxt.Array[(2,), pxt.Float], [[1.0, 2.0], [3.0, 4.0]]),
        (pa.array([[1], [2, 3]]), pxt.Array[(None,), pxt.Int], [[1], [2, 3]]),
        (pa.array([[[1, 2]], [[3, 4]]]), pxt.Array[(1, 2), pxt.Float], [[[1, 2]], [[3, 4]]]),
        (TENSORS, pxt.Array[(2, 3), pxt.Float], np.arange(12).reshape(2, 2, 3).tolist()),
        (pa.nulls(2), pxt.Int, [None, None]),
        (pa.chunked_array([[1], [2]], pa.int64()), pxt.Int, [1, 2]),
        (pa.array([1, 2, 3]).slice(1), pxt.Int, [2, 3]),
        (pa.array([[1.0], [2.0], [3.0]]).slice(1), pxt.Array[(1,), pxt.Float], [[2.0], [3.0]]),
    ],
)
def test_accepted(array: Any, spelling: Any, result: list[Any]) -> None:
    assert take(array, spelling) == result


@pytest.mark.parametrize(
    ('array', 'spelling', 'message'),
    [
        (pa.array([1, 2**63], pa.uint64()), pxt.Int, 'row 1: .*64 bits'),
        (pa.array([1.0]), pxt.Int, 'row 0: .*a float is not an Int'),
        (pa.array([True]), pxt.Float, 'a bool is not a Float'),
        (pa.array([0, 2]), pxt.Bool, 'row 1: '),
        (pa.array([1]), pxt.String, r'str\(value\)'),
        (pa.array(['x']), pxt.Timestamp, 'ISO 8601'),
        (pa.array([NOON]), pxt.Date, r'value\.date\(\)'),
        (pa.array([[1.0], [1.0, 2.0]]), pxt.Array[(1,), pxt.Float], r'row 1: .*its shape is \(2,\)'),
        (pa.array([[1.0, None]]), pxt.Array[(2,), pxt.Float], 'row 0'),
        (TENSORS, pxt.Array[(3, 2), pxt.Float], r'its shape is \(2, 3\)'),
        (pa.array([2**62], pa.timestamp('us')), pxt.Timestamp, 'cannot be read as Python values'),
    ],
)
def test_refused(array: Any, spelling: Any, message: str) -> None:
    with pytest.raises(RequestError, match=f"column 'x'.*{message}"):
        take(array, spelling)


def test_skipped_and_repeated_times_follow_python() -> None:
    skipped, repeated = datetime.datetime(2024, 3, 31, 2, 30), datetime.datetime(2024, 10, 27, 2, 30)
    expected = [value.replace(tzinfo=BERLIN).astimezone(datetime.UTC) for value in (skipped, repeated)]
    assert [value.astimezone(datetime.UTC) for value in take(pa.array([skipped, repeated]), pxt.Timestamp)] == expected


def test_naive_times_in_a_zone_without_a_name() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=3))
    assert take(pa.array([NOON], pa.timestamp('ns')), pxt.Timestamp, zone) == [NOON.replace(tzinfo=zone)]


def test_null_is_refused_where_the_column_is_not_nullable() -> None:
    with pytest.raises(RequestError, match="column 'x', row 1: None is not allowed"):
        from_foreign(pa.chunked_array([[1, None]]), ct.INT, column='x', zone=BERLIN)


def test_pandas_frame() -> None:
    pd = pytest.importorskip('pandas')
    frame = pd.DataFrame({'f': [1.5, float('nan')], 's': ['a', None], 'v': [np.ones(2), np.zeros(2)]})
    table = pa.Table.from_pandas(frame)
    assert take(table['f'], pxt.Float) == [1.5, None]
    assert take(table['s'], pxt.String) == ['a', None]
    assert take(table['v'], pxt.Array[(2,), pxt.Float]) == [[1.0, 1.0], [0.0, 0.0]]
