"""What only Python evaluates; what SQL does too is compared with it in `differential`."""

from __future__ import annotations

import datetime
import math
import uuid
import zoneinfo
from typing import Any

import numpy as np
import pytest

from pixeltable.errors import InternalError
from pixeltable.exec.scalar import row_function
from pixeltable.exprs import build
from pixeltable.exprs.nodes import (
    AllItems,
    ArrayItem,
    Cast,
    Field,
    IsIn,
    JsonPath,
    MakeDict,
    MakeList,
    Operation,
    Replacement,
    Slice,
    Template,
)
from pixeltable.types.column_type import (
    ARRAY,
    BINARY,
    BOOL,
    DATE,
    FLOAT,
    INT,
    JSON,
    STRING,
    TIMESTAMP,
    UUID,
    ArrayShape,
    ColumnType,
    Kind,
)

BERLIN = zoneinfo.ZoneInfo('Europe/Berlin')


@pytest.mark.parametrize(
    ('source', 'target', 'value', 'expected'),
    [
        (FLOAT, STRING, 1e16, '1e+16'),
        (STRING, INT, ' 1_000 ', 1000),
        (STRING, FLOAT, 'inf', math.inf),
        (STRING, BOOL, 'True', True),
        (STRING, DATE, '2024-05-17', datetime.date(2024, 5, 17)),
        (STRING, UUID, '0' * 32, uuid.UUID(int=0)),
        (STRING, JSON, '{"a": [1]}', {'a': [1]}),
        (STRING, TIMESTAMP, '2024-05-17', datetime.datetime(2024, 5, 17, tzinfo=BERLIN)),
        (DATE, TIMESTAMP, datetime.date(2024, 5, 17), datetime.datetime(2024, 5, 17, tzinfo=BERLIN)),
        (TIMESTAMP, STRING, datetime.datetime(2024, 5, 17, tzinfo=BERLIN), '2024-05-17T00:00:00+02:00'),
        (TIMESTAMP, DATE, datetime.datetime(2024, 5, 16, 23, tzinfo=datetime.UTC), datetime.date(2024, 5, 17)),
        (JSON, STRING, 'as it is', 'as it is'),
        (JSON, STRING, {'a': [1, 2.5, None]}, '{"a":[1,2.5,null]}'),
        (JSON, UUID, '0' * 32, uuid.UUID(int=0)),
        (BINARY, STRING, 'é'.encode(), 'é'),
    ],
)
def test_conversions(source: ColumnType, target: ColumnType, value: Any, expected: Any) -> None:
    convert = row_function(Cast(target, Field(source, 'x')), BERLIN)
    assert convert(value) == expected
    assert convert(None) is None


@pytest.mark.parametrize(
    ('source', 'target', 'value', 'error'),
    [
        (STRING, INT, '1.5', ValueError),
        (STRING, INT, str(2**63), OverflowError),
        (STRING, BOOL, 'maybe', ValueError),
        (STRING, JSON, '[NaN]', ValueError),
        (STRING, TIMESTAMP, 'soon', ValueError),
        (FLOAT, JSON, math.nan, ValueError),
        (FLOAT, INT, math.inf, OverflowError),
        (JSON, INT, True, TypeError),
        (JSON, INT, 1.0, TypeError),
        (JSON, DATE, 5, TypeError),
        (JSON, ARRAY, 'text', ValueError),
        (BINARY, STRING, b'\xff', ValueError),
    ],
)
def test_failed_conversions(source: ColumnType, target: ColumnType, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error):
        row_function(Cast(target, Field(source, 'x')))(value)


def test_json_lists_become_arrays() -> None:
    target = ColumnType(Kind.ARRAY, detail=ArrayShape((2, None), 'float32'))
    found = row_function(Cast(target, Field(JSON, 'x')))([[1, 2, 3], [4, 5, 6.5]])
    assert found.dtype == np.float32
    assert found.shape == (2, 3)
    with pytest.raises(ValueError, match='shape'):
        row_function(Cast(target, Field(JSON, 'x')))([1, 2])


DOCUMENT = {'items': [{'n': 1, 'tags': ['a', 'b']}, {'tags': []}, 5], 'text': 'x', 'big': 2**70}


@pytest.mark.parametrize(
    ('path', 'expected'),
    [
        (('items', 0, 'n'), 1),
        (('items', -1), 5),
        (('items', 3), None),
        (('items', 'n'), None),
        (('text', 0), None),
        (('items', AllItems(), 'n'), [1, None, None]),
        (('items', AllItems(), 'tags', 0), ['a', None, None]),
        (('items', Slice(0, 2), 'tags'), [['a', 'b'], []]),
        (('items', Slice(1, None), 0), {'tags': []}),
        (('text', AllItems()), None),
        ((AllItems(),), list(DOCUMENT.values())),
    ],
)
def test_json_paths(path: Any, expected: Any) -> None:
    follow = row_function(JsonPath(JSON, Field(JSON, 'x'), path))
    assert follow(DOCUMENT) == expected
    assert follow(None) is None


def test_typed_json_paths() -> None:
    def follow(type_: ColumnType, value: Any) -> Any:
        return row_function(JsonPath(type_, Field(JSON, 'x'), ('k',)), BERLIN)({'k': value})

    assert isinstance(follow(FLOAT, 1), float)
    assert follow(INT, 2**70) is None
    assert follow(INT, True) is None
    assert follow(STRING, 5) is None
    assert follow(DATE, '2024-05-17') == datetime.date(2024, 5, 17)
    assert follow(TIMESTAMP, '2024-05-17') == datetime.datetime(2024, 5, 17, tzinfo=BERLIN)
    assert follow(UUID, 'no') is None


def test_json_arithmetic() -> None:
    def compute(op: str, *args: Any) -> Any:
        return row_function(Operation(JSON, op, tuple(Field(JSON, 'x') for _ in args)))(*args)

    assert compute('add', 1, 2.5) == 3.5
    assert compute('floordiv', 7, -2) == -4
    assert compute('div', 1, 0) is None
    assert compute('mul', None, 'a') is None
    with pytest.raises(TypeError, match="'a' is not a number"):
        compute('add', 'a', 'b')
    with pytest.raises(TypeError, match='True is not a number'):
        compute('neg', True)
    with pytest.raises(OverflowError):
        compute('mul', 1e308, 10)


@pytest.mark.parametrize(
    ('a', 'b', 'expected'),
    [
        ([1, {'k': None}], [1.0, {'k': None}], True),
        (1, True, False),
        ([True], [1], False),
        ({'a': 1, 'b': 2}, {'b': 2, 'a': 1}, True),
        ('1', 1, False),
        (None, None, None),
    ],
)
def test_json_equality(a: Any, b: Any, expected: bool | None) -> None:
    assert row_function(Operation(BOOL, 'eq', (Field(JSON, 'a'), Field(JSON, 'b'))))(a, b) is expected


def test_round_to_digits() -> None:
    compute = row_function(Operation(FLOAT, 'round', (Field(FLOAT, 'x'), build.literal(1))))
    assert compute(2.25, 1) == 2.2
    assert row_function(Operation(INT, 'round', (Field(INT, 'x'), build.literal(-2))))(1250, -2) == 1200


def test_templates_format_python_values() -> None:
    node = Template(STRING, ('<', Replacement(Field(FLOAT, 'x'), '>8.2f'), Replacement(Field(JSON, 'y')), '>'))
    assert row_function(node)(1.5, {'a': 1}) == "<    1.50{'a': 1}>"
    assert row_function(node)(None, 1) is None
    with pytest.raises(ValueError, match='format'):
        row_function(node)('text', 1)


def test_membership_of_numbers_and_times() -> None:
    contains = row_function(IsIn(BOOL, Field(FLOAT, 'x'), (build.literal(math.nan), build.literal(1))))
    assert [contains(value) for value in (math.nan, 1.0, 2.0, None)] == [True, True, False, None]
    noon = datetime.datetime(2024, 5, 17, 12)
    at = row_function(IsIn(BOOL, Field(TIMESTAMP, 't'), (build.literal(noon),)), BERLIN)
    assert at(datetime.datetime(2024, 5, 17, 10, tzinfo=datetime.UTC))


def test_array_items() -> None:
    array = np.arange(6).reshape(2, 3)
    item = row_function(ArrayItem(ARRAY, Field(ARRAY, 'x'), (..., Slice(1, None))))
    assert item(array).tolist() == [[1, 2], [4, 5]]
    assert type(row_function(ArrayItem(INT, Field(ARRAY, 'x'), (1, 2)))(array)) is int
    assert item(None) is None


def test_containers_hold_nulls() -> None:
    assert row_function(MakeList(JSON, (Field(INT, 'x'),) * 2))(1, None) == [1, None]
    assert row_function(MakeDict(JSON, ('a', 'b'), (Field(INT, 'x'),) * 2))(1, None) == {'a': 1, 'b': None}


def test_what_needs_more_than_a_row() -> None:
    with pytest.raises(InternalError):
        row_function(build.aggregate('count', None))
