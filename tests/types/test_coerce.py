import dataclasses
import datetime
import enum
import pathlib
import subprocess
import sys
import uuid
import zoneinfo
from typing import Any

import numpy as np
import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types import arrow
from pixeltable.types import column_type as ct
from pixeltable.types import spelling as pxt
from pixeltable.types.coerce import coerce, column_to_arrow

BERLIN = zoneinfo.ZoneInfo('Europe/Berlin')


class Color(enum.Enum):
    RED = 'red'
    ONE = 1


@dataclasses.dataclass
class Point:
    x: int


def take(value: Any, spelling: Any) -> Any:
    return coerce(value, pxt.parse(spelling, what='x'), column='x', zone=BERLIN)


@pytest.mark.parametrize(
    ('value', 'type_', 'result'),
    [
        (1, ct.FLOAT, 1.0),
        (np.float32(0.5), ct.FLOAT, 0.5),
        (np.int16(3), ct.FLOAT, 3.0),
        (1, ct.BOOL, True),
        (np.bool_(False), ct.BOOL, False),
        (np.int64(7), ct.INT, 7),
        (Color.ONE, ct.INT, 1),
        (Color.RED, ct.STRING, 'red'),
        ('a\0b', ct.STRING, 'a b'),
        (np.str_('a'), ct.STRING, 'a'),
        (pathlib.PurePosixPath('/a/b'), ct.STRING, '/a/b'),
        (pathlib.PurePosixPath('/a/b.png'), ct.IMAGE, '/a/b.png'),
        ('2024-05-17', ct.DATE, datetime.date(2024, 5, 17)),
        (datetime.datetime(2024, 5, 17), ct.DATE, datetime.date(2024, 5, 17)),
        ('2024-05-17T12:00', ct.TIMESTAMP, datetime.datetime(2024, 5, 17, 12, tzinfo=BERLIN)),
        (datetime.datetime(2024, 5, 17, 12), ct.TIMESTAMP, datetime.datetime(2024, 5, 17, 12, tzinfo=BERLIN)),
        ('2024-05-17T10:00Z', ct.TIMESTAMP, datetime.datetime(2024, 5, 17, 12, tzinfo=BERLIN)),
        (np.datetime64('2024-05-17T12:00', 'ns'), ct.TIMESTAMP, datetime.datetime(2024, 5, 17, 12, tzinfo=BERLIN)),
        (str(uuid.UUID(int=5)), ct.UUID, uuid.UUID(int=5)),
        (bytearray(b'ab'), ct.BINARY, b'ab'),
        (memoryview(b'ab'), ct.BINARY, b'ab'),
    ],
)
def test_accepted(value: Any, type_: ct.ColumnType, result: Any) -> None:
    found = coerce(value, type_, column='x', zone=BERLIN)
    assert found == result
    assert type(found) is type(result)
    one = column_to_arrow([value], type_, column='x', zone=BERLIN)
    assert arrow.decode(one, type_, BERLIN) == [result]


@pytest.mark.parametrize(
    ('value', 'type_', 'reason'),
    [
        (True, ct.INT, r'int\(value\) makes it one'),
        (1.0, ct.INT, 'a float is not an Int'),
        (2**63, ct.INT, 'Int has 64 bits'),
        ('1', ct.INT, 'give an int'),
        (True, ct.FLOAT, 'a bool is not a Float'),
        (10**400, ct.FLOAT, 'too large'),
        (2, ct.BOOL, 'True or False'),
        (5, ct.STRING, r'str\(value\)'),
        ('a\ud800', ct.STRING, 'position 1 is half of a surrogate pair'),
        ('tomorrow', ct.TIMESTAMP, 'ISO 8601'),
        (datetime.date(2024, 1, 1), ct.TIMESTAMP, 'give a datetime'),
        (datetime.datetime.min, ct.TIMESTAMP, 'years 1 to 9999'),
        (datetime.datetime(2024, 1, 1, 3), ct.DATE, r'value\.date\(\)'),
        ('x', ct.UUID, '32 hexadecimal'),
        ('x', ct.BINARY, r'value\.encode\(\)'),
        (b'x', ct.VIDEO, 'a path or a URL'),
        (object(), ct.JSON, 'JSON cannot hold a object'),
    ],
)
def test_refused(value: Any, type_: ct.ColumnType, reason: str) -> None:
    with pytest.raises(RequestError, match=f"column 'x', row 3: cannot store .* as {type_}.*{reason}") as error:
        coerce(value, type_, column='x', row=3, zone=BERLIN)
    assert error.value.error_code is ErrorCode.UNSUPPORTED_OPERATION
    with pytest.raises(RequestError, match=f"column 'x', row 6: .*{reason}"):
        column_to_arrow([None, value], type_.with_nullable(True), column='x', first_row=5, zone=BERLIN)


def test_null_in_a_column_that_is_not_nullable() -> None:
    with pytest.raises(RequestError, match=r"column 'x', row 11: None is not allowed.*declare .* Int \| None") as error:
        column_to_arrow([1, None], ct.INT, column='x', first_row=10, code=ErrorCode.TYPE_MISMATCH)
    assert error.value.error_code is ErrorCode.TYPE_MISMATCH
    assert coerce(None, ct.INT.with_nullable(True), column='x') is None


def test_missing_values_of_pandas_are_null() -> None:
    pd = pytest.importorskip('pandas')
    nullable = ct.TIMESTAMP.with_nullable(True)
    assert [coerce(value, nullable, column='x') for value in (pd.NaT, pd.NA, np.datetime64('NaT'))] == [None] * 3
    moment = coerce(pd.Timestamp('2024-01-01'), nullable, column='x')
    assert type(moment) is datetime.datetime
    with pytest.raises(RequestError, match='None is not allowed'):
        column_to_arrow([pd.NaT], ct.TIMESTAMP, column='x')


@pytest.mark.parametrize(
    ('values', 'type_'),
    [
        ([1, 2.5, np.float32(3)], ct.FLOAT),
        (['a', 'b\0', pathlib.PurePosixPath('c')], ct.STRING),
        ([True, 0, np.bool_(True)], ct.BOOL),
        (['2024-01-01', datetime.date(2024, 1, 2)], ct.DATE),
        ([{'a': 1}, {'a': 'x\0'}, 'text', 5], ct.JSON),
        ([{'a': np.int64(1)}, (1, 2)], ct.JSON),
    ],
)
def test_bulk_is_the_same_as_one_by_one(values: list[Any], type_: ct.ColumnType) -> None:
    bulk = arrow.decode(column_to_arrow(values, type_, column='x'), type_, datetime.UTC)
    assert bulk == [coerce(value, type_, column='x') for value in values]


def test_building_columns_does_not_import_pandas() -> None:
    code = """
import sys
from pixeltable.types import coerce, column_type as ct
for type_, value in ((ct.INT, 1), (ct.STRING, 'x'), (ct.JSON, {}), (ct.FLOAT, 1.0), (ct.ARRAY, [1.0]), (ct.BOOL, True)):
    coerce.column_to_arrow([value, None], type_.with_nullable(True), column='x')
sys.exit('pandas' in sys.modules)
"""
    assert subprocess.run([sys.executable, '-c', code], check=False).returncode == 0


def test_long_values_are_shortened_in_messages() -> None:
    with pytest.raises(RequestError) as error:
        take('x' * 10_000, pxt.Int)
    assert len(error.value.message) < 300
