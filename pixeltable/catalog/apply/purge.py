"""Takes rows out of segments for every commit that sees them: other files and delete vectors stand in the places of the old ones.

All get new ids, so that whoever plans on the old ones finds his requirements broken, and the table's horizon rises, so that
nobody goes on with what he remembers. A segment without a delete vector for some of its life gets one for that time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update

from pixeltable.catalog.changes import RequirementFailed
from pixeltable.catalog.orphans import check_bound
from pixeltable.catalog.removals import Purge, PurgedSegment, Removed
from pixeltable.catalog.tables import counters, deletes, files, segments
from pixeltable.catalog.transaction import Transaction

_SEGMENT = select(segments.c.begin, segments.c.end).where(
    segments.c.id == bindparam('segment'), segments.c.table_id == bindparam('table')
)
_FILES = select(files.c.id, files.c.path).where(files.c.segment_id == bindparam('segment')).order_by(files.c.id)
_DELETES = (
    select(deletes.c.id, deletes.c.begin, deletes.c.end)
    .where(deletes.c.segment_id == bindparam('segment'))
    .order_by(deletes.c.begin)
)
_REPLACE_FILE = (
    update(files)
    .where(files.c.id == bindparam('old'))
    .values({name: bindparam(name) for name in ('id', 'size', 'checksum', 'path', 'stats', 'blocks', 'data')})
)
_REPLACE_DELETES = (
    update(deletes)
    .where(deletes.c.id == bindparam('old'))
    .values(id=bindparam('id'), count=bindparam('count'), data=bindparam('data'))
)
_INSERT_DELETES = insert(deletes).values({column.name: bindparam(column.name) for column in deletes.c})
_REMOVE_FILE = delete(files).where(files.c.id == bindparam('old'))
_REMOVE_SEGMENT = (
    delete(segments).where(segments.c.id == bindparam('segment')),
    delete(files).where(files.c.segment_id == bindparam('segment')),
    delete(deletes).where(deletes.c.segment_id == bindparam('segment')),
)
_PATHS = select(files.c.path).where(files.c.table_id == bindparam('table'), files.c.path.is_not(None)).distinct()
_RAISE_HORIZON = update(counters).where(counters.c.table_id == bindparam('table')).values(horizon=bindparam('commit'))


def purge(transaction: Transaction, change: Purge) -> None:
    connection = transaction.connection
    paths: set[str] = set()
    for segment in change.segments:
        row = connection.row(_SEGMENT, {'segment': segment.segment_id, 'table': change.table_id})
        if row is None:
            raise RequirementFailed(f'Segment {segment.segment_id} of table {change.table_id!r} is gone')
        paths |= _replace_files(transaction, segment)
        if segment.is_emptied:
            for statement in _REMOVE_SEGMENT:
                connection.execute(statement, {'segment': segment.segment_id})
        else:
            _replace_deletes(transaction, change.table_id, segment, *row)
    connection.execute(_RAISE_HORIZON, {'table': change.table_id, 'commit': transaction.commit})
    if paths:
        paths -= {row[0] for row in connection.rows(_PATHS, {'table': change.table_id})}
    transaction.removed += Removed(paths=tuple(sorted(paths)))


def _replace_files(transaction: Transaction, segment: PurgedSegment) -> set[str]:
    """Returns the paths of the old ones. The new ones are numbered in the order of the old: of several the last one counts."""
    connection = transaction.connection
    replacements, paths = dict(segment.files), set()
    for file_id, path in connection.rows(_FILES, {'segment': segment.segment_id}):
        if file_id not in replacements:
            raise RequirementFailed(f'Segment {segment.segment_id} has got another file')
        paths |= set() if path is None else {path}
        new = replacements[file_id]
        if new is None:
            connection.execute(_REMOVE_FILE, {'old': file_id})
            continue
        if new.path is not None:
            check_bound(connection, new.path)
        values: dict[str, Any] = {
            'id': transaction.new_row(),
            'size': new.size,
            'checksum': new.checksum,
            'path': new.path,
            'stats': new.stats,
            'blocks': new.blocks,
            'data': new.data,
        }
        connection.execute(_REPLACE_FILE, values | {'old': file_id})
    return paths


def _replace_deletes(
    transaction: Transaction, table_id: str, segment: PurgedSegment, begin: int, end: int | None
) -> None:
    connection = transaction.connection
    replacements = {deletes_id: vector for deletes_id, *vector in segment.deletes}
    gaps, since = [], begin
    for deletes_id, its_begin, its_end in connection.rows(_DELETES, {'segment': segment.segment_id}):
        if deletes_id not in replacements:
            raise RequirementFailed(f'Segment {segment.segment_id} has got another delete vector')
        count, data = replacements[deletes_id]
        values = {'id': transaction.new_row(), 'count': count, 'data': data}
        connection.execute(_REPLACE_DELETES, values | {'old': deletes_id})
        if since < its_begin:
            gaps.append((since, its_begin))
        since = its_end
    if since is not None and since != end:
        gaps.append((since, end))
    count, data = segment.without_vector
    for its_begin, its_end in gaps:
        connection.execute(
            _INSERT_DELETES,
            {
                'id': transaction.new_row(),
                'segment_id': segment.segment_id,
                'table_id': table_id,
                'count': count,
                'begin': its_begin,
                'end': its_end,
                'data': data,
            },
        )
