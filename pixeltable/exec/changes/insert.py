"""Inserting rows: compute what depends on them, write the segments, and name them in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from pixeltable.catalog.changes import (
    AddSegment,
    Change,
    Commit,
    Committed,
    CreateTable,
    NewFile,
    NothingSince,
    Requirement,
    SchemaIs,
)
from pixeltable.catalog.records import Contents, FileRecord, Schema, Segment
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.changes.backfill import backfill
from pixeltable.exec.changes.keys import check_keys
from pixeltable.exec.engine import Engine, plain_columns
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import computed, gathered
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.segments import write
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exprs.bind import field_name, fields
from pixeltable.types.arrow import storage_type


@dataclass(frozen=True, slots=True)
class _NewSegment:
    rows: int
    files: tuple[NewFile, ...]


def insert(engine: Engine, schema: Schema, tables: Iterable[pa.Table], abort: bool) -> Outcome:
    """Inserts the rows of `tables`, whose fields are columns of `schema`; one segment each, one commit for all.

    Nothing is visible until the commit, and with `abort` the first cell that fails leaves nothing behind.
    """
    outcome = Outcome('insert')
    segments = [_new_segment(engine, schema, table, abort, outcome) for table in tables]
    segments = [segment for segment in segments if segment.rows]
    if not segments:
        return outcome
    current = schema
    is_first = True

    def attempt() -> Committed:
        nonlocal current, segments, is_first
        if not is_first:
            newest = engine.catalog.schema(schema.table.id)
            if newest.table.schema_version != current.table.schema_version:
                segments = _caught_up(engine, newest, segments, abort, outcome)
                current = newest
        is_first = False
        requirements: list[Requirement] = [SchemaIs(current.table.id, current.table.schema_version)]
        if current.table.primary_key:
            existing = engine.source(current.table.id)
            check_keys(engine, current, [existing, _as_source(engine, current, segments)])
            requirements.append(NothingSince(current.table.id, existing.contents.commit))
        changes = tuple(AddSegment(current.table.id, segment.rows, segment.files) for segment in segments)
        versions = ((current.table.id, 'data', outcome.summary()),)
        return engine.catalog.commit(Commit('insert', changes, tuple(requirements), versions))

    committed = until_committed(attempt, f'insert into {schema.table.path!r}')
    outcome.version = committed.versions[schema.table.id]
    outcome.first_ids = committed.first_ids
    outcome.counts = tuple(segment.rows for segment in segments)
    return outcome


def create_filled(
    engine: Engine, schema: Schema, before: Sequence[Change], tables: Iterable[pa.Table], abort: bool
) -> Outcome:
    """Creates a table together with its first rows, in one commit that also carries out `before`."""
    outcome = Outcome('insert')
    segments = [_new_segment(engine, schema, table, abort, outcome) for table in tables]
    if schema.table.primary_key and segments:
        check_keys(engine, schema, [_as_source(engine, schema, segments)])
    added = (AddSegment(schema.table.id, segment.rows, segment.files) for segment in segments if segment.rows)
    changes = (*before, CreateTable(schema.table, schema.columns), *added)
    summary = outcome.summary() | {'added': ', '.join(column.name for column in schema.columns)}
    versions = ((schema.table.id, 'schema', summary),)
    outcome.version = engine.catalog.commit(Commit('create table', changes, (), versions)).versions[schema.table.id]
    return outcome


def _new_segment(engine: Engine, schema: Schema, table: pa.Table, abort: bool, outcome: Outcome) -> _NewSegment:
    columns = engine.stored_computed(schema)
    present = set(table.column_names)  # a table makes this list anew each time
    given = [column for column in plain_columns(schema) if field_name(column.id) in present]
    rows = table.num_rows
    if columns:
        table = _with_inputs(schema, table, present, columns)
        table, errors = gathered(list(computed(engine.context, iter([table]), columns, abort, rows)))
    else:
        errors = {}
    outcome.count(columns, rows, errors)
    outcome.inserted += rows
    records = [*given, *(column.current_record for column in columns)]
    file = write(engine.context.store, schema.table.id, table, records, errors)
    return _NewSegment(rows, (file,))


def _with_inputs(schema: Schema, table: pa.Table, present: set[str], columns: Sequence[ComputedColumn]) -> pa.Table:
    """`table` with NULL for the columns that the rows leave out and `columns` read."""
    read = {name for column in columns for name in fields(column.node)} - present
    for column in plain_columns(schema) if read else ():
        if field_name(column.id) in read:
            table = table.append_column(field_name(column.id), pa.nulls(table.num_rows, storage_type(column.type)))
    return table


def _caught_up(
    engine: Engine, schema: Schema, segments: list[_NewSegment], abort: bool, outcome: Outcome
) -> list[_NewSegment]:
    """The new segments with what a newer schema computes besides: someone added a column while this insert computed."""
    source = _as_source(engine, schema, segments)
    have = {(c.column_id, c.fingerprint) for segment in segments for file in segment.files for c in file.columns}
    ids = {column_id for column_id, _ in have}
    for column in plain_columns(schema):
        if not column.type.nullable and column.id not in ids and segments:
            raise RequestError(
                ErrorCode.MISSING_REQUIRED,
                f'insert into {schema.table.path!r}: column {column.name!r}, which was added meanwhile, needs a value.',
            )
    missing = [c for c in engine.stored_computed(schema) if (c.record.id, c.fingerprint) not in have]
    if not missing:
        return segments
    files = backfill(engine, source, missing, abort, outcome)
    return [replace(segment, files=(*segment.files, files[-1 - index])) for index, segment in enumerate(segments)]


def _as_source(engine: Engine, schema: Schema, segments: list[_NewSegment]) -> Source:
    """The new segments as if they were committed already. Their ids are below 0, so that no cache takes them for others."""
    records = tuple(
        Segment(
            -1 - index,
            schema.table.id,
            segment.rows,
            None,
            index,
            index,
            tuple(
                FileRecord(number, -1 - index, file.columns, file.size, file.checksum, file.path, file.data)
                for number, file in enumerate(segment.files)
            ),
        )
        for index, segment in enumerate(segments)
    )
    return Source(schema, Contents(schema.table.id, 0, records), engine.context.store)
