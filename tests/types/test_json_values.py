import dataclasses
import datetime
import enum
import uuid
from typing import Any

import numpy as np
import pytest

from pixeltable.errors import RequestError
from pixeltable.types import spelling as pxt
from pixeltable.types.coerce import coerce, column_to_arrow
from pixeltable.types.json_values import dump


class Color(str, enum.Enum):  # noqa: UP042
    RED = 'red'


@dataclasses.dataclass
class Point:
    x: int


def take(value: Any, spelling: Any = pxt.Json) -> Any:
    type_ = pxt.parse(spelling, what='x')
    stored = column_to_arrow([value], type_, column='x')
    found = coerce(value, type_, column='x', row=0)
    assert stored[0].as_py() == dump(found)  # though most values get there without being looked at one by one
    return found


@pytest.mark.parametrize(
    ('value', 'result'),
    [
        ((1, (2,)), [1, [2]]),
        ({'a': np.float32(0.5)}, {'a': 0.5}),
        ({'a': Color.RED, Color.RED: 1}, {'a': 'red', 'red': 1}),
        (Point(1), {'x': 1}),
        (datetime.date(2024, 1, 2), '2024-01-02'),
        ([uuid.UUID(int=0)], ['00000000-0000-0000-0000-000000000000']),
        ({'k\0': 'v\0'}, {'k ': 'v '}),
        (2**70, 2**70),
        ('text', 'text'),
    ],
)
def test_accepted(value: Any, result: Any) -> None:
    found = take(value)
    assert found == result
    assert type(found) is type(result)


def test_pydantic() -> None:
    pydantic = pytest.importorskip('pydantic')
    movie = pydantic.create_model('Movie', title=(str, ...), day=(datetime.date, ...))
    assert take(movie(title='M', day='1931-05-11')) == {'title': 'M', 'day': '1931-05-11'}


@pytest.mark.parametrize(
    ('value', 'message'),
    [
        ({'a': [1, float('nan')]}, r'at \$\.a\[1\]: JSON has no nan'),
        ([float('inf')], r'at \$\[0\]: JSON has no inf'),
        ({'a': {1: 2}}, r'at \$\.a: JSON keys are text, not 1'),
        ({'$pxt': 1}, 'is reserved'),
        ({'a': {'$pxt': 'bytes', 'data': 5}}, r'at \$\.a: its .* object cannot be read'),
        ({'a': np.array([object()])}, r'at \$\.a: arrays of dtype object'),
        (['\ud800'], r'at \$\[0\]: .*surrogate'),
        ({'\ud800': 1}, 'surrogate'),
        ({1, 2}, 'JSON cannot hold a set'),
    ],
)
def test_refused(value: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        take(value)


def test_circular_and_deep_values_are_refused() -> None:
    circular: list[Any] = []
    circular.append(circular)
    with pytest.raises(RequestError, match='contains itself'):
        take(circular)
    with pytest.raises(RequestError, match='thousands of digits'):
        take([10**5000])


@pytest.mark.parametrize(
    ('value', 'spelling', 'result'),
    [
        ({'a': 1}, pxt.Json[{'a': float}], {'a': 1.0}),
        ({}, pxt.Json[{'a': int | None}], {}),
        ([1, 2], pxt.Json[[float]], [1.0, 2.0]),
        ((1, 'x', 'y'), pxt.Json[(int, str, ...)], [1, 'x', 'y']),
        ({'t': datetime.date(2024, 1, 1)}, pxt.Json[{'t': pxt.Date}], {'t': '2024-01-01'}),
        ({'b': None, 'a': [1.5, 2.0]}, pxt.Json[{'a': [float], 'b': str | None}], {'b': None, 'a': [1.5, 2.0]}),
        ({'a': True, 'b': [{'c': 1}]}, pxt.Json[{'a': bool, 'b': pxt.Json}], {'a': True, 'b': [{'c': 1}]}),
    ],
)
def test_schema_accepts(value: Any, spelling: Any, result: Any) -> None:
    found = take(value, spelling)
    assert repr(found) == repr(result)


@pytest.mark.parametrize(
    ('value', 'spelling', 'message'),
    [
        ({}, pxt.Json[{'a': int}], "the key 'a' is missing"),
        (
            {'a': {'size': 1, 'sise': 2}},
            pxt.Json[{'a': {'size': int}}],
            r"at \$\.a: .* no key 'sise'. Did you mean 'size'\?",
        ),
        ({'a': {'b': ['x']}}, pxt.Json[{'a': {'b': [int]}}], r"at \$\.a\.b\[0\]: 'x' is not a Int"),
        ({'a': None}, pxt.Json[{'a': int}], r'write Int \| None'),
        ([1, 2, 3], pxt.Json[(int, int)], 'has exactly 2 items, not 3'),
        ([], pxt.Json[(int, int, ...)], 'has at least 1 items, not 0'),
        ([], pxt.Json[{'a': int}], 'give a dict'),
        ({}, pxt.Json[[int]], 'give a list'),
        (['x'], pxt.Json[[pxt.Date]], 'ISO 8601'),
        ([2**63], pxt.Json[[int]], r'at \$\[0\]: 9223372036854775808 is not a Int'),
        ([True], pxt.Json[[int]], r'at \$\[0\]: True is not a Int'),
        ([float('nan')], pxt.Json[[float]], 'JSON has no nan'),
    ],
)
def test_schema_refuses(value: Any, spelling: Any, message: str) -> None:
    with pytest.raises(RequestError, match=message):
        take(value, spelling)
