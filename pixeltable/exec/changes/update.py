"""Updating rows: the old ones are deleted, and a new segment holds them under the same ids, with everything that depends on the
changed columns computed again and everything else copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from pixeltable.catalog.changes import AddSegment, Change, Commit, Requirement, SchemaIs
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.exec.changes.delete import removal
from pixeltable.exec.changes.matching import Positions, matching
from pixeltable.exec.compute import Errors
from pixeltable.exec.engine import Engine
from pixeltable.exec.evaluate import Evaluation, raise_first_error
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import computed, gathered
from pixeltable.exec.segments import write
from pixeltable.exec.source import ERRORS, Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.vectors import CellError
from pixeltable.exprs.bind import ROW_ID_FIELD, field_name, property_field
from pixeltable.exprs.nodes import Node
from pixeltable.plan.dependencies import affected

ROWS_AT_ONCE = 131_072
"""So many updated rows make one segment; it bounds the memory of an update of everything."""


def update(
    engine: Engine,
    schema: Schema,
    values: Mapping[int, Node],
    predicates: Sequence[Node],
    *,
    cascade: bool,
    abort: bool,
) -> Outcome:
    """Sets columns, by id, to unbound expressions where all of `predicates` are true."""
    table = schema.table

    def attempt() -> Outcome:
        source = engine.source(table.id)
        positions = matching(engine, source, [engine.resolver.bind(source.schema, node) for node in predicates])
        return replace_rows(engine, source, positions, values, cascade=cascade, abort=abort)

    return until_committed(attempt, f'update of {table.path!r}')


def replace_rows(
    engine: Engine, source: Source, positions: Positions, values: Mapping[int, Node], *, cascade: bool, abort: bool
) -> Outcome:
    """Commits new versions of the rows at `positions`."""
    schema = source.schema
    outcome = Outcome('update', updated=len(positions))
    if not len(positions):
        return outcome
    changes: list[Change]
    changes, requirements = removal(source, positions)
    for start in range(0, len(positions), ROWS_AT_ONCE):
        part = positions[start : start + ROWS_AT_ONCE]
        changes.append(_new_segment(engine, source, part, values, cascade, abort, outcome))
    required: list[Requirement] = [*requirements, SchemaIs(schema.table.id, schema.table.schema_version)]
    versions = ((schema.table.id, 'data', outcome.summary()),)
    committed = engine.catalog.commit(Commit('update', tuple(changes), tuple(required), versions))
    outcome.version = committed.versions[schema.table.id]
    return outcome


def _new_segment(
    engine: Engine,
    source: Source,
    positions: Positions,
    values: Mapping[int, Node],
    cascade: bool,
    abort: bool,
    outcome: Outcome,
) -> AddSegment:
    schema = source.schema
    rows = source.fetch(list(source.columns), positions)
    rows = rows.take(pa.array(np.argsort(rows.column(ROW_ID_FIELD).to_numpy(), kind='stable')))
    rows = _assigned(engine, schema, rows, values)
    again = [engine.resolver.computed(schema, column) for column in affected(schema, values)] if cascade else []
    for column in again:
        rows = rows.drop_columns([column.field, *(property_field(column.record.id, part) for part in ERRORS)])
    errors: Errors = {}
    if again:
        rows, errors = gathered(list(computed(engine.context, iter([rows]), again, abort, rows.num_rows)))
    outcome.count(again, rows.num_rows, errors)
    outcome.columns = [column.name for column in schema.columns if column.id in values] + [
        column.record.name for column in again
    ]
    computed_again = {column.record.id: column.current_record for column in again}
    records = [computed_again.get(column.id, column) for column in schema.columns if column.stored]
    file = write(
        engine.context.store, schema.table.id, rows, records, _kept_errors(schema, rows) | errors, row_ids=True
    )
    ids = rows.column(ROW_ID_FIELD).to_numpy()
    return AddSegment(schema.table.id, len(ids), (file,), (int(ids[0]), int(ids[-1])))


def _assigned(engine: Engine, schema: Schema, rows: pa.Table, values: Mapping[int, Node]) -> pa.Table:
    """The rows with the new values; all of them are computed from the old ones."""
    columns = [column for column in schema.columns if column.id in values]
    nodes = [engine.resolver.bind(schema, values[column.id]) for column in columns]
    evaluation = Evaluation(rows, engine.context.zone, engine.context.loop.pool)
    vectors = engine.context.loop.run(evaluation.vectors(nodes))
    raise_first_error(vectors, nodes, 0)
    for column, vector in zip(columns, vectors, strict=True):
        name = field_name(column.id)
        array = engine.context.coerced(vector.values, column.type, column.name)
        rows = rows.set_column(rows.column_names.index(name), pa.field(name, array.type), array)
    return rows


def _kept_errors(schema: Schema, rows: pa.Table) -> Errors:
    """The errors of computed columns that are copied, not computed again."""
    kept: Errors = {}
    for column in schema.computed():
        if property_field(column.id, 'errortype') in rows.column_names:
            cells = cell_errors(rows, column)
            if cells:
                kept[field_name(column.id)] = cells
    return kept


def cell_errors(rows: pa.Table, column: ColumnRecord) -> dict[int, CellError]:
    """The errors of a computed column in a table that has its error fields, by row."""
    types = rows.column(property_field(column.id, 'errortype'))
    if types.null_count == len(types):
        return {}
    messages = rows.column(property_field(column.id, 'errormsg')).to_pylist()
    return {row: CellError(kind, messages[row]) for row, kind in enumerate(types.to_pylist()) if kind is not None}
