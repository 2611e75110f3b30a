"""What the functions give, called as the evaluator calls them."""

from __future__ import annotations

import datetime
import math
import uuid
from typing import Any

import numpy as np
import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import METHODS, Expr
from pixeltable.exprs.nodes import Field
from pixeltable.functions import array, date, json, string, timestamp
from pixeltable.functions import math as numbers
from pixeltable.functions import uuid as uuids
from pixeltable.types.column_type import INT, STRING, TIMESTAMP, Kind
from pixeltable.udf.function import Function

DAY = datetime.date(2024, 2, 29)
MOMENT = datetime.datetime(2024, 2, 29, 12, 30, 15, 250000, tzinfo=datetime.UTC)
PEOPLE = {'objects': [{'label': 'person', 'score': 0.9}, {'label': 'dog', 'score': 1}], 'ok': True}


@pytest.mark.parametrize(
    ('function', 'args', 'expected'),
    [
        (string.contains, ('Straße', 'RASS', False), True),
        (string.contains_re, ('abc1', r'\d'), True),
        (string.count, ('banana', 'an'), 2),
        (string.fill, ('aa bb', 2), 'aa\nbb'),
        (string.find, ('banana', 'x'), -1),
        (string.findall, ('a1b2', r'[a-z]\d'), ['a1', 'b2']),
        (string.fullmatch, ('ABC', 'abc', False), True),
        (string.fullmatch, ('ABC', 'abc'), False),
        (string.join, ('-', ['a', 'b']), 'a-b'),
        (string.len, ('e\u0301',), 2),
        (string.match, ('abc', 'b'), False),
        (string.normalize, ('e\u0301', 'NFC'), '\u00e9'),
        (string.pad, ('a', 3, 'both', '*'), '*a*'),
        (string.partition, ('a=b=c', '='), ('a', '=', 'b=c')),
        (string.replace, ('aaa', 'a', 'b', 2), 'bba'),
        (string.replace_re, ('a1b2', r'\d', '#', 1), 'a#b2'),
        (string.reverse, ('abc',), 'cba'),
        (string.rsplit, ('a b c', ' ', 1), ['a b', 'c']),
        (string.slice, ('abcdef', 1, None, 2), 'bdf'),
        (string.slice_replace, ('abcdef', 1, 3, 'X'), 'aXdef'),
        (string.slice_replace, ('abcdef', -2), 'abcd'),
        (string.upper, ('ß',), 'SS'),
        (string.zfill, ('-5', 4), '-005'),
        (numbers.abs, (-3,), 3.0),
        (numbers.ceil, (1.2,), 2.0),
        (numbers.floor, (math.inf,), math.inf),
        (numbers.round, (2.5,), 2.0),
        (numbers.round, (2.345, 1), 2.3),
        (numbers.pow, (0.0, -1.0), None),
        (numbers.pow, (-8.0, 1 / 3), None),
        (numbers.pow, (10.0, 400.0), math.inf),
        (numbers.sqrt, (-1.0,), None),
        (numbers.log, (0.0,), None),
        (numbers.log10, (1000.0,), 3.0),
        (numbers.exp, (1000.0,), math.inf),
        (numbers.to_int, (-2.7,), -2),
        (json.contains, (PEOPLE, 'person'), True),
        (json.contains, (PEOPLE, 'objects'), True),
        (json.contains, (PEOPLE, 'cat'), False),
        (json.contains, ([1, 2], 2), True),
        (json.contains, ([1, 2], True), False),
        (json.contains, ([[1, 2]], [1, 2]), True),
        (json.count, ([1, True, 1.0], 1), 2),
        (json.dumps, ({'a': ['é']},), '{"a": ["é"]}'),
        (json.get, ([1], 'a', 'none'), 'none'),
        (json.flatten, ([1, [2, [3]]],), [1, 2, [3]]),
        (json.is_empty, (None,), True),
        (json.items, ({'a': 1},), [['a', 1]]),
        (json.merge, ({'a': 1}, {'a': 2}), {'a': 2}),
        (json.sum, ([],), 0.0),
        (json.max, ([],), None),
        (json.mean, ([1, 2],), 1.5),
        (date.weekday, (DAY,), 3),
        (date.isocalendar, (DAY,), {'year': 2024, 'week': 9, 'weekday': 4}),
        (date.add_days, (DAY, 1), datetime.date(2024, 3, 1)),
        (date.replace, (DAY, None, 1), datetime.date(2024, 1, 29)),
        (date.strftime, (DAY, '%d.%m.'), '29.02.'),
        (timestamp.microsecond, (MOMENT,), 250000),
        (timestamp.isoformat, (MOMENT, ' ', 'minutes'), '2024-02-29 12:30+00:00'),
        (timestamp.replace, (MOMENT, 2023, 1), MOMENT.replace(year=2023, month=1)),
        (timestamp.posix_timestamp, (MOMENT,), MOMENT.timestamp()),
        (uuids.hex, (uuid.UUID(int=1),), '0' * 31 + '1'),
        (array.to_list, (np.eye(2),), [[1.0, 0.0], [0.0, 1.0]]),
    ],
)
def test_results(function: Function, args: tuple[Any, ...], expected: Any) -> None:
    names = [parameter.name for parameter in function.signature.parameters][: len(args)]
    result = function.caller(names)(*args)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(
    ('function', 'value'),
    [(json.sum, [1, True]), (json.max, ['a']), (json.keys, [1]), (json.len, 5), (json.concat, {})],
)
def test_json_of_the_wrong_shape(function: Function, value: Any) -> None:
    with pytest.raises(RequestError) as caught:
        function.raw(value) if function is not json.concat else function.raw(value, [])
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT


def test_timestamps_in_another_zone() -> None:
    local = timestamp.astimezone.raw(MOMENT, 'Asia/Tokyo')
    assert (local, local.hour) == (MOMENT, 21)
    assert timestamp.strip_timezone.raw(MOMENT).tzinfo is None


def test_uuid7_is_ordered_by_time() -> None:
    first, second = uuids.uuid7.raw(), uuids.uuid7.raw()
    assert (first.version, first.variant) == (7, uuid.RFC_4122)
    assert first.int >> 80 <= second.int >> 80
    assert not uuids.uuid7.is_deterministic


def test_methods_and_properties_of_expressions() -> None:
    text, number, moment = (Expr(Field(type_, 'x')) for type_ in (STRING, INT, TIMESTAMP))
    assert repr(text.upper()) == 'x.upper()'
    assert repr(moment.year) == 'x.year'
    assert repr(number.sqrt()) == 'x.sqrt()'
    # with `apply`, and those of Json with `map`, `filter` and `sort`
    # with `apply`, and those of Json with `map`, `filter` and `sort`
    assert {kind: len(METHODS[kind]) for kind in (Kind.DATE, Kind.JSON, Kind.UUID)} == {
        Kind.DATE: 12,
        Kind.JSON: 19,
        Kind.UUID: 3,
    }
