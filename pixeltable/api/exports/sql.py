"""`pxt.io.export_sql`: a table of another database, written in one transaction of it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import sqlalchemy as sa

from pixeltable._support.urls import without_secrets
from pixeltable.api.exports.foreign import check_text
from pixeltable.api.exports.rows import ROWS_AT_ONCE, Exported, exported
from pixeltable.api.names import check_choice
from pixeltable.errors import AlreadyExistsError, ErrorCode, NotFoundError, did_you_mean
from pixeltable.io.databases import database_errors
from pixeltable.types.arrow import decode
from pixeltable.types.column_type import ColumnType, Kind
from pixeltable.types.json_objects import array_items, readable

_TYPES: dict[Kind, Any] = {
    Kind.STRING: sa.Text,
    Kind.INT: sa.BigInteger,
    Kind.FLOAT: sa.Double,
    Kind.BOOL: sa.Boolean,
    Kind.TIMESTAMP: functools.partial(sa.DateTime, timezone=True),
    Kind.DATE: sa.Date,
    Kind.UUID: sa.Uuid,
    Kind.BINARY: sa.LargeBinary,
    Kind.JSON: functools.partial(sa.JSON, none_as_null=True),
    Kind.ARRAY: functools.partial(sa.JSON, none_as_null=True),
}
_VALUES: dict[Kind, Callable[[Any], Any]] = {Kind.ARRAY: array_items}


def export_sql(
    table_or_query: Any,
    target_table_name: str,
    *,
    db_connect_str: str,
    target_schema_name: str | None = None,
    if_exists: Literal['error', 'replace', 'insert'] = 'error',
    if_not_exists: Literal['error', 'create'] = 'create',
) -> None:
    """Writes the rows into a table of another database, in one transaction.

    Json and arrays become JSON, media their URLs; timestamps are in the default time zone where the database keeps none.

    Args:
        table_or_query: what to export.
        target_table_name: the table to write.
        db_connect_str: a URL of SQLAlchemy, such as `'postgresql+psycopg://user@host/database'`, whose driver is installed.
        target_schema_name: the schema of the table, if it is not the database's default.
        if_exists: what to do with a table of that name: `'error'`; `'replace'`, which drops it first; or `'insert'` into it:
            it must have all columns that are exported.
        if_not_exists: what to do without one: `'create'` it, or `'error'`.

    Raises:
        AlreadyExistsError: PATH_ALREADY_EXISTS.
        NotFoundError: PATH_NOT_FOUND for a missing table, COLUMN_NOT_FOUND for a column that the table lacks.
        RequestError: INVALID_ARGUMENT for something else than a table or query, a bad option or URL; INVALID_CONFIGURATION for a
            missing driver; UNSUPPORTED_OPERATION for media that the query computes, and for what the database refuses;
            CONSTRAINT_VIOLATION for rows that break a constraint of it.
        ServiceUnavailableError: DATABASE_UNAVAILABLE.
    """
    check_text(target_table_name, 'target_table_name')
    check_choice(if_exists, ('error', 'replace', 'insert'), 'if_exists')
    check_choice(if_not_exists, ('error', 'create'), 'if_not_exists')
    place = f'export_sql(): table {target_table_name!r} of {without_secrets(str(db_connect_str))}'
    with exported(table_or_query) as rows, _transaction(db_connect_str, place) as connection:
        target = _target(connection, rows.types, target_table_name, target_schema_name, if_exists, if_not_exists, place)
        for batch in _batches(rows):
            connection.execute(target.insert(), batch)


@contextmanager
def _transaction(url: str, place: str) -> Iterator[sa.Connection]:
    with database_errors(place):
        engine = sa.create_engine(url, json_serializer=functools.partial(json.dumps, default=readable))
        if engine.dialect.name == 'sqlite':  # Python's driver would commit CREATE TABLE at once
            sa.event.listen(engine, 'connect', lambda connection, _: setattr(connection, 'isolation_level', None))
            sa.event.listen(engine, 'begin', lambda connection: connection.exec_driver_sql('BEGIN'))
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()


def _target(
    connection: sa.Connection,
    types: Mapping[str, ColumnType],
    name: str,
    schema: str | None,
    if_exists: str,
    if_not_exists: str,
    place: str,
) -> sa.Table:
    """The table to insert into, which is there and has the columns."""
    columns = [sa.Column(column, _TYPES.get(type_.kind, sa.Text)()) for column, type_ in types.items()]
    new = sa.Table(name, sa.MetaData(), *columns, schema=schema)
    is_there = sa.inspect(connection).has_table(name, schema=schema)
    if is_there and if_exists == 'error':
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS,
            f"{place} exists already: use another name, or if_exists='replace' or 'insert'.",
        )
    if not is_there and if_not_exists == 'error':
        raise NotFoundError(ErrorCode.PATH_NOT_FOUND, f"{place} does not exist; if_not_exists='create' makes it.")
    if is_there and if_exists == 'insert':
        found = sa.Table(name, sa.MetaData(), schema=schema, autoload_with=connection)
        missing = next((column for column in types if column not in found.columns), None)
        if missing is not None:
            raise NotFoundError(
                ErrorCode.COLUMN_NOT_FOUND,
                f'{place} has no column {missing!r}.{did_you_mean(missing, list(found.columns.keys()))}',
            )
        return found
    if is_there:
        new.drop(connection)
    new.create(connection)
    return new


def _batches(rows: Exported) -> Iterator[list[dict[str, Any]]]:
    for table in rows.rows.chunks(ROWS_AT_ONCE):
        columns = []
        for name, type_ in rows.types.items():
            values, convert = decode(table.column(name), type_, rows.zone), _VALUES.get(type_.kind)
            columns.append(values if convert is None else [None if v is None else convert(v) for v in values])
        yield [dict(zip(rows.types, values, strict=True)) for values in zip(*columns, strict=True)]
