from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixeltable.types import spelling as pxt
from pixeltable.types.column_type import ColumnType
from pixeltable.types.supertypes import supertype

SPELLINGS: list[Any] = [
    pxt.Bool,
    pxt.Int,
    pxt.Float,
    pxt.String,
    pxt.Date,
    pxt.Json,
    pxt.Json[{'a': int}],
    pxt.Json[{'a': str, 'b': int}],
    pxt.Json[[int]],
    pxt.Json[(int, str)],
    pxt.Array,
    pxt.Array[pxt.Float],
    pxt.Array[(3,), pxt.Float],
    pxt.Array[(4,), pxt.Float],
    pxt.Image,
    pxt.Image['RGB'],
    pxt.Image[(3, 4), 'RGB'],
    pxt.Int | None,
]
TYPES = st.sampled_from([pxt.parse(spelling, what='x') for spelling in SPELLINGS])


@pytest.mark.parametrize(
    ('a', 'b', 'text'),
    [
        (pxt.Bool, pxt.Int, 'Int'),
        (pxt.Int, pxt.Float | None, 'Float | None'),
        (pxt.Json, pxt.Int, 'Json'),
        (pxt.Int, pxt.String, 'None'),
        (pxt.Array[(3,), pxt.Float], pxt.Array[(4,), pxt.Float], 'Array[(None,), float32]'),
        (pxt.Array[(3,), pxt.Float], pxt.Array[(3, 4), pxt.Float], 'Array'),
        (pxt.Array[(3,), pxt.Float], pxt.Array[(3,), pxt.Int], 'Array'),
        (pxt.Image['RGB'], pxt.Image['L'], 'Image'),
        (pxt.Image[(3, 4), 'RGB'], pxt.Image[(3, 4), 'L'], 'Image[(3, 4)]'),
        (pxt.Json[{'a': int}], pxt.Json[{'a': float, 'b': str}], "Json[{'a': Float, 'b': String}]"),
        (pxt.Json[(int, int)], pxt.Json[(int, int, int)], 'Json[(Int, ...)]'),
    ],
)
def test_supertype(a: Any, b: Any, text: str) -> None:
    assert str(supertype(pxt.parse(a, what='a'), pxt.parse(b, what='b'))) == text


def test_keys_that_one_lacks_are_optional() -> None:
    a, b = (pxt.parse(pxt.Json[fields], what='x') for fields in ({'a': int}, {'a': int, 'b': str}))
    common = supertype(a, b)
    assert common is not None
    assert common.detail.optional == {'b'}  # type: ignore[union-attr]


@given(TYPES)
def test_supertype_of_itself(a: ColumnType) -> None:
    assert supertype(a, a) == a


@given(TYPES, TYPES)
def test_supertype_is_upper_bound(a: ColumnType, b: ColumnType) -> None:
    """It absorbs both, and its order does not matter but for the order of keys."""
    common = supertype(a, b)
    assert (common is None) == (supertype(b, a) is None)
    if common is not None:
        assert supertype(common, a) == common
        assert supertype(common, b) == common
