"""The rows in which two states of a table differ: from metadata first, and only what that leaves open is read.

A segment that both states have is not touched. Of one that got another delete vector or more files, only the rows and columns
concerned are read. Rows that are in another segment now, by an update, a flush or a compaction, are compared cell by cell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.records import ColumnRecord
from pixeltable.exec.context import Context
from pixeltable.exec.differences.cells import differing
from pixeltable.exec.differences.matching import Kept, Matching
from pixeltable.exec.differences.segments import Stretch, stretches
from pixeltable.exec.inherited import positions_of_ids
from pixeltable.exec.source import Source
from pixeltable.exec.views.difference import difference
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name
from pixeltable.types import buffers
from pixeltable.types.column_type import ColumnType
from pixeltable.types.json_values import dump
from pixeltable.types.plain import plain

CHANGES = pa.schema([('change', pa.string()), ('id', pa.int64()), ('before', pa.string()), ('after', pa.string())])
"""What `changed_rows` gives: `before` and `after` are Json texts, or NULL."""

ROWS_AT_ONCE = 131_072

_Integers = NDArray[np.int64]
_Document = dict[str, Any]


def changed_rows(before: Source, after: Source, context: Context) -> Iterator[pa.Table]:
    """Tables of `CHANGES`, by ascending row id; each holds the changes of segments whose ids lie together.

    An inserted or deleted row has all its columns, an updated one those that differ, each under its name in that state.
    A column that one state lacks makes no row differ. A row of a view differs, too, if what it shows of its base does.
    """
    if before.base is not None and after.base is not None:
        yield _changes_of_view(before, after, context)
        return
    for stretch in stretches(before, after):
        found = list(_changes_of(before, after, stretch, context))
        if found:
            yield found[0] if len(found) == 1 else pa.concat_tables(found).sort_by('id')


def _changes_of(before: Source, after: Source, stretch: Stretch, context: Context) -> Iterator[pa.Table]:
    matching = Matching(before, after, stretch, _common_columns(before, after))
    for kept in matching.kept():
        yield from _updated(before, after, kept, context)
    yield from _one_sided(before, 'deleted', *matching.deleted, context)
    yield from _one_sided(after, 'inserted', *matching.inserted, context)


def _changes_of_view(before: Source, after: Source, context: Context) -> pa.Table:
    columns = _common_columns(before, after)
    found = difference(before, after, columns)
    differ = [column for column in columns if found.changed[column].any()]
    kept = Kept(found.updated, (positions_of_ids(before, found.updated), found.places), differ)
    new = buffers.numbers(after.fetch([ROW_ID_FIELD], found.inserted).column(ROW_ID_FIELD))
    parts = [
        *_updated(before, after, kept, context),
        *_one_sided(before, 'deleted', found.deleted, positions_of_ids(before, found.deleted), context),
        *_one_sided(after, 'inserted', new, found.inserted, context),
    ]
    return pa.concat_tables([buffers.no_rows(CHANGES), *parts]).sort_by('id')


def _common_columns(before: Source, after: Source) -> list[int]:
    stored = {column.id for column in _told(before)}
    return [column.id for column in _told(after) if column.id in stored]


def _told(source: Source) -> list[ColumnRecord]:
    """The stored columns that users see."""
    return [column for column in source.schema.visible if column.stored]


def _one_sided(source: Source, change: str, ids: _Integers, places: _Integers, context: Context) -> Iterator[pa.Table]:
    """Rows that are in one state only, with all their columns."""
    columns = _told(source)
    names = [column.name for column in columns]
    for part in _parts(len(ids)):
        table = source.fetch([field_name(column.id) for column in columns], places[part])
        values = [_plain(table.column(field_name(column.id)), column.type, context) for column in columns]
        texts: list[str | None] = [dump(dict(zip(names, row, strict=True))) for row in zip(*values, strict=True)]
        nothing: list[str | None] = [None] * len(texts)
        yield _table(change, ids[part], *((texts, nothing) if change == 'deleted' else (nothing, texts)))


def _updated(before: Source, after: Source, kept: Kept, context: Context) -> Iterator[pa.Table]:
    """Of rows that are in both states, those that differ."""
    ids, places, columns = kept.ids, kept.places, kept.columns
    fields = [field_name(column) for column in columns]
    for part in _parts(len(ids)) if fields else ():
        old, new = before.fetch(fields, places[0][part]), after.fetch(fields, places[1][part])
        differ = {
            column: differing(old.column(field), new.column(field))
            for column, field in zip(columns, fields, strict=True)
        }
        rows = np.flatnonzero(np.logical_or.reduce(list(differ.values())))
        if len(rows):
            texts = (
                _documents(source, table, differ, rows, context) for source, table in ((before, old), (after, new))
            )
            yield _table('updated', ids[part][rows], *texts)


def _documents(
    source: Source, table: pa.Table, differ: Mapping[int, NDArray[np.bool_]], rows: _Integers, context: Context
) -> list[str | None]:
    """For each of `rows`, the cells that differ."""
    documents: list[_Document] = [{} for _ in rows]
    for column in _told(source):
        if column.id not in differ:
            continue
        inside = np.flatnonzero(differ[column.id][rows])
        cells = table.column(field_name(column.id)).take(buffers.positions(rows[inside]))
        for place, value in zip(inside.tolist(), _plain(cells, column.type, context), strict=True):
            documents[place][column.name] = value
    return [dump(document) for document in documents]


def _plain(cells: pa.ChunkedArray, type_: ColumnType, context: Context) -> list[Any]:
    return plain(context.services.library.urls(cells) if type_.is_media else cells, type_, context.zone)


def _parts(count: int) -> Iterator[slice]:
    return (slice(start, start + ROWS_AT_ONCE) for start in range(0, count, ROWS_AT_ONCE))


def _table(change: str, ids: _Integers, before: list[str | None], after: list[str | None]) -> pa.Table:
    columns = [buffers.strings([change] * len(ids)), buffers.primitive(pa.int64(), ids)]
    return pa.Table.from_arrays([*columns, buffers.strings(before), buffers.strings(after)], schema=CHANGES)
