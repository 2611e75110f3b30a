"""Makes a damaged file again, from what can still be read of it and from the files that its computed columns are computed from.

Which columns can be read is found out by reading them: the reader checks what it fetches, of a large file block by block. So of
a file that holds plain and computed columns the plain ones are saved wherever the damage does not lie in them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from itertools import groupby

import pyarrow as pa

from pixeltable._support.time_ids import new_id
from pixeltable._support.words import counted
from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.read.audit import FileRow, TableAudit
from pixeltable.catalog.records import ROW_ID, Contents, FileRecord, Schema, Segment, StoredColumn
from pixeltable.catalog.repairs import ReplaceFile
from pixeltable.errors import Error
from pixeltable.exec.changes.backfill import input_fields
from pixeltable.exec.compute import Errors
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.findings import RESTORE, DamagedFile
from pixeltable.exec.pipeline import computed, gathered
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.segments import with_deleted_rows
from pixeltable.exec.source import Source
from pixeltable.exec.vectors import errors_to_arrow
from pixeltable.plan.dependencies import in_order
from pixeltable.storage.read_columns import ERROR_DETAILS, ReadColumn
from pixeltable.storage.segment_keys import filter_file
from pixeltable.types.arrow import storage_type


class LostError(Exception):
    """Raised for a file that holds what nothing else can give; `what` was lost, and `remedy` is what to do."""

    def __init__(self, what: str, remedy: str = RESTORE) -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclasses.dataclass(frozen=True)
class _Damaged:
    """A damaged file at the first commit that sees it: nothing that it holds is deleted before it is there."""

    engine: Engine
    audit: TableAudit
    rows: Sequence[FileRow]
    source: Source  # with the file's segment only
    file: FileRecord

    @property
    def segment(self) -> Segment:
        return self.source.contents.segments[0]


def rebuilt(engine: Engine, cause: DamagedFile) -> tuple[ReplaceFile, str]:
    """The change that puts a new file in the place of a damaged one, and what was done in words.

    Raises LostError if it holds what cannot be computed, and an error of ours if something to compute it with is missing.
    """
    damaged = _find(engine, cause)
    if damaged.file.is_key_filter:
        file, done = _key_filter(damaged), 'the filter over its primary keys was made again'
    else:
        file, done = _columns(damaged)
    return ReplaceFile(cause.table_id, cause.file_ids, file), done


def _find(engine: Engine, cause: DamagedFile) -> _Damaged:
    audit = engine.catalog.audit().table(cause.table_id)
    rows = sorted((row for row in audit.files if row.id in cause.file_ids), key=lambda row: row.begin)
    for row in rows:
        contents = engine.catalog.contents(cause.table_id, row.begin)
        segment = next((each for each in contents.segments if each.id == row.segment_id), None)
        file = next((each for each in segment.files if each.id == row.id), None) if segment else None
        if segment is not None and file is not None:
            schema = engine.catalog.schema(cause.table_id, row.begin)
            base = engine.source(cause.table_id, row.begin).base
            source = Source(schema, Contents(cause.table_id, row.begin, (segment,)), engine.context.store, base)
            return _Damaged(engine, audit, rows, source, file)
    raise LostError('No version needs it', 'nothing: pxt.vacuum() removes it')


def _key_filter(damaged: _Damaged) -> NewFile:
    store, schema = damaged.engine.context.store, damaged.source.schema
    path = f'{schema.table.folder}{new_id()}.keys'
    return filter_file(store.objects, path, store.keys.of(damaged.segment, schema.key))


def _columns(damaged: _Damaged) -> tuple[NewFile, str]:
    schema = damaged.source.schema
    held = _readable(damaged)
    derived = {column.id for column in schema.computed}
    gone = [column for column in damaged.file.columns if column.column_id not in held]
    lost = [column for column in gone if column.column_id >= 0 and column.column_id not in derived]
    if lost:
        raise _lost(damaged, lost)
    wanted = {abs(column.column_id) for column in gone}
    again = [damaged.engine.resolver.computed(schema, each) for each in in_order(schema) if each.id in wanted]
    table, errors = _computed(damaged, again)
    columns, arrays = _assembled(damaged, held, {each.record.id: each for each in again}, table, errors)
    named = pa.Table.from_arrays(arrays, names=[column.name for column in columns])
    file = damaged.engine.context.store.write(schema.table.folder, named, columns)
    return file, _done(damaged, again, errors)


def _readable(damaged: _Damaged) -> dict[int, pa.ChunkedArray]:
    """The columns of the file that can still be read, by their ids."""
    schema, found = damaged.source.schema, {}
    alone = dataclasses.replace(damaged.segment, id=-1, files=(damaged.file,), deletes=None)
    for column in damaged.file.columns:
        try:
            type_ = _type(schema, column)
            if type_ is not None:
                read = ReadColumn(column.column_id, column.name, type_)
                store = damaged.engine.context.store
                found[column.column_id] = store.read(alone, [read], keep_deleted=True, cache=False).column(0)
        except Error:
            continue
    return found


def _type(schema: Schema, column: StoredColumn) -> pa.DataType | None:
    if column.column_id == ROW_ID:
        return pa.int64()
    if column.column_id < 0:
        return ERROR_DETAILS
    record = schema.by_id(column.column_id)
    return None if record is None else storage_type(record.type)


def _computed(damaged: _Damaged, again: Sequence[ComputedColumn]) -> tuple[pa.Table, Errors]:
    """The columns `again` for all rows of the segment; NULL in those that were deleted before the file was there."""
    if not again:
        return pa.table({}), {}
    source, segment = damaged.source, damaged.segment
    rows = source.read(input_fields(source, again))
    live, errors = gathered(
        list(computed(damaged.engine.context, damaged.source.schema, rows, again, False, segment.live_rows))
    )
    return with_deleted_rows(source, 0, segment, live, errors)


def _assembled(
    damaged: _Damaged,
    held: dict[int, pa.ChunkedArray],
    again: dict[int, ComputedColumn],
    table: pa.Table,
    errors: Errors,
) -> tuple[list[StoredColumn], list[pa.ChunkedArray | pa.Array]]:
    """The columns of the new file: those that could be read, and those that were computed, with their errors."""
    columns: list[StoredColumn] = []
    arrays: list[pa.ChunkedArray | pa.Array] = []
    for column in damaged.file.columns:
        made = again.get(abs(column.column_id))
        if made is None:
            columns.append(column)
            arrays.append(held[column.column_id])
        elif column.column_id > 0:
            columns.append(StoredColumn(column.column_id, column.name, made.fingerprint))
            arrays.append(table.column(made.field))
    for column_id, made in again.items():
        if errors.get(made.field):
            columns.append(StoredColumn(-column_id, _error_name(damaged.file.columns, column_id)))
            arrays.append(errors_to_arrow(errors[made.field], damaged.segment.rows))
    return columns, arrays


def _error_name(columns: Sequence[StoredColumn], column_id: int) -> str:
    """The name for the errors of a column: the one that they had, else one that no column has."""
    names = {column.column_id: column.name for column in columns}
    name = f'_error_{names[column_id]}'
    while name in names.values():
        name += f'_{column_id}'
    return names.get(-column_id, name)


def _done(damaged: _Damaged, again: Sequence[ComputedColumn], errors: Errors) -> str:
    if not again:
        return 'it was written again'
    before = {column.column_id: column.fingerprint for column in damaged.file.columns}
    names = ', '.join(repr(each.record.name) for each in again)
    changed = any(before.get(each.record.id) != each.fingerprint for each in again)
    failed = sum(map(len, errors.values()))
    return (
        f'{names} of {counted(damaged.segment.live_rows, "row")} computed again'
        + (', by other code than before' if changed else '')
        + (f'; {counted(failed, "cell")} failed' if failed else '')
    )


def _lost(damaged: _Damaged, lost: Sequence[StoredColumn]) -> LostError:
    segment, audit = damaged.segment, damaged.audit
    names = ', '.join('the row ids' if column.column_id == ROW_ID else repr(column.name) for column in lost)
    is_live = any(row.end is None for row in damaged.rows)
    what = (
        f'It holds {names} of {counted(segment.rows, "row")} (segment {segment.id}, ids {segment.min_id} to '
        f'{segment.max_id}), which are not computed and are nowhere else; {_versions(damaged)}'
    )
    others = [
        row for row in audit.segments if row.end is None and row.id not in {each.segment_id for each in damaged.rows}
    ]
    is_apart = all(row.max_id < segment.min_id or row.min_id > segment.max_id for row in others)
    remedy, path = RESTORE, audit.records[-1].path
    if damaged.source.schema.table.view is not None:
        remedy += f', or drop {path!r} and create it again: it follows from its tables'
    elif is_live and is_apart:
        remedy += (
            f', or give these rows up with t = pxt.get_table({path!r}) and '
            f't.delete(where=(t.id >= {segment.min_id}) & (t.id <= {segment.max_id}))'
        )
    return LostError(what, remedy)


def _versions(damaged: _Damaged) -> str:
    """Which versions of the table need the file."""
    needed = [
        version.version
        for version in damaged.audit.versions
        if version.end is None
        and version.vacuumed is None
        and any(
            row.begin <= version.commit_id and (row.end is None or row.end > version.commit_id) for row in damaged.rows
        )
    ]
    if not needed:
        return 'no version needs them'
    runs = [list(run) for _, run in groupby(enumerate(sorted(needed)), lambda pair: pair[1] - pair[0])]
    spans = [f'{run[0][1]}' if len(run) == 1 else f'{run[0][1]} to {run[-1][1]}' for run in runs]
    return f'version{"s" if len(needed) > 1 else ""} {", ".join(spans)} need{"" if len(needed) > 1 else "s"} them'
