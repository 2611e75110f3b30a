"""Directories and tables: what has a path."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import Table, bindparam, null, select, union_all, update

from pixeltable.catalog.apply.columns import check_functions, insert_columns
from pixeltable.catalog.changes import (
    CreateDirectory,
    CreateTable,
    DropDirectory,
    DropTable,
    ReplaceTable,
    RequirementFailed,
)
from pixeltable.catalog.read.derived import derived_from
from pixeltable.catalog.read.dropped import was_seen
from pixeltable.catalog.returns import RestoreTable
from pixeltable.catalog.tables import OF_TABLE, bases, counters, directories, insert_live, live, snapshots, tables
from pixeltable.catalog.transaction import Transaction, end_where, table_not_found
from pixeltable.errors import AlreadyExistsError, ErrorCode, NotFoundError, RequestError

TABLE_AT_PATH = select(tables.c.id).where(tables.c.path == bindparam('path'), live(tables))
DIRECTORY_AT_PATH = select(directories.c.row).where(directories.c.path == bindparam('path'), live(directories))
_BELOW = union_all(
    *(
        select(table.c.path).where(table.c.path >= bindparam('low'), table.c.path < bindparam('high'), live(table))
        for table in (directories, tables)
    )
).limit(1)
_DERIVED = select(tables.c.path).where(derived_from('table'), live(tables)).limit(1)
_NAMED = select(snapshots.c.name).where(snapshots.c.table_id == bindparam('table'), live(snapshots)).limit(1)
_EVER_DERIVED = select(bases.c.table_id).where(bases.c.base == bindparam('table')).limit(1)
_INSERT_BASE = bases.insert()
_INSERT_DIRECTORY = insert_live(directories)
_INSERT_COUNTER = insert_live(counters)
_TURN_COUNTER = (
    update(counters).where(counters.c.table_id == bindparam('table')).values(next_row_id=-counters.c.next_row_id)
)
_LAST_RECORD = (
    select(tables.c.path, tables.c.end).where(tables.c.id == bindparam('table')).order_by(tables.c.row.desc()).limit(1)
)
_END_DIRECTORY = end_where(directories, 'path')
_END_TABLE = end_where(tables, 'id')
_END_OF_TABLE = [end_where(table, 'table_id') for table in OF_TABLE]


def _take_up(table: Table, owner: str) -> Any:
    """Makes the rows of a user table that ended with commit `:dropped` live again."""
    ended_then = (table.c[owner] == bindparam('table')) & (table.c.end == bindparam('dropped'))
    return update(table).where(ended_then, was_seen(table)).values(end=null())


_TAKE_UP = [_take_up(tables, 'id'), *(_take_up(table, 'table_id') for table in OF_TABLE)]


def subtree(path: str) -> dict[str, str]:
    """The range of the paths below directory `path`: '0' is the character after '/'."""
    return {'low': f'{path}/', 'high': f'{path}0'} if path else {'low': '', 'high': '\x7f'}


def create_directory(transaction: Transaction, change: CreateDirectory) -> None:
    _check_free(transaction, change.path, "pass if_exists='ignore' to keep it, or choose another path")
    _check_parent(transaction, change.path)
    values = {'row': transaction.new_row(), 'path': change.path, 'begin': transaction.commit}
    transaction.connection.execute(_INSERT_DIRECTORY, values)


def drop_directory(transaction: Transaction, change: DropDirectory) -> None:
    inside = transaction.connection.row(_BELOW, subtree(change.path))
    if inside is not None:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'Directory {change.path!r} is not empty: it holds {inside[0]!r}. Pass force=True to drop that too.',
        )
    if not transaction.end(_END_DIRECTORY, change.path):
        raise NotFoundError(ErrorCode.DIRECTORY_NOT_FOUND, f'Directory {change.path!r} does not exist.')


def create_table(transaction: Transaction, change: CreateTable) -> None:
    table = change.table
    _check_free(transaction, table.path, "pass if_exists='replace' to replace it, or choose another path")
    _check_parent(transaction, table.path)
    check_functions(transaction, change.columns, table.view)
    next_column_id = max([table.next_column_id, *(column.id + 1 for column in change.columns)])
    transaction.insert_table(dataclasses.replace(table, next_column_id=next_column_id))
    transaction.connection.execute(_INSERT_COUNTER, {'table_id': table.id, 'next_row_id': 1})
    insert_columns(transaction, table.id, list(enumerate(change.columns)))
    below = [{'table_id': table.id, 'base': base} for base in table.base_ids]
    transaction.connection.execute_many(_INSERT_BASE, below)
    transaction.touch_bases(table)


def replace_table(transaction: Transaction, change: ReplaceTable) -> None:
    table, current = change.table, transaction.table(change.table.id)
    if table.path != current.path:
        _check_free(transaction, table.path, 'choose another path')
        _check_parent(transaction, table.path)
    next_column_id = max(table.next_column_id, current.next_column_id)
    transaction.insert_table(dataclasses.replace(table, next_column_id=next_column_id))


def drop_table(transaction: Transaction, change: DropTable) -> None:
    record = transaction.table(change.table_id)
    transaction.end(_END_TABLE, change.table_id)
    for statement in (_DERIVED,) if change.with_snapshots else (_DERIVED, _NAMED):
        needed = transaction.connection.row(statement, {'table': change.table_id})
        if needed is not None:
            raise RequestError(
                ErrorCode.CONSTRAINT_VIOLATION,
                f'table {record.path!r} cannot be dropped: {needed[0]!r} is a view or snapshot of it; drop that first, or all '
                'of it with force=True.',
            )
    for statement in _END_OF_TABLE:
        transaction.end(statement, change.table_id)
    transaction.connection.execute(_TURN_COUNTER, {'table': change.table_id})
    transaction.touch_bases(record)


def restore_table(transaction: Transaction, change: RestoreTable) -> None:
    """What the drop ended goes on as if it had not been: rows written once more would lose what refers to them."""
    row = transaction.connection.row(_LAST_RECORD, {'table': change.table_id})
    if row is None:
        raise table_not_found(change.table_id)
    path, dropped = row
    if dropped is None:
        raise RequirementFailed(f'Table {change.table_id!r} was brought back meanwhile')
    _check_free(transaction, path, f'drop or move it to bring back the table that was dropped from {path!r}')
    _check_parent(transaction, path)
    transaction.connection.execute(_TURN_COUNTER, {'table': change.table_id})
    for statement in _TAKE_UP:
        transaction.connection.execute(statement, {'table': change.table_id, 'dropped': dropped})
    record = transaction.table(change.table_id)
    if transaction.connection.row(_EVER_DERIVED, {'table': record.id}):
        transaction.insert_table(record)  # as it may have other views now
    transaction.touch_bases(record)


def _check_free(transaction: Transaction, path: str, remedy: str) -> None:
    if transaction.connection.row(TABLE_AT_PATH, {'path': path}):
        kind = 'Table'
    elif transaction.connection.row(DIRECTORY_AT_PATH, {'path': path}):
        kind = 'Directory'
    else:
        return
    raise AlreadyExistsError(ErrorCode.PATH_ALREADY_EXISTS, f'{kind} {path!r} exists already; {remedy}.')


def _check_parent(transaction: Transaction, path: str) -> None:
    parent = path.rpartition('/')[0]
    if not parent or transaction.connection.row(DIRECTORY_AT_PATH, {'path': parent}):
        return
    if transaction.connection.row(TABLE_AT_PATH, {'path': parent}):
        message = (
            f'{path!r} cannot be created: {parent!r} is a table, not a directory. Choose a path below a directory.'
        )
    else:
        message = f"Directory {parent!r} does not exist. Create it first: pxt.create_dir('{parent}', parents=True)"
    raise NotFoundError(ErrorCode.DIRECTORY_NOT_FOUND, message)
