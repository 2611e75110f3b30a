"""Makes a table what it was at an earlier commit, as new rows: nothing that came between is lost from the history.

Rows that both commits see are kept. A segment that comes back gets a new id and keeps the ids of its rows; its files
point to the same objects.
"""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from typing import Any

from sqlalchemy import Table, bindparam, select

from pixeltable.catalog import documents
from pixeltable.catalog.apply.columns import INSERT_COLUMN
from pixeltable.catalog.apply.segments import END_SEGMENT, INSERT_DELETES, INSERT_FILE, INSERT_SEGMENT
from pixeltable.catalog.changes import Restore
from pixeltable.catalog.tables import columns, deletes, files, live, segments, tables, visible, visible_rows
from pixeltable.catalog.transaction import Transaction, end_where
from pixeltable.errors import ErrorCode, NotFoundError

Row = dict[str, Any]

_TABLE_AT = select(tables.c.doc).where(tables.c.id == bindparam('table'), visible(tables))
_END_COLUMN = end_where(columns, 'row')
_END_FILE = end_where(files, 'id')
_END_DELETES = end_where(deletes, 'id')


class _Difference:
    """The rows of one kind that an earlier commit saw and those that are live, each in the order of their keys."""

    def __init__(self, transaction: Transaction, table: Table, change: Restore) -> None:
        key = table.primary_key.columns[0].name
        names = [column.name for column in table.c]
        then = transaction.connection.rows(_THEN[table.name], {'table': change.table_id, 'at': change.commit})
        now = transaction.connection.rows(_NOW[table.name], {'table': change.table_id})
        self.then: dict[int, Row] = {row[key]: row for row in _as_dicts(names, then, key)}
        self.now: dict[int, Row] = {row[key]: row for row in _as_dicts(names, now, key)}

    @property
    def ended(self) -> list[int]:
        return [key for key in self.now if key not in self.then]

    @property
    def returning(self) -> list[Row]:
        return [row for key, row in self.then.items() if key not in self.now]


_KINDS = (columns, segments, files, deletes)
_THEN = {table.name: visible_rows(table) for table in _KINDS}
_NOW = {table.name: select(table).where(table.c.table_id == bindparam('table'), live(table)) for table in _KINDS}


def _as_dicts(names: list[str], rows: list[Any], key: str) -> list[Row]:
    return sorted((dict(zip(names, row, strict=True)) for row in rows), key=lambda row: int(row[key]))


def restore(transaction: Transaction, change: Restore) -> None:
    _restore_schema(transaction, change)
    segment_ids = _restore_segments(transaction, change)
    _restore_files(transaction, change, segment_ids)
    difference = _Difference(transaction, deletes, change)
    for key in difference.ended:
        transaction.end(_END_DELETES, key)
    for row in difference.returning:
        _insert_again(
            transaction, INSERT_DELETES, row, id=transaction.new_row(), segment_id=segment_ids[row['segment_id']]
        )


def _restore_schema(transaction: Transaction, change: Restore) -> None:
    """The columns and the key that names them. Path, comments and options are not contents, and stay."""
    table = transaction.table(change.table_id)
    row = transaction.connection.row(_TABLE_AT, {'table': table.id, 'at': change.commit})
    if row is None:
        raise NotFoundError(
            ErrorCode.PATH_NOT_FOUND,
            f'Table {table.path!r} cannot be restored: it did not exist at commit {change.commit}.',
        )
    primary_key = documents.table_record(table.id, table.path, 0, row[0]).primary_key
    difference = _Difference(transaction, columns, change)
    for key in difference.ended:
        transaction.end(_END_COLUMN, key)
    for row in difference.returning:
        _insert_again(transaction, INSERT_COLUMN, row, row=transaction.new_row())
    if difference.ended or difference.returning or primary_key != table.primary_key:
        transaction.insert_table(dataclasses.replace(table, primary_key=primary_key))


def _restore_segments(transaction: Transaction, change: Restore) -> dict[int, int]:
    """Returns the id that each segment seen then has now."""
    difference = _Difference(transaction, segments, change)
    segment_ids = {key: key for key in difference.then}
    for key in difference.ended:
        transaction.end(END_SEGMENT, key)
    for row in difference.returning:
        segment_ids[row['id']] = transaction.new_row()
        _insert_again(transaction, INSERT_SEGMENT, row, id=segment_ids[row['id']])
    return segment_ids


def _restore_files(transaction: Transaction, change: Restore, segment_ids: dict[int, int]) -> None:
    """Of a segment that stays, files are kept as far as both lists agree from the start, as their order has a meaning."""
    difference = _Difference(transaction, files, change)
    then, now = _by_segment(difference.then), _by_segment(difference.now)
    kept: set[int] = set()
    for segment_id, rows in then.items():
        for before, current in zip(rows, now.get(segment_id, []), strict=False):
            if before['id'] != current['id']:
                break
            kept.add(before['id'])
    for key in difference.now:
        if key not in kept:
            transaction.end(_END_FILE, key)
    for key, row in difference.then.items():
        if key not in kept:
            segment_id = segment_ids[row['segment_id']]
            _insert_again(transaction, INSERT_FILE, row, id=transaction.new_row(), segment_id=segment_id)


def _by_segment(rows: dict[int, Row]) -> dict[int, list[Row]]:
    grouped: dict[int, list[Row]] = defaultdict(list)
    for row in rows.values():
        grouped[row['segment_id']].append(row)
    return grouped


def _insert_again(transaction: Transaction, statement: Any, old: Row, **new: int) -> None:
    values = {name: value for name, value in old.items() if name != 'end'}
    transaction.connection.execute(statement, {**values, **new, 'begin': transaction.commit})
