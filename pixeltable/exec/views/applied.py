"""A table as it will be once a commit is made: its changes applied to what is known of it, without the catalog.

What the changes made anew has an id below 0, so that no cache takes it for something else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pixeltable.catalog.changes import (
    AddColumn,
    AddFile,
    AddSegment,
    Change,
    DropColumn,
    EndSegment,
    NewFile,
    ReplaceColumn,
    ReplaceDeletes,
)
from pixeltable.catalog.records import Contents, DeleteVector, FileRecord, Schema, Segment


def applied(contents: Contents, changes: Iterable[Change]) -> Contents:
    """The contents of a table after those of `changes` that concern it. New rows have their ids already."""
    segments = {segment.id: segment for segment in contents.segments}
    for number, change in enumerate(changes):
        match change:
            case AddSegment(table_id=table_id) if table_id == contents.table_id:
                segments[-1 - number] = _new(change, -1 - number)
            case EndSegment(segment_id=segment_id):
                segments.pop(segment_id, None)
            case AddFile(segment_id=segment_id, file=file) if segment_id in segments:
                old = segments[segment_id]
                files = (*old.files, _file(file, -1 - number, segment_id))
                segments[segment_id] = replace(old, id=-1 - number, files=files)
            case ReplaceDeletes(segment_id=segment_id, count=count, data=data) if segment_id in segments:
                vector = DeleteVector(-1 - number, segment_id, count, data)
                segments[segment_id] = replace(segments[segment_id], id=-1 - number, deletes=vector)
    ordered = sorted(segments.values(), key=lambda segment: (segment.min_id, segment.id))
    return Contents(contents.table_id, contents.commit, tuple(ordered))


def altered(schema: Schema, changes: Iterable[Change]) -> Schema:
    """The schema of a table after those of `changes` that concern its columns."""
    columns = list(schema.columns)
    for change in changes:
        match change:
            case AddColumn(table_id=table_id, column=column) if table_id == schema.table.id:
                columns.append(column)
            case ReplaceColumn(table_id=table_id, column=column) if table_id == schema.table.id:
                columns = [column if each.id == column.id else each for each in columns]
            case DropColumn(table_id=table_id, column_id=column_id) if table_id == schema.table.id:
                columns = [each for each in columns if each.id != column_id]
    return schema if tuple(columns) == schema.columns else replace(schema, columns=tuple(columns))


def _new(change: AddSegment, segment_id: int) -> Segment:
    low = change.first_id or 0
    low, high = change.id_range or (low, low + change.rows - 1)
    files = tuple(_file(file, number, segment_id) for number, file in enumerate(change.files))
    return Segment(segment_id, change.table_id, change.rows, change.first_id, low, high, files)


def _file(file: NewFile, file_id: int, segment_id: int) -> FileRecord:
    return FileRecord(
        file_id, segment_id, file.columns, file.size, file.checksum, file.path, file.data, file.stats, file.blocks
    )
