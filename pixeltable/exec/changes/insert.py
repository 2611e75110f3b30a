"""Inserting rows: compute what depends on them, write the segments, and name them in one commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import pyarrow as pa

from pixeltable.catalog.changes import (
    AddSegment,
    Change,
    Commit,
    Committed,
    CreateTable,
    Requirement,
    SchemaIs,
)
from pixeltable.catalog.jobs import JobSpec, StartJob
from pixeltable.catalog.records import Contents, FileRecord, Schema, Segment
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.changes.backfill import backfill
from pixeltable.exec.changes.keys import KeyCheck
from pixeltable.exec.changes.new_segments import NewSegment, new_segments
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.following import commit_with_views
from pixeltable.storage.row_keys import KeySet


def insert(
    engine: Engine, schema: Schema, tables: Iterable[pa.Table], abort: bool | None, *, background: bool = False
) -> Outcome:
    """Inserts the rows of `tables`, whose fields are columns of `schema`, in one commit.

    Nothing is visible until the commit, and with `abort` the first cell that fails leaves nothing behind. With `background` the
    computed cells are left to a job.
    """
    outcome = Outcome('insert')
    segments = new_segments(engine, schema, tables, abort, outcome, pending=background)
    if not segments and not background:
        return outcome
    current = schema
    is_first = True
    keys = key_check(engine, schema, segments)

    def attempt() -> Committed:
        nonlocal current, segments, is_first
        if not is_first:
            newest = engine.catalog.schema(schema.table.id)
            if newest.table.schema_version != current.table.schema_version:
                segments = _caught_up(engine, newest, segments, abort, None if background else outcome)
                current = newest
        is_first = False
        requirements: list[Requirement] = [SchemaIs(current.table.id, current.table.schema_version)]
        if keys is not None:
            requirements.append(keys.check(engine.catalog.contents(current.table.id)))
        changes: list[Change] = [AddSegment(current.table.id, segment.rows, segment.files) for segment in segments]
        if background:
            changes.append(_job(current, abort, outcome.inserted))
        versions = ((current.table.id, 'data', outcome.summary()),) if segments else ()
        commit = Commit('insert', tuple(changes), tuple(requirements), versions)
        if not current.views:  # which the commit requires to be so
            return engine.commit(commit)
        return commit_with_views(engine, commit, current.table.id, outcome, abort)

    committed = until_committed(attempt, f'insert into {schema.table.path!r}')
    outcome.committed(committed, schema.table.id)
    for segment_id, segment in zip(committed.segment_ids, segments, strict=True):
        if segment.keys is not None:
            engine.context.store.keys.learn(segment_id, segment.keys.hashes)
    outcome.first_ids = committed.first_ids
    outcome.counts = tuple(segment.rows for segment in segments)
    return outcome


def _job(schema: Schema, abort: bool | None, rows: int) -> StartJob:
    """What computes the cells of the new rows."""
    names = tuple(column.name for column in schema.computed if column.stored)
    spec = JobSpec('insert', schema.table.path, (), names, rows * len(names), rows, abort)
    return StartJob(schema.table.id, spec, on_new_rows=True)


def create_filled(
    engine: Engine, schema: Schema, before: Sequence[Change], tables: Iterable[pa.Table], abort: bool | None
) -> Outcome:
    """Creates a table together with its first rows, in one commit that also carries out `before`."""
    outcome = Outcome('insert')
    segments = new_segments(engine, schema, tables, abort, outcome)
    key_check(engine, schema, segments)
    added = (AddSegment(schema.table.id, segment.rows, segment.files) for segment in segments)
    changes = (*before, CreateTable(schema.table, schema.columns), *added)
    summary = outcome.summary() | {'added': ', '.join(column.name for column in schema.columns)}
    versions = ((schema.table.id, 'schema', summary),)
    outcome.version = engine.commit(Commit('create table', changes, (), versions)).versions[schema.table.id]
    return outcome


def key_check(engine: Engine, schema: Schema, segments: list[NewSegment]) -> KeyCheck | None:
    """What checks the primary keys of new rows; None if there are none. Raises CONSTRAINT_VIOLATION if one is there twice."""
    keys = [segment.keys for segment in segments if segment.keys is not None]
    if not keys:
        return None
    return KeyCheck(_as_source(engine, schema, segments), KeySet.union(keys), engine.context.zone)


def _caught_up(
    engine: Engine, schema: Schema, segments: list[NewSegment], abort: bool | None, outcome: Outcome | None
) -> list[NewSegment]:
    """The new segments with what a newer schema computes besides: someone added a column while this insert computed.

    Nothing is computed without an `outcome` to count it.
    """
    source = _as_source(engine, schema, segments)
    have = {(c.column_id, c.fingerprint) for segment in segments for file in segment.files for c in file.columns}
    ids = {column_id for column_id, _ in have}
    for column in schema.given:
        if not column.type.nullable and column.id not in ids and segments:
            raise RequestError(
                ErrorCode.MISSING_REQUIRED,
                f'insert into {schema.table.path!r}: column {column.name!r}, which was added meanwhile, needs a value.',
            )
    missing = [c for c in engine.stored_computed(schema) if (c.record.id, c.fingerprint) not in have]
    if not missing or outcome is None:
        return segments
    files = backfill(engine, source, missing, abort, outcome)
    return [replace(segment, files=(*segment.files, files[-1 - index])) for index, segment in enumerate(segments)]


def _as_source(engine: Engine, schema: Schema, segments: list[NewSegment]) -> Source:
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
                FileRecord(
                    number,
                    -1 - index,
                    file.columns,
                    file.size,
                    file.checksum,
                    file.path,
                    file.data,
                    file.stats,
                    file.blocks,
                )
                for number, file in enumerate(segment.files)
            ),
        )
        for index, segment in enumerate(segments)
    )
    return Source(schema, Contents(schema.table.id, 0, records), engine.context.store)
