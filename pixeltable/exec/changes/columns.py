"""Adding a computed column to a table that has rows: compute for all of them, then one commit with the column and its files.

Rows inserted while this computes are computed too before the commit; nobody waits for anybody.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from pixeltable.catalog.catalog import Catalog
from pixeltable.catalog.changes import (
    AddColumn,
    AddFile,
    Change,
    Commit,
    DropColumn,
    NothingSince,
    Requirement,
    SchemaIs,
    SegmentIs,
)
from pixeltable.catalog.jobs import JobSpec, StartJob
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError
from pixeltable.exec.changes.filled import Filled
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.optimize import flush
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.dependents import as_they_are, below_as_they_are, check_own, check_unused
from pixeltable.exec.views.following import commit_with_views
from pixeltable.exprs.nodes import Node
from pixeltable.plan.dependencies import dependents
from pixeltable.storage.flush import FEW_INLINED


def add_computed_column(
    engine: Engine,
    schema: Schema,
    column: ColumnRecord,
    node: Node,
    abort: bool | None,
    replaced: ColumnRecord | None = None,
) -> Outcome:
    """Adds `column`, whose unbound expression is `node`, and drops `replaced` in the same commit.

    `column.id` is given by the schema at the time of the commit.
    """
    table = schema.table
    if column.stored:
        flush(engine, table.id, FEW_INLINED)
    outcome = Outcome('add column', columns=[column.name])
    filled = Filled(engine, abort, outcome)

    def attempt() -> Outcome:
        source = engine.source(table.id)
        current = source.schema
        dropped = replacement(engine.catalog, current, column, replaced)
        record = dataclasses.replace(column, id=current.table.next_column_id)
        computed = ComputedColumn(record, engine.resolver.bind(current, node), record.fingerprint or '')
        engine.resolver.note(computed)
        files = filled.files(source, computed) if record.stored else {}
        outcome.updated = source.contents.row_count if record.stored else 0
        changes: list[Change] = [*dropped, AddColumn(table.id, record)]
        requirements: list[Requirement] = [
            SchemaIs(table.id, current.table.schema_version),
            NothingSince(table.id, source.contents.commit),
            *below_as_they_are(current),
            *(as_they_are(engine.catalog, current) if dropped else ()),
        ]
        for segment in source.contents.segments if record.stored else ():
            changes.append(AddFile(segment.id, files[segment.id]))
            requirements.append(SegmentIs.of(segment))
        summary = outcome.summary() | {'added': column.name}
        commit = Commit('add column', tuple(changes), tuple(requirements), ((table.id, 'schema', summary),))
        outcome.version = commit_with_views(
            engine, commit, table.id, outcome, abort, since=source.contents.commit
        ).versions[table.id]
        return outcome

    return until_committed(attempt, f'adding column {column.name!r} to {table.path!r}')


def add_pending_column(
    engine: Engine,
    schema: Schema,
    column: ColumnRecord,
    abort: bool | None,
    replaced: ColumnRecord | None = None,
) -> Outcome:
    """Adds `column` without its cells, which are left to a job, and drops `replaced` in the same commit."""
    table = schema.table

    def attempt() -> Outcome:
        outcome = Outcome('add column', columns=[column.name])
        source = engine.source(table.id)
        current = source.schema
        dropped = replacement(engine.catalog, current, column, replaced)
        record = dataclasses.replace(column, id=current.table.next_column_id)
        cells = source.contents.row_count if record.stored else 0
        job = JobSpec('add column', current.table.path, (record.id,), (record.name,), cells, abort=abort)
        changes = (*dropped, AddColumn(table.id, record), StartJob(table.id, job))
        requirements = (
            SchemaIs(table.id, current.table.schema_version),
            *below_as_they_are(current),
            *(as_they_are(engine.catalog, current) if dropped else ()),
        )
        summary = outcome.summary() | {'added': column.name}
        commit = Commit('add column', changes, requirements, ((table.id, 'schema', summary),))
        outcome.committed(
            commit_with_views(engine, commit, table.id, outcome, abort, since=source.contents.commit), table.id
        )
        return outcome

    return until_committed(attempt, f'adding column {column.name!r} to {table.path!r}')


def replacement(catalog: Catalog, schema: Schema, column: ColumnRecord, replaced: ColumnRecord | None) -> list[Change]:
    """What makes room for a new `column`: nothing, or the removal of `replaced`.

    Raises COLUMN_ALREADY_EXISTS if another column has the name, or `replaced` is needed.
    """
    existing = schema.find(column.name)
    if existing is not None and (replaced is None or existing.id != replaced.id):
        raise name_taken(schema, existing)
    if replaced is None or schema.by_id(replaced.id) is None:
        return []
    try:
        drops, _ = dropping(catalog, schema, replaced, by=column)
    except RequestError as error:
        raise AlreadyExistsError(ErrorCode.COLUMN_ALREADY_EXISTS, error.message) from error
    if {drop.column_id for drop in drops} & set(column.depends_on):
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'column {column.name!r} would be computed from the column that it replaces; use another name.',
        )
    return [*drops]


def name_taken(schema: Schema, existing: ColumnRecord) -> AlreadyExistsError:
    return AlreadyExistsError(
        ErrorCode.COLUMN_ALREADY_EXISTS,
        f"table {schema.table.path!r} has a column {existing.name!r} already; pass if_exists='replace' or 'ignore', "
        'or use another name.',
    )


def dropping(
    catalog: Catalog, schema: Schema, column: ColumnRecord, by: ColumnRecord | None = None
) -> tuple[list[DropColumn], list[Requirement]]:
    """The removal of a column and of the embedding indexes on it, and what must stay so for it; `by` is what takes its place.

    Raises UNSUPPORTED_OPERATION if the table, or a view of it, cannot do without the column or an index.
    """
    check_own(schema, column, 'drop_column')
    indexes = [each for each in schema.columns if each.embedding is not None and each.embedding.column_id == column.id]
    gone = [column, *indexes]
    requirements: list[Requirement] = []
    for each in gone:
        _check_droppable(schema, each, [user for user in dependents(schema, each.id) if user not in gone], by)
        requirements = check_unused(catalog, schema, each, 'dropped')
    return [DropColumn(schema.table.id, each.id) for each in gone], requirements


def _check_droppable(
    schema: Schema, column: ColumnRecord, users: Sequence[ColumnRecord], by: ColumnRecord | None
) -> None:
    if users:
        names = ', '.join(repr(user.name) for user in users)
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'column {column.name!r} of {schema.table.path!r} cannot be dropped: {names} '
            f'{"is" if len(users) == 1 else "are"} computed from it; drop {names} first.',
        )
    if column.id in schema.table.primary_key:
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION, f'column {column.name!r} cannot be dropped: it is part of the primary key.'
        )
    plain = [each for each in schema.columns if not each.is_computed]
    if plain == [column] and (by is None or by.is_computed):
        raise RequestError(
            ErrorCode.MISSING_REQUIRED,
            f'column {column.name!r} is the last one of {schema.table.path!r} that rows can be inserted into; '
            'drop the table with pxt.drop_table().',
        )
