import datetime
import uuid
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image as PillowImage

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types import infer
from pixeltable.types.column_type import JSON


@pytest.mark.parametrize(
    ('value', 'text'),
    [
        ('a', 'String'),
        (True, 'Bool'),
        (1, 'Int'),
        (1.5, 'Float'),
        (datetime.datetime(2024, 1, 1), 'Timestamp'),
        (datetime.date(2024, 1, 1), 'Date'),
        (uuid.UUID(int=0), 'UUID'),
        (b'x', 'Binary'),
        (np.zeros((2, 3), np.float32), 'Array[(2, 3), float32]'),
        (np.array(['a', 'bc']), 'Array[(2,), str]'),
        (np.float32(1), 'Float'),
        (np.int8(1), 'Int'),
        (np.bool_(True), 'Bool'),
        (PillowImage.new('RGB', (3, 2)), "Image[(3, 2), 'RGB']"),
        ({'a': 1, 'b': None}, "Json[{'a': Int, 'b': Json | None}]"),
        ([1, 2.5], 'Json[(Float, ...)]'),
        ([1, None], 'Json[(Int | None, ...)]'),
        ([1, 'a'], 'Json'),
        ((1, 'a'), 'Json[(Int, String)]'),
        ([{'a': 1}, {'b': 'x'}], "Json[(Json[{'a': Int, 'b': String}], ...)]"),
        (None, 'Json | None'),
    ],
)
def test_of_value(value: Any, text: str) -> None:
    assert str(infer.of_value(value)) == text


@pytest.mark.parametrize('value', [object(), {1: 2}, {3}, [object()], np.array([1j]), 1j])
def test_of_value_without_a_type(value: Any) -> None:
    assert infer.of_value(value) is None


def test_of_rows_gives_nullable_types_of_all_columns() -> None:
    rows = [{'a': 1, 'b': 'x'}, {'a': 2.5, 'c': {'k': 1}}, {'a': None, 'c': {'l': 'y'}}]
    found = {name: str(type_) for name, type_ in infer.of_rows(rows).items()}
    assert found == {'a': 'Float | None', 'b': 'String | None', 'c': 'Json | None'}


def test_of_rows_names_the_columns_that_have_no_type() -> None:
    with pytest.raises(RequestError, match=r"columns 'a', 'b'.*schema_overrides") as error:
        infer.of_rows([{'a': None, 'b': 1, 'c': 1}, {'a': None, 'b': 'x', 'c': 2}])
    assert error.value.error_code is ErrorCode.INVALID_TYPE


@pytest.mark.parametrize(
    ('type_', 'text'),
    [
        (pa.large_string(), 'String'),
        (pa.uint8(), 'Int'),
        (pa.float16(), 'Float'),
        (pa.timestamp('ns'), 'Timestamp'),
        (pa.date64(), 'Date'),
        (pa.uuid(), 'UUID'),
        (pa.large_binary(), 'Binary'),
        (pa.dictionary(pa.int8(), pa.string()), 'String'),
        (pa.list_(pa.int64()), 'Json[(Int | None, ...)]'),
        (pa.list_(pa.float32(), 3), 'Array[(3,), float32]'),
        (pa.fixed_shape_tensor(pa.uint8(), (2, 3)), 'Array[(2, 3), uint8]'),
        (pa.struct([('a', pa.string())]), "Json[{'a': String | None}]"),
        (pa.map_(pa.string(), pa.int64()), 'Json'),
    ],
)
def test_of_arrow(type_: pa.DataType, text: str) -> None:
    assert str(infer.of_arrow(pa.schema([('x', type_)]))['x']) == text + ' | None'


def test_of_arrow_names_what_it_does_not_know() -> None:
    with pytest.raises(RequestError, match="column 'x'"):
        infer.of_arrow(pa.schema([('x', pa.duration('s'))]))


def test_of_pandas() -> None:
    pd = pytest.importorskip('pandas')
    frame = pd.DataFrame({'i': [1], 'f': [1.5], 'b': [True], 's': ['x'], 't': [datetime.datetime(2024, 1, 1)]})
    frame['mixed'] = pd.Series([1], dtype=object)
    frame['json'] = pd.Series([[1, 2]], dtype=object)
    frame['empty'] = pd.Series([None], dtype=object)
    frame['category'] = pd.Categorical(['x'])
    frame['nullable'] = pd.array([None], dtype='Int64')
    found = [str(type_).removesuffix(' | None') for type_ in infer.of_pandas(frame).values()]
    scalars = ['Int', 'Float', 'Bool', 'String', 'Timestamp', 'Int']
    assert found == [*scalars, 'Json', 'Float', 'String', 'Int']


def test_of_pandas_rejects_other_extension_types() -> None:
    pd = pytest.importorskip('pandas')
    with pytest.raises(RequestError, match="'p'"):
        infer.of_pandas(pd.DataFrame({'p': pd.period_range('2024', periods=2)}))


def test_none_is_anything() -> None:
    assert infer.of_value(None) == JSON.with_nullable(True)
