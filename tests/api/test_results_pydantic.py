from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import BaseModel, ConfigDict, Field

from pixeltable.api.results import ResultSet
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types import column_type as ct
from pixeltable.types.arrow import encode
from pixeltable.types.column_type import ArrayShape, ColumnType, Kind

VECTOR = ColumnType(Kind.ARRAY, detail=ArrayShape((2,), 'float32'))


class Point(BaseModel):
    k: int
    vector: list[float] | None = None
    note: str = 'none'


@pytest.fixture
def rs() -> ResultSet:
    types = {'k': ct.INT, 'vector': VECTOR, 'more': ct.STRING}
    columns: dict[str, list[Any]] = {'k': [1, 2], 'vector': [np.zeros(2, 'float32'), None], 'more': ['x', 'y']}
    return ResultSet(pa.table({n: encode(columns[n], types[n]) for n in types}), types, datetime.UTC)


def test_models(rs: ResultSet) -> None:
    assert list(rs.to_pydantic(Point)) == [Point(k=1, vector=[0, 0]), Point(k=2, vector=None)]


def test_alias_and_arrays(rs: ResultSet) -> None:
    class Aliased(BaseModel):
        model_config = ConfigDict(arbitrary_types_allowed=True, extra='forbid')
        number: int = Field(alias='k')
        vector: np.ndarray[Any, Any] | None

    first = next(rs.to_pydantic(Aliased))
    assert first.number == 1
    assert isinstance(first.vector, np.ndarray)


def test_extra_columns_are_kept_if_the_model_allows_them(rs: ResultSet) -> None:
    class Open(BaseModel):
        model_config = ConfigDict(extra='allow')
        k: int

    assert next(rs[:1].to_pydantic(Open)).model_dump()['more'] == 'x'


def test_required_field_is_no_column(rs: ResultSet) -> None:
    class Other(BaseModel):
        k: int
        title: str

    with pytest.raises(RequestError, match="Other requires 'title', but the columns are k, vector, more") as raised:
        rs.to_pydantic(Other)
    assert raised.value.error_code is ErrorCode.INVALID_ARGUMENT


@pytest.mark.parametrize('model', [int, None, Point(k=1)])
def test_no_model(rs: ResultSet, model: Any) -> None:
    with pytest.raises(RequestError, match='pydantic model class'):
        rs.to_pydantic(model)


def test_row_that_does_not_fit(rs: ResultSet) -> None:
    class Small(BaseModel):
        k: int = Field(lt=2)

    models = rs.to_pydantic(Small)
    assert next(models).k == 1
    with pytest.raises(RequestError, match='row 1 is not a Small') as raised:
        next(models)
    assert raised.value.error_code is ErrorCode.TYPE_MISMATCH
