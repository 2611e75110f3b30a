from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pydantic
import pytest

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.io.arrow_rows import opened
from pixeltable.io.sources import schema_of
from pixeltable.types.column_type import FLOAT, INT


def types(source, overrides=None, key=None) -> dict[str, str]:
    return {name: str(type_) for name, type_ in schema_of(source, overrides or {}, key).schema.items()}


class Item(pydantic.BaseModel):
    k: int
    tags: list[str]


@pytest.mark.parametrize(
    'source',
    [
        [{'k': 1, 's': 'x'}, {'k': None, 's': None}],
        ({'k': n, 's': 'x'} for n in range(3)),
        pd.DataFrame({'k': [1], 's': ['x']}),
        pa.table({'k': [1], 's': ['x']}),
    ],
    ids=['list', 'generator', 'pandas', 'arrow'],
)
def test_inferred(source) -> None:
    assert types(source) == {'k': 'Int | None', 's': 'String | None'}


def test_pydantic() -> None:
    found = types([Item(k=1, tags=['a'])])
    assert found['k'] == 'Int | None'
    assert found['tags'].startswith('Json')


def test_a_generator_is_kept() -> None:
    rows = schema_of(({'k': n} for n in range(3)), {}, None).rows
    assert rows == [{'k': 0}, {'k': 1}, {'k': 2}]


def test_keys_and_overrides() -> None:
    rows = [{'k': 1, 'v': 2}]
    assert types(rows, key='k') == {'k': 'Int', 'v': 'Int | None'}
    assert schema_of(rows, {'v': FLOAT}, ['k']).schema == {'k': INT, 'v': FLOAT}


def test_a_column_that_only_an_override_types() -> None:
    assert types([{'k': 1, 'v': object()}], {'v': INT}) == {'k': 'Int | None', 'v': 'Int'}


@pytest.mark.parametrize('source', ['text', 5, [], [1], {'k': 1}])
def test_what_has_no_rows(source) -> None:
    with pytest.raises(RequestError) as caught:
        schema_of(source, {}, None)
    assert caught.value.error_code is ErrorCode.UNSUPPORTED_OPERATION


def test_names_that_no_column_can_have() -> None:
    found = schema_of(
        [{'A b': 1, '1x': 2, '_y': 3, 'count': 4, 'a_B': 5, 'class': 6}], {'A b': FLOAT}, ['a_b'], {'count'}
    )
    assert list(found.schema) == ['a_b', 'c_1x', 'c_y', 'count_1', 'a_b_1', 'class_1']
    assert (found.schema['a_b'], found.primary_key) == (FLOAT, ['a_b'])
    assert list(found.rows) == [{'a_b': 1, 'c_1x': 2, 'c_y': 3, 'count_1': 4, 'a_b_1': 5, 'class_1': 6}]


@pytest.mark.parametrize('make', [pd.DataFrame, pa.table], ids=['pandas', 'arrow'])
def test_other_data_is_renamed_too(make) -> None:
    found = schema_of(make({'A b': [1]}), {}, None)
    assert found.schema == {'a_b': INT.with_nullable(True)}
    (table,) = opened(found.rows).tables
    assert table.column_names == ['a_b']
