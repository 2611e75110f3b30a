"""Turns a stream of rows into stored segments of bounded size: one is written while the rows of the next are gathered, so that an
insert of any length takes the memory of two."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import pyarrow as pa

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import Schema
from pixeltable.errors import Error
from pixeltable.exec.changes.keys import keys_of
from pixeltable.exec.engine import Engine
from pixeltable.exec.media.settling import settled, without_errors
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import Computed, computed, gathered
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.segments import write_segment
from pixeltable.exprs.bind import field_name, fields
from pixeltable.storage.row_keys import KeySet
from pixeltable.types.arrow import storage_type

SEGMENT_ROWS = 1 << 20
SEGMENT_BYTES = 128 << 20
"""In memory. Larger segments gain nothing, and a change of one row touches a whole one."""

PENDING_ROWS = 1000
"""Rows whose computed cells are to be computed later come in segments about as small as this, as each is completed as a whole."""

PENDING_SEGMENTS = 64
"""After so many of them, each is so many times smaller than all that were before it together: many more would slow down reads."""


@dataclass(frozen=True, slots=True)
class NewSegment:
    """Rows that are stored and that no commit names yet. `keys` are their primary keys, if the table has one."""

    rows: int
    files: tuple[NewFile, ...]
    keys: KeySet | None = None


def new_segments(
    engine: Engine,
    schema: Schema,
    tables: Iterable[pa.Table],
    abort: bool | None,
    outcome: Outcome,
    *,
    pending: bool = False,
) -> list[NewSegment]:
    """Computes what depends on the rows of `tables`, whose fields are columns of `schema`, and stores all of it.

    With `pending` nothing is computed. If something fails, what was stored is removed again.
    """
    columns = [] if pending else engine.stored_computed(schema)
    writer = _Writer(engine, schema, columns)
    parts = _computed(engine, schema, tables, columns, abort, outcome)
    try:
        for rows, is_full in _small_segments(parts) if pending else _segments(parts):
            if is_full:
                writer.start(rows)
            else:
                writer.write(rows)
        return writer.finish()
    except BaseException:
        writer.discard()
        raise


def _computed(
    engine: Engine,
    schema: Schema,
    tables: Iterable[pa.Table],
    columns: list[ComputedColumn],
    abort: bool | None,
    outcome: Outcome,
) -> Iterator[Computed]:
    """The rows with their computed columns: one stream, so that batches of functions reach over all of them."""
    media = schema.media
    tables = settled(engine.context, schema, tables, abort)
    if columns:
        inputs = (with_inputs(schema, table, columns) for table in tables if table.num_rows)
        parts = computed(engine.context, schema, inputs, columns, abort, None)
    else:
        parts = ((table, {}) for table in tables)
    for rows, errors in parts:
        outcome.count(columns, rows.num_rows, errors)
        outcome.inserted += rows.num_rows
        if media:
            rows, unreadable = without_errors(schema, rows)
            outcome.count_media(media, unreadable)
            errors = errors | unreadable
        yield rows, errors


def with_inputs(schema: Schema, table: pa.Table, columns: list[ComputedColumn]) -> pa.Table:
    """`table` with NULL for the columns that the rows leave out and `columns` read."""
    read = {name for column in columns for name in fields(column.node)} - set(table.column_names)
    for column in schema.given if read else ():
        if field_name(column.id) in read:
            table = table.append_column(field_name(column.id), pa.nulls(table.num_rows, storage_type(column.type)))
    return table


def _segments(parts: Iterable[Computed]) -> Iterator[tuple[Computed, bool]]:
    """`parts` put together to segments, and whether each is full; only the last one may not be."""
    waiting: list[Computed] = []
    rows = size = 0
    for part in parts:
        if not part[0].num_rows:
            continue
        if waiting:  # asking a table for its size takes longer than all the rest; a single part is a segment anyway
            size = (size or waiting[0][0].nbytes) + part[0].nbytes
        waiting.append(part)
        rows += part[0].num_rows
        if rows >= SEGMENT_ROWS or size >= SEGMENT_BYTES:
            yield gathered(waiting), True
            waiting, rows, size = [], 0, 0
    if waiting:
        yield gathered(waiting), False


def _small_segments(parts: Iterable[Computed]) -> Iterator[tuple[Computed, bool]]:
    """`parts` cut, or put together, to segments for computing later."""
    done = 0
    for (rows, errors), is_full in _segments(parts):
        start = 0
        while start < rows.num_rows:
            size = max(PENDING_ROWS, done // PENDING_SEGMENTS)
            is_last = start + size >= rows.num_rows
            yield (rows.slice(start, size), errors), is_full or not is_last
            start, done = start + size, done + size


class _Writer:
    """Stores segments, one of them in a thread of its own while the caller goes on."""

    def __init__(self, engine: Engine, schema: Schema, columns: list[ComputedColumn]) -> None:
        self._store = engine.context.store
        self._timings = engine.context.operation.timings
        self._schema = schema
        self._columns = columns
        self._thread: ThreadPoolExecutor | None = None
        self._under_way: Future[NewSegment] | None = None
        self._written: list[NewSegment] = []

    def start(self, part: Computed) -> None:
        """Stores `part` in the thread, as soon as the one before is stored."""
        self._wait()
        if self._thread is None:
            self._thread = ThreadPoolExecutor(1, thread_name_prefix='pixeltable-write')
        self._under_way = self._thread.submit(self._stored, part)

    def write(self, part: Computed) -> None:
        """Stores `part` now."""
        self._wait()
        self._written.append(self._stored(part))

    def finish(self) -> list[NewSegment]:
        self._wait()
        self._close()
        return self._written

    def discard(self) -> None:
        """Removes what was stored, as far as that is possible: nothing names it."""
        with contextlib.suppress(Exception):  # the error that led here is the one to be raised
            self._wait()
        self._close()
        paths = [file.path for segment in self._written for file in segment.files]
        for path in filter(None, paths):
            with contextlib.suppress(Error):  # vacuum removes it later
                self._store.objects.delete(path)

    def _wait(self) -> None:
        future, self._under_way = self._under_way, None
        if future is not None:
            self._written.append(future.result())

    def _close(self) -> None:
        if self._thread is not None:
            self._thread.shutdown()

    def _stored(self, part: Computed) -> NewSegment:
        rows, errors = part
        present = set(rows.schema.names)
        given = [column for column in self._schema.given if field_name(column.id) in present]
        records = [*given, *(column.current_record for column in self._columns)]
        keys = keys_of(self._schema, rows)
        with self._timings.own('write', rows.num_rows):
            files = write_segment(self._store, self._schema.table, rows, records, errors, keys)
        return NewSegment(rows.num_rows, files, None if keys is None else keys.set())
