"""Segments, their column files and their delete vectors. Adding a segment is on the path of every insert: keep it short."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import bindparam, select, update

from pixeltable.catalog import documents
from pixeltable.catalog.changes import AddFile, AddSegment, EndSegment, NewFile, ReplaceDeletes, RequirementFailed
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.orphans import check_bound
from pixeltable.catalog.tables import counters, deletes, files, insert_live, live, segments
from pixeltable.catalog.transaction import Transaction, end_where, table_not_found

INSERT_SEGMENT = insert_live(segments)
INSERT_FILE = insert_live(files)
INSERT_DELETES = insert_live(deletes)
END_SEGMENT = end_where(segments, 'id')
END_FILES_OF_SEGMENT = end_where(files, 'segment_id')
END_DELETES_OF_SEGMENT = end_where(deletes, 'segment_id')
_TABLE_OF_SEGMENT = select(segments.c.table_id).where(segments.c.id == bindparam('segment'), live(segments))
_TAKE_ROW_IDS = (
    update(counters)
    .where(counters.c.table_id == bindparam('table'), counters.c.next_row_id > 0)
    .values(next_row_id=counters.c.next_row_id + bindparam('count'))
    .returning(counters.c.next_row_id)
)


def add_segment(transaction: Transaction, change: AddSegment) -> None:
    first_id, low, high = _row_ids(transaction, change)
    segment_id = transaction.new_row()
    transaction.connection.send(
        INSERT_SEGMENT,
        {
            'id': segment_id,
            'table_id': change.table_id,
            'rows': change.rows,
            'first_id': first_id,
            'min_id': low,
            'max_id': high,
            'begin': transaction.commit,
        },
    )
    for file in change.files:
        _insert_file(transaction, change.table_id, segment_id, file)
    transaction.first_ids.append(low)
    transaction.segment_ids.append(segment_id)


def _row_ids(transaction: Transaction, change: AddSegment) -> tuple[int | None, int, int]:
    """`first_id`, smallest and largest id of the segment's rows. Taking no ids still proves that the table exists."""
    is_new = change.id_range is None and change.first_id is None
    count = change.rows if is_new else 0
    next_id = take_row_ids(transaction.connection, change.table_id, count)
    if change.id_range is not None:
        return None, *change.id_range
    first_id = next_id if change.first_id is None else change.first_id
    return first_id, first_id, first_id + change.rows - 1


def take_row_ids(connection: Connection, table_id: str, count: int) -> int:
    """The first of `count` ids that no row of the table ever had. Raises TABLE_NOT_FOUND."""
    row = connection.row(_TAKE_ROW_IDS, {'table': table_id, 'count': count})
    if row is None:
        raise table_not_found(table_id)
    return int(row[0]) - count


def _insert_file(transaction: Transaction, table_id: str, segment_id: int, file: NewFile) -> None:
    if file.path is not None:
        check_bound(transaction.connection, file.path)
    transaction.connection.send(
        INSERT_FILE,
        {
            'id': transaction.new_row(),
            'segment_id': segment_id,
            'table_id': table_id,
            'columns': documents.stored_columns_text(file.columns),
            'size': file.size,
            'checksum': file.checksum,
            'begin': transaction.commit,
            'path': file.path,
            'stats': file.stats,
            'blocks': file.blocks,
            'data': file.data,
        },
    )


def end_segments(transaction: Transaction, changes: Iterable[EndSegment]) -> None:
    keys = [{'key': change.segment_id, 'commit': transaction.commit} for change in changes]
    if transaction.connection.execute_many(END_SEGMENT, keys) < len(keys):
        raise RequirementFailed(f'One of {len(keys)} segments to end is no longer live')
    transaction.connection.execute_many(END_FILES_OF_SEGMENT, keys)
    transaction.connection.execute_many(END_DELETES_OF_SEGMENT, keys)


def add_file(transaction: Transaction, change: AddFile) -> None:
    _insert_file(transaction, _table_of(transaction, change.segment_id), change.segment_id, change.file)


def replace_deletes(transaction: Transaction, change: ReplaceDeletes) -> None:
    table_id = _table_of(transaction, change.segment_id)
    transaction.end(END_DELETES_OF_SEGMENT, change.segment_id)
    transaction.connection.send(
        INSERT_DELETES,
        {
            'id': transaction.new_row(),
            'segment_id': change.segment_id,
            'table_id': table_id,
            'count': change.count,
            'begin': transaction.commit,
            'data': change.data,
        },
    )


def _table_of(transaction: Transaction, segment_id: int) -> str:
    row = transaction.connection.row(_TABLE_OF_SEGMENT, {'segment': segment_id})
    if row is None:
        raise _not_live(segment_id)
    table_id: str = row[0]
    return table_id


def _not_live(segment_id: int) -> RequirementFailed:
    """Another commit replaced the segment: the caller plans again, as if it had required the segment."""
    return RequirementFailed(f'Segment {segment_id} is no longer live')
