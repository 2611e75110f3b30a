"""Makes a table what it was at an earlier commit, as new rows: nothing that came between is lost from the history.

Rows that both commits see are kept. A segment that comes back gets a new id and keeps the ids of its rows; its files
point to the same objects. Each kind of rows takes two or three statements, however many rows they concern.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import BigInteger, FromClause, Insert, Table, Update, bindparam, func, insert, select, update

from pixeltable.catalog import documents
from pixeltable.catalog.returns import Restore
from pixeltable.catalog.tables import columns, deletes, files, live, segments, tables, visible
from pixeltable.catalog.transaction import Transaction
from pixeltable.errors import ErrorCode, NotFoundError

_TABLE_AT = select(tables.c.doc).where(tables.c.id == bindparam('table'), visible(tables))


def _seen_then(table: FromClause) -> Any:
    """Rows that commit `:at` saw and that have ended since."""
    is_seen = (table.c.begin <= bindparam('at')) & (table.c.end > bindparam('at'))
    return (table.c.table_id == bindparam('table')) & is_seen


def _new_key(table: Table, last: str) -> Any:
    """The key of each returning row: the first ones that follow `:last`, in the order of the old ones."""
    key = table.primary_key.columns[0]
    return bindparam(last, type_=BigInteger) + func.row_number().over(order_by=key)


def _end_later(table: Table) -> Update:
    """Ends what commit `:at` did not see yet."""
    is_later = (table.c.table_id == bindparam('table')) & live(table) & (table.c.begin > bindparam('at'))
    return update(table).where(is_later).values(end=bindparam('commit'))


def _insert_again(table: Table, source: Any = None, segment_id: Any = None) -> Insert:
    """Inserts what commit `:at` saw and has ended since once more, as rows of the segment `segment_id`."""
    new: dict[str, Any] = {column.name: column for column in table.c if column.name != 'end'}
    new[table.primary_key.columns[0].name] = _new_key(table, 'last')
    new['begin'] = bindparam('commit', type_=BigInteger)
    if segment_id is not None:
        new['segment_id'] = segment_id
    rows = select(*new.values()).select_from(table if source is None else source).where(_seen_then(table))
    return insert(table).from_select(list(new), rows)


def _of_segments(table: Table) -> tuple[Insert, Insert]:
    """What returns of segments that stayed, and of those that return too: the `:last` that these got is `:last_segment`.

    Two statements, as a join that leaves out neither would compare each row with each segment.
    """
    stayed = (segments.c.id == table.c.segment_id) & live(segments) & (segments.c.begin <= bindparam('at'))
    moves = (
        select(segments.c.id, _new_key(segments, 'last_segment').label('new')).where(_seen_then(segments)).subquery()
    )
    return (
        _insert_again(table, table.join(segments, stayed)),
        _insert_again(table, moves.join(table, table.c.segment_id == moves.c.id), moves.c.new),
    )


_KINDS = (columns, segments, files, deletes)
_END_LATER = {table.name: _end_later(table) for table in _KINDS}
_INSERT_AGAIN: dict[str, tuple[Insert, ...]] = {
    'columns': (_insert_again(columns),),
    'segments': (_insert_again(segments),),
    'files': _of_segments(files),
    'deletes': _of_segments(deletes),
}

# Of several files with one column the last one counts: a file that stays must not come before one that returns.
_RETURNING = files.alias('returning_file')
_STAYING = files.alias('staying_file')
_END_DISPLACED = (
    update(files)
    .where(
        files.c.id.in_(
            select(_STAYING.c.id)
            .join_from(_RETURNING, _STAYING, _STAYING.c.segment_id == _RETURNING.c.segment_id)
            .where(_seen_then(_RETURNING), _STAYING.c.end.is_(None), _STAYING.c.id > _RETURNING.c.id)
        )
    )
    .values(end=bindparam('commit'))
)


def restore(transaction: Transaction, change: Restore) -> None:
    _restore_schema(transaction, change)
    last_segment = transaction.last_row
    _restore_rows(transaction, change, segments, last_segment)
    _restore_rows(transaction, change, files, last_segment)
    _restore_rows(transaction, change, deletes, last_segment)


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
    changed = _restore_rows(transaction, change, columns, 0)
    if changed or primary_key != table.primary_key:
        transaction.insert_table(dataclasses.replace(table, primary_key=primary_key))


def _restore_rows(transaction: Transaction, change: Restore, table: Table, last_segment: int) -> int:
    """Returns how many rows ended or returned."""
    key = {'table': change.table_id, 'at': change.commit, 'commit': transaction.commit, 'last_segment': last_segment}
    changed = transaction.connection.execute(_END_LATER[table.name], key)
    if table is files:
        transaction.connection.execute(_END_DISPLACED, key)
    for statement in _INSERT_AGAIN[table.name]:
        returned = transaction.connection.execute(statement, {**key, 'last': transaction.last_row})
        transaction.last_row += returned
        changed += returned
    return changed
