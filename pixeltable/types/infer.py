"""The types of values that nobody declared: literals in expressions, rows, data frames, Arrow tables.

Arrow is imported only when one of its schemas, or a data frame, is at hand: expressions use this module too.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.types.column_type import JSON, ColumnType, Kind
from pixeltable.types.literals import of_value, of_values
from pixeltable.types.supertypes import common, supertype

__all__ = ['checked', 'common', 'of_arrow', 'of_pandas', 'of_rows', 'of_value', 'of_values', 'supertype']


def of_rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, ColumnType]:
    """The types of the columns of `rows`, all nullable, in the order in which they first occur.

    Json is Json alone: that these rows have some keys does not say that later ones will.

    Raises:
        RequestError: INVALID_TYPE naming the columns that have no value, or values of types that do not go together.
    """
    names = dict.fromkeys(itertools.chain.from_iterable(rows))
    return checked({name: _of_any_keys(of_values(row.get(name) for row in rows)) for name in names})


def of_arrow(schema: Any) -> dict[str, ColumnType]:
    """The types of the columns of a `pyarrow.Schema`, or of some of its fields, all nullable.

    Raises:
        RequestError: INVALID_TYPE naming the columns whose Arrow type has no counterpart.
    """
    from pixeltable.types.foreign import of_arrow_type

    return checked({field.name: of_arrow_type(field.type) for field in schema})


def of_pandas(frame: Any) -> dict[str, ColumnType]:
    """The types of the columns of a `pandas.DataFrame`, all nullable, and Json alone as in `of_rows`.

    Raises:
        RequestError: INVALID_TYPE naming the columns whose dtype has no counterpart.
    """
    from pixeltable.types.foreign import of_series

    columns = {str(name): frame.iloc[:, position] for position, name in enumerate(frame.columns)}
    return checked({name: _of_any_keys(of_series(series)) for name, series in columns.items()})


def _of_any_keys(type_: ColumnType | None) -> ColumnType | None:
    return JSON if type_ is not None and type_.kind is Kind.JSON else type_


def checked(types: Mapping[str, ColumnType | None]) -> dict[str, ColumnType]:
    """The types, all nullable. Raises INVALID_TYPE naming the columns that have none."""
    missing = [name for name, type_ in types.items() if type_ is None]
    if missing:
        names = ', '.join(repr(name) for name in missing)
        raise RequestError(
            ErrorCode.INVALID_TYPE,
            f'cannot infer the type of column{"s" if len(missing) > 1 else ""} {names}: there are no values, or their types do '
            'not go together, or have no counterpart here; name the types, as in '
            f'schema_overrides={{{missing[0]!r}: pxt.Json}}.',
        )
    return {name: type_.with_nullable(True) for name, type_ in types.items() if type_ is not None}
