"""Infers the schema of data that a table is created from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pixeltable.errors import ErrorCode, NotFoundError, RequestError, did_you_mean
from pixeltable.io.arrow_rows import ArrowRows, opened
from pixeltable.io.rows import StoredRows
from pixeltable.types import infer
from pixeltable.types.column_type import ColumnType


def schema_of(
    source: Any, overrides: dict[str, Any], primary_key: str | list[str] | None
) -> tuple[dict[str, Any], Any]:
    """The columns for `source`, nullable but for the primary key, and the source, which may have been read into a list.

    Raises UNSUPPORTED_OPERATION for something that has no rows, INVALID_TYPE for a column whose type cannot be inferred.
    """
    inferred: dict[str, ColumnType]
    if isinstance(source, StoredRows):
        inferred = dict(source.types)
    elif type(source).__module__.partition('.')[0] == 'pandas':
        inferred = infer.of_pandas(source)
    elif isinstance(source := opened(source), ArrowRows):
        inferred = infer.of_arrow(source.schema)
    elif isinstance(source, Iterable) and not isinstance(source, (str, bytes)):
        source = [
            row if isinstance(row, Mapping) or not hasattr(row, 'model_dump') else row.model_dump() for row in source
        ]
        if not source or not all(isinstance(row, Mapping) for row in source):
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION, 'a table is created from a non-empty list of dicts or pydantic models.'
            )
        inferred = infer.of_rows([{key: v for key, v in row.items() if key not in overrides} for row in source])
        inferred |= {key: inferred.get(key) for row in source for key in row if key not in inferred}
    else:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'cannot create a table from {source!r}: pass a list of dicts, a pandas frame, Arrow data or a query.',
        )
    for name in overrides:
        if name not in inferred:
            raise NotFoundError(
                ErrorCode.COLUMN_NOT_FOUND,
                f'schema_overrides: the source has no column {name!r}.{did_you_mean(name, list(inferred))}',
            )
    keys = [primary_key] if isinstance(primary_key, str) else primary_key or []
    schema: dict[str, Any] = {
        name: overrides.get(name) or type_.with_nullable(name not in keys) for name, type_ in inferred.items()
    }
    return schema, source
