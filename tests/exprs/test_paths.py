from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import AllItems, ArrayItem, JsonPath, Slice
from pixeltable.types.column_type import (
    FLOAT,
    INT,
    JSON,
    STRING,
    ArrayShape,
    ColumnType,
    JsonList,
    JsonObject,
    Kind,
)

Column = Callable[[str, ColumnType], Expr]
PERSON = ColumnType(Kind.JSON, detail=JsonObject((('name', STRING), ('age', INT)), frozenset({'age'})))
PEOPLE = ColumnType(Kind.JSON, detail=JsonList((), PERSON))


def array(shape: tuple[int | None, ...] | None, dtype: str = 'float32') -> ColumnType:
    return ColumnType(Kind.ARRAY, detail=ArrayShape(shape, dtype))


def test_steps_join_into_one_path(column: Column) -> None:
    node = column('j', JSON).a[0][1:2]['*']['b c'].__pxt_node__
    assert isinstance(node, JsonPath)
    assert node.path == ('a', 0, Slice(1, 2), AllItems(), 'b c')
    assert node.type == JSON.with_nullable(True)


def test_typed_paths_have_types(column: Column) -> None:
    people = column('people', PEOPLE)
    assert people[0].name.col_type == STRING.with_nullable(True)
    person = column('person', PERSON)
    assert person.name.col_type == STRING
    assert person.age.col_type == INT.with_nullable(True)
    assert str(people['*'].name.col_type) == 'Json[(String | None, ...)] | None'


def test_a_key_that_the_type_does_not_have(column: Column) -> None:
    with pytest.raises(RequestError, match="Did you mean 'name'"):
        _ = column('person', PERSON).nam
    assert not hasattr(column('person', PERSON), 'nam')
    assert not hasattr(column('people', PEOPLE), 'name')


@pytest.mark.parametrize('index', [1.5, True, None, slice('a', None), slice(None, None, 0), (1, 2)])
def test_steps_that_are_none(column: Column, index: Any) -> None:
    with pytest.raises(RequestError, match='a Json path takes'):
        column('j', JSON)[index]


def test_an_expression_is_no_step(column: Column) -> None:
    with pytest.raises(RequestError, match='a Json path takes'):
        column('j', JSON)[column('x', INT)]


@pytest.mark.parametrize(
    ('shape', 'index', 'expected'),
    [
        ((4, 3), 0, (3,)),
        ((4, 3), slice(1, 3), (2, 3)),
        ((4, None), (..., 0), (4,)),
        ((4, 3, 2), (0, ..., slice(None, None, 2)), (3, 1)),
        ((None, 3), slice(1, None), (None, 3)),
    ],
)
def test_shapes_of_array_items(column: Column, shape: Any, index: Any, expected: Any) -> None:
    assert column('m', array(shape))[index].col_type.array.shape == expected


def test_the_last_index_gives_a_number(column: Column) -> None:
    assert column('v', array((3,)))[0].col_type == FLOAT.with_nullable(True)
    assert column('v', array((3,), 'int64'))[0].col_type == INT.with_nullable(True)
    assert isinstance(column('v', array(None))[0].__pxt_node__, ArrayItem)


@pytest.mark.parametrize('index', ['a', 1.5, True, slice(None, None, 0)])
def test_array_indices_that_are_none(column: Column, index: Any) -> None:
    with pytest.raises(RequestError, match='takes ints and slices'):
        column('v', array((3,)))[index]


@pytest.mark.parametrize('index', [3, -4, (slice(None), 0), (0, 0)])
def test_array_items_that_are_not_there(column: Column, index: Any) -> None:
    with pytest.raises(RequestError, match=r'no \[(3|-4)\] among 3 items|too many') as caught:
        column('v', array((3,)))[index]
    assert caught.value.error_code is ErrorCode.INVALID_ARGUMENT
    assert column('v', array((None,)))[7].col_type == FLOAT.with_nullable(True)


def test_other_types_have_no_items(column: Column) -> None:
    with pytest.raises(RequestError, match='only Json and Array'):
        column('x', INT)[0]


def test_a_fixed_list_has_no_further_items(column: Column) -> None:
    pair = column('p', ColumnType(Kind.JSON, detail=JsonList((INT, STRING))))
    assert pair[1].col_type == STRING
    for step in (2, -3):
        with pytest.raises(RequestError, match='has 2 items'):
            pair[step]
