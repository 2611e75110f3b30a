"""What operations would compute, before any of it is done: see `foresight`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from pixeltable.catalog.records import Schema
from pixeltable.exec.changes.backfill import input_fields
from pixeltable.exec.changes.choosing import Request, choose
from pixeltable.exec.changes.matching import matching
from pixeltable.exec.changes.new_segments import with_inputs
from pixeltable.exec.changes.recompute import patterns
from pixeltable.exec.changes.update import ROWS_AT_ONCE
from pixeltable.exec.engine import Engine
from pixeltable.exec.foresight import Foresight, Needed
from pixeltable.exec.pipeline import has_calls
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source
from pixeltable.exprs.nodes import Node
from pixeltable.plan.dependencies import affected, in_order


@dataclass(frozen=True, slots=True)
class Planned:
    """A column of which cells would be computed, and the calls for it, by function."""

    column: str
    cells: int
    needed: tuple[Needed, ...]


class _Counting:
    """Cells and calls, put together."""

    def __init__(self, engine: Engine) -> None:
        self._foresight = Foresight(engine.context)
        self._cells: dict[str, int] = {}

    def add(
        self,
        tables: Iterable[pa.Table],
        columns: Sequence[ComputedColumn],
        rows: int,
        given: Sequence[ComputedColumn] = (),
    ) -> None:
        """Counts the cells of `columns` for the rows of `tables`, of which there are `rows`; see `Foresight.look`."""
        for column in [*(each for each in given if has_calls([each])), *columns]:
            self._cells[column.record.name] = self._cells.get(column.record.name, 0) + rows
        self._foresight.look(tables, columns, given)

    def planned(self) -> list[Planned]:
        needed = self._foresight.needed
        return [Planned(name, cells, tuple(needed.get(name, {}).values())) for name, cells in self._cells.items()]


def plan_recomputation(engine: Engine, source: Source, request: Request) -> list[Planned]:
    """What `recompute` would compute."""
    engine.context.operation.asks_again = request.only == 'all'
    counting = _Counting(engine)
    chosen = choose(engine, source, request)
    for column_ids, places in patterns(chosen, list(chosen.segments)).items():
        columns = [engine.resolver.computed(source.schema, c) for c in in_order(source.schema) if c.id in column_ids]
        read = input_fields(source, columns)
        rows = (source.fetch(read, inside + source.offsets[index]) for index, inside in places)
        counting.add(rows, columns, sum(len(inside) for _, inside in places))
    return counting.planned()


def plan_insert(engine: Engine, schema: Schema, tables: Iterable[pa.Table]) -> list[Planned]:
    """What inserting the rows of `tables` would compute."""
    counting = _Counting(engine)
    columns = engine.stored_computed(schema)
    for table in tables:
        counting.add([with_inputs(schema, table, columns)], columns, table.num_rows)
    return counting.planned()


def plan_update(
    engine: Engine, source: Source, values: Mapping[int, Node], predicates: Sequence[Node], *, cascade: bool
) -> list[Planned]:
    """What an update would compute; see `update`."""
    counting = _Counting(engine)
    schema = source.schema
    positions = matching(engine, source, [engine.resolver.bind(schema, node) for node in predicates])
    columns = [column for column in schema.columns if column.id in values]
    given = [ComputedColumn(column, engine.resolver.bind(schema, values[column.id]), '') for column in columns]
    again = [engine.resolver.computed(schema, column) for column in affected(schema, values)] if cascade else []
    read = list(dict.fromkeys([*input_fields(source, given), *input_fields(source, again)]))
    for start in range(0, len(positions), ROWS_AT_ONCE):
        some = positions[start : start + ROWS_AT_ONCE]
        counting.add([source.fetch(read, some)], again, len(some), given)
    return counting.planned()


def plan_column(engine: Engine, source: Source, column: ComputedColumn) -> list[Planned]:
    """What adding a computed column would compute."""
    counting = _Counting(engine)
    counting.add(source.read(input_fields(source, [column])), [column], source.contents.row_count)
    return counting.planned()
