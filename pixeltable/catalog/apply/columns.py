"""Columns: every change here is a change of the table's schema, and begins a new record of the table too."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from sqlalchemy import bindparam, func, select, update

from pixeltable.catalog import documents
from pixeltable.catalog.changes import AddColumn, DropColumn, ReplaceColumn
from pixeltable.catalog.records import ColumnRecord
from pixeltable.catalog.tables import columns, functions, insert_live, live
from pixeltable.catalog.transaction import Transaction
from pixeltable.catalog.uses import functions_of
from pixeltable.catalog.views import ViewSpec
from pixeltable.errors import ConcurrencyError, ErrorCode, InternalError, NotFoundError

INSERT_COLUMN = insert_live(columns)
_FUNCTION = select(functions.c.hash).where(functions.c.hash == bindparam('hash'))
_EVER = (
    select(columns.c.row)
    .where(columns.c.table_id == bindparam('table'), columns.c.column_id == bindparam('key'))
    .limit(1)
)
# Dropped columns count too, as a restore brings them back to their place.
_LAST_POSITION = select(func.max(columns.c.position)).where(columns.c.table_id == bindparam('table'))
_POSITION = select(columns.c.position).where(
    columns.c.table_id == bindparam('table'), columns.c.column_id == bindparam('key'), live(columns)
)
_END_COLUMN = (
    update(columns)
    .where(columns.c.table_id == bindparam('table'), columns.c.column_id == bindparam('key'), live(columns))
    .values(end=bindparam('commit'))
)


def insert_columns(transaction: Transaction, table_id: str, placed: list[tuple[int, ColumnRecord]]) -> None:
    """Inserts columns, each at its position."""
    transaction.connection.execute_many(
        INSERT_COLUMN,
        [
            {
                'row': transaction.new_row(),
                'table_id': table_id,
                'column_id': column.id,
                'position': position,
                'begin': transaction.commit,
                'doc': documents.column_text(column),
            }
            for position, column in placed
        ],
    )


def check_functions(transaction: Transaction, added: Iterable[ColumnRecord], view: ViewSpec | None = None) -> None:
    """Raises CONCURRENT_MODIFICATION if a function that new columns, or a view, use was removed, as unused, before they came."""
    users = [(f'column {each.name!r}', [each.value, each.embedding and each.embedding.also]) for each in added]
    users += [('the view', each) for each in (view.expressions if view is not None else ())]
    for user, document in users:
        for hash_ in functions_of(document):
            if transaction.connection.row(_FUNCTION, {'hash': hash_}) is None:
                raise ConcurrencyError(
                    ErrorCode.CONCURRENT_MODIFICATION,
                    f'a function that {user} uses was removed by pxt.vacuum() before it was there; nothing was changed: '
                    'do it again.',
                )


def add_column(transaction: Transaction, change: AddColumn) -> None:
    table = transaction.table(change.table_id)
    check_functions(transaction, [change.column])
    if transaction.connection.row(_EVER, {'table': table.id, 'key': change.column.id}):
        raise InternalError(
            ErrorCode.INTERNAL_ERROR, f'Column id {change.column.id} of table {table.path!r} was given out before.'
        )
    last = transaction.connection.row(_LAST_POSITION, {'table': table.id})[0]
    insert_columns(transaction, table.id, [(0 if last is None else last + 1, change.column)])
    transaction.insert_table(dataclasses.replace(table, next_column_id=max(table.next_column_id, change.column.id + 1)))


def replace_column(transaction: Transaction, change: ReplaceColumn) -> None:
    table = transaction.table(change.table_id)
    position = _end_column(transaction, change.table_id, change.column.id)
    insert_columns(transaction, change.table_id, [(position, change.column)])
    transaction.insert_table(table)


def drop_column(transaction: Transaction, change: DropColumn) -> None:
    table = transaction.table(change.table_id)
    _end_column(transaction, change.table_id, change.column_id)
    transaction.insert_table(table)


def _end_column(transaction: Transaction, table_id: str, column_id: int) -> int:
    """Ends the column and returns the position that it had."""
    key = {'table': table_id, 'key': column_id}
    row = transaction.connection.row(_POSITION, key)
    if row is None:
        raise NotFoundError(
            ErrorCode.COLUMN_NOT_FOUND,
            f'Column {column_id} of table {table_id!r} does not exist; it may have been dropped.',
        )
    transaction.connection.execute(_END_COLUMN, {**key, 'commit': transaction.commit})
    position: int = row[0]
    return position
