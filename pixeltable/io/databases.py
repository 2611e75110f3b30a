"""Rows of other databases, as SQLAlchemy reads them; and its errors as ours."""

from __future__ import annotations

import decimal
import enum
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from pixeltable.errors import ErrorCode, RequestError, ServiceUnavailableError
from pixeltable.types import column_type as ct
from pixeltable.types.column_type import ColumnType

ROWS_AT_ONCE = 16_384

# In this order: a Boolean is no Integer there, but an Enum is a String.
_TYPES: tuple[tuple[Any, ColumnType], ...] = (
    (sa.Boolean, ct.BOOL),
    (sa.Integer, ct.INT),
    ((sa.Float, sa.Numeric), ct.FLOAT),
    (sa.DateTime, ct.TIMESTAMP),
    (sa.Date, ct.DATE),
    (sa.Uuid, ct.UUID),
    (sa.LargeBinary, ct.BINARY),
    (sa.JSON, ct.JSON),
    (sa.ARRAY, ct.JSON),
    (sa.String, ct.STRING),
)


class DatabaseRows:
    """What a statement gives, as dicts, read while it is iterated over."""

    def __init__(self, selectable: Any, connection: Any) -> None:
        """Raises INVALID_ARGUMENT for something else than a table or query of SQLAlchemy with names, and its engine."""
        if isinstance(selectable, sa.TextClause) or not isinstance(selectable, sa.FromClause | sa.SelectBase):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'selectable is a table of SQLAlchemy, select(…) or text(…).columns(…), not {selectable!r:.80}.',
            )
        if not isinstance(connection, sa.Engine | sa.Connection):
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'conn is an engine or a connection of SQLAlchemy, not {connection!r:.80}.'
            )
        statement: Any = selectable if isinstance(selectable, sa.SelectBase) else sa.select(selectable)
        self._types = {str(column.name): column.type for column in statement.selected_columns}
        self._statement = statement
        self._connection = connection

    def types(self) -> dict[str, ColumnType | None]:
        """The types of the columns; None for one without a counterpart."""
        return {
            name: next((found for kinds, found in _TYPES if isinstance(type_, kinds)), None)
            for name, type_ in self._types.items()
        }

    def __iter__(self) -> Iterator[dict[str, Any]]:
        with database_errors('import_sql()'):
            if isinstance(self._connection, sa.Connection):
                yield from self._read(self._connection)
                return
            with self._connection.connect() as connection:
                yield from self._read(connection)

    def _read(self, connection: sa.Connection) -> Iterator[dict[str, Any]]:
        names = list(self._types)
        with connection.execution_options(stream_results=True).execute(self._statement) as result:
            for rows in result.partitions(ROWS_AT_ONCE):
                columns = [_plain(values) for values in zip(*rows, strict=True)]
                yield from (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))


def _plain(values: tuple[Any, ...]) -> list[Any]:
    """The values without what only databases have."""
    kinds = set(map(type, values))
    if decimal.Decimal in kinds:
        return [float(value) if isinstance(value, decimal.Decimal) else value for value in values]
    if any(issubclass(kind, enum.Enum) for kind in kinds):
        return [value.name if isinstance(value, enum.Enum) else value for value in values]
    return list(values)


@contextmanager
def database_errors(place: str) -> Iterator[None]:
    """Gives errors of SQLAlchemy and of its drivers as ours, without the statement and the password that theirs may hold."""
    try:
        yield
    except sa.exc.IntegrityError as error:
        raise RequestError(ErrorCode.CONSTRAINT_VIOLATION, f'{place}: {_said(error)}') from error
    except sa.exc.DBAPIError as error:
        if error.connection_invalidated or (isinstance(error, sa.exc.OperationalError) and error.statement is None):
            raise ServiceUnavailableError(ErrorCode.DATABASE_UNAVAILABLE, f'{place}: {_said(error)}') from error
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'{place}: {_said(error)}') from error
    except (sa.exc.NoSuchModuleError, ImportError) as error:
        raise RequestError(
            ErrorCode.INVALID_CONFIGURATION, f'{place}: the driver of this database is not installed: {_said(error)}'
        ) from error
    except sa.exc.ArgumentError as error:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{place}: {_said(error)}') from error
    except sa.exc.SQLAlchemyError as error:
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'{place}: {_said(error)}') from error


def _said(error: BaseException) -> str:
    return ' '.join(str(getattr(error, 'orig', None) or error).split())
