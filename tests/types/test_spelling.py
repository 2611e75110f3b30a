import datetime
import typing
from typing import Annotated, Any, TypedDict

import numpy as np
import pytest
from PIL import Image as PillowImage

from pixeltable.errors import ErrorCode, PixeltableDeprecationWarning, RequestError
from pixeltable.types import spelling as pxt
from pixeltable.types.column_type import INT, STRING, ColumnType, ImageShape, JsonList, JsonObject, Kind


class Movie(TypedDict):
    title: str
    year: typing.NotRequired[int]


def parse(spelling: Any) -> ColumnType:
    return pxt.parse(spelling, what="column 'x'")


@pytest.mark.parametrize('kind', list(Kind))
def test_every_kind_has_a_name_that_parses(kind: Kind) -> None:
    name = getattr(pxt, kind.value)
    assert parse(name) == ColumnType(kind)
    assert parse(name | None) == ColumnType(kind, nullable=True)
    assert parse(typing.Optional[name]) == ColumnType(kind, nullable=True)  # noqa: UP045


def test_other_accepted_spellings() -> None:
    assert parse(STRING) is STRING
    assert parse(Annotated[pxt.Int | None, 'how many']) == INT.with_nullable(True)


@pytest.mark.parametrize(
    ('spelling', 'text'),
    [
        (pxt.Array[pxt.Float], 'Array[float32]'),
        (pxt.Array[(384,), pxt.Float], 'Array[(384,), float32]'),
        (pxt.Array[pxt.Int, (3, None)], 'Array[(3, None), int64]'),
        (pxt.Array[pxt.Bool], 'Array[bool]'),
        (pxt.Array[pxt.String], 'Array[str]'),
        (pxt.Array[str], 'Array[str]'),
        (pxt.Array[np.float64], 'Array[float64]'),
        (pxt.Array[(2,), np.dtype('uint8')], 'Array[(2,), uint8]'),
        (pxt.Array[np.bool_], 'Array[bool]'),
        (pxt.Array[np.str_], 'Array[str]'),
        (pxt.Array['float16'], 'Array[float16]'),
        (pxt.Image['RGB'], "Image['RGB']"),
        (pxt.Image[(300, 200)], 'Image[(300, 200)]'),
        (pxt.Image['RGB', (300, 200)], "Image[(300, 200), 'RGB']"),
        (pxt.Image[(300, 200), 'RGB'] | None, "Image[(300, 200), 'RGB'] | None"),
        (pxt.Json[{'a': pxt.Int}], "Json[{'a': Int}]"),
        (pxt.Json[{'a': int, 'b': str | None}], "Json[{'a': Int, 'b': String | None}]"),
        (pxt.Json[[pxt.Int]], 'Json[(Int, ...)]'),
        (pxt.Json[(pxt.Int, ...)], 'Json[(Int, ...)]'),
        (pxt.Json[(pxt.Int, pxt.String)], 'Json[(Int, String)]'),
        (pxt.Json[(pxt.Int, pxt.String, ...)], 'Json[(Int, String, ...)]'),
        (pxt.Json[{'a': [{'b': pxt.Float}]}], "Json[{'a': Json[(Json[{'b': Float}], ...)]}]"),
    ],
)
def test_parameters(spelling: Any, text: str) -> None:
    assert str(parse(spelling)) == text


def test_json_of_typed_dict_has_optional_keys() -> None:
    detail = parse(pxt.Json[Movie]).detail
    assert detail == JsonObject((('title', STRING), ('year', INT)), frozenset({'year'}))


def test_json_of_fixed_and_variadic_lists() -> None:
    assert parse(pxt.Json[(pxt.Int, pxt.String, ...)]).detail == JsonList((INT,), STRING)
    assert parse(pxt.Image[(1, 2)]).detail == ImageShape((1, 2))


def test_required_is_a_deprecated_no_op() -> None:
    with pytest.warns(PixeltableDeprecationWarning, match='write T'):
        assert parse(pxt.Required[pxt.Int]) == INT


@pytest.mark.parametrize(
    ('builtin', 'name'),
    [
        (int, 'pxt.Int'),
        (str, 'pxt.String'),
        (int | None, 'pxt.Int'),
        (dict, 'pxt.Json'),
        (list[int], 'pxt.Json'),
        (datetime.datetime, 'pxt.Timestamp'),
        (np.ndarray, 'pxt.Array'),
        (PillowImage.Image, 'pxt.Image'),
        (Movie, r'pxt.Json\[Movie\]'),
    ],
)
def test_python_types_are_refused_with_the_type_to_use(builtin: Any, name: str) -> None:
    with pytest.raises(RequestError, match=f"column 'x': .*{name}") as error:
        parse(builtin)
    assert error.value.error_code is ErrorCode.INVALID_TYPE


@pytest.mark.parametrize('nonsense', [5, 'String', 'Strng', [pxt.Int], {'a': pxt.Int}, None, object, print, pxt])
def test_nonsense_is_refused(nonsense: Any) -> None:
    with pytest.raises(RequestError, match=r"column 'x'.* is not a type") as error:
        parse(nonsense)
    assert error.value.error_code is ErrorCode.TYPE_MISMATCH


def test_quoted_and_misspelled_names_get_advice() -> None:
    with pytest.raises(RequestError, match=r'Write pxt\.String, without quotes'):
        parse('string')
    with pytest.raises(RequestError, match="Did you mean 'String'"):
        parse('Strng')


def test_union_of_two_types_is_refused() -> None:
    with pytest.raises(RequestError, match='a column has one type'):
        parse(pxt.Int | pxt.String)


@pytest.mark.parametrize(
    'make',
    [
        lambda: pxt.Array[(3,)],
        lambda: pxt.Array[(3, 4)],
        lambda: pxt.Array[(-1,), pxt.Float],
        lambda: pxt.Array[float],
        lambda: pxt.Array[np.complex64],
        lambda: pxt.Array['nonsense'],
        lambda: pxt.Image[3],
        lambda: pxt.Image['RGB', 'L'],
        lambda: pxt.Image[(0, 5)],
        lambda: pxt.Image['rgb'],
        lambda: pxt.Json[pxt.Int],
        lambda: pxt.Json[{'type': 'object', 'properties': {}}],
        lambda: pxt.Json[[pxt.Int, pxt.Int]],
        lambda: pxt.Json[()],
        lambda: pxt.Json[{1: pxt.Int}],
    ],
)
def test_bad_parameters_are_refused(make: Any) -> None:
    with pytest.raises(RequestError) as error:
        make()
    assert error.value.error_code is ErrorCode.INVALID_TYPE


def test_names_print_as_written() -> None:
    assert [repr(name) for name in (pxt.Json, pxt.Array, pxt.Image)] == ['Json', 'Array', 'Image']
