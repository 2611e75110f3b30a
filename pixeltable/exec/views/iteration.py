"""The iterator of a view: what makes rows from each row of the base."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, cast
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from pixeltable._support.words import shown
from pixeltable.catalog.records import ColumnRecord, Schema, TableRecord
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.calls.breaker import Breaker
from pixeltable.exec.cell_failures import cell_failure
from pixeltable.exec.engine import Engine
from pixeltable.exec.evaluate import Evaluation, raise_first_error
from pixeltable.exec.media.saving import MEDIA_ROWS, Place, Saving, takes_media
from pixeltable.exec.operators.evaluate import rebatch
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.vectors import Vector
from pixeltable.exprs.bind import field_name
from pixeltable.exprs.display import display
from pixeltable.exprs.nodes import Call, Node
from pixeltable.types import buffers

ROWS_AT_ONCE = 512
"""Base rows of which the iterators run side by side: each may give many rows."""


@dataclass(frozen=True, slots=True)
class Iteration:
    """A call of an iterator over the fields of a view, `table`, and the stored columns that it fills, the position first, by the
    names that the iterator gives them. It sees times in `zone`."""

    call: Call
    columns: dict[str, ColumnRecord]
    table: TableRecord
    zone: tzinfo

    @staticmethod
    def of(engine: Engine, schema: Schema, document: dict[str, Any]) -> Iteration:
        """Raises FUNCTION_NOT_FOUND if the iterator cannot be found."""
        node = engine.resolver.bind(schema, engine.resolver.decode(schema, document['call']))
        columns = [column for each in document['columns'] if (column := schema.by_id(each)) is not None]
        names = document.get('names') or [column.name for column in columns]
        return Iteration(
            cast(Call, node),
            {name: column for name, column in zip(names, columns, strict=True) if column.stored},
            schema.table,
            ZoneInfo(document['zone']) if 'zone' in document else engine.context.zone,
        )

    @property
    def nodes(self) -> tuple[Node, ...]:
        return (self.call,)

    @property
    def outputs(self) -> tuple[str, ...]:
        """The fields that it fills; that of the position is the first."""
        return tuple(field_name(column.id) for column in self.columns.values())

    def expand(
        self, engine: Engine, tables: Iterator[pa.Table], abort: bool | None, outcome: Outcome
    ) -> Iterator[pa.Table]:
        """The rows made from those of `tables`, with the fields of these."""
        context = engine.context
        operation = context.operation
        calls = context.calls(Breaker(operation.title) if abort is None else None)

        async def expanded(batch: pa.Table) -> tuple[pa.Table, Vector]:
            operation.progress.expect(batch.num_rows)
            evaluation = Evaluation(batch, self.zone, calls)
            vectors = await evaluation.vectors([self.call])
            if abort:
                raise_first_error(vectors, [self.call], 0, evaluation)
            return batch, vectors[0]

        work = (expanded(batch) for batch in rebatch(tables, MEDIA_ROWS if takes_media(self.call) else ROWS_AT_ONCE))
        for batch, found in context.loop.in_order(work, operation.cancellation, calls.flow):
            self._count(found, outcome)
            yield self._rows(engine, batch, found.values)

    def _count(self, found: Vector, outcome: Outcome) -> None:
        """A row of the base for which the iterator fails has no rows."""
        name = self.call.function.name
        outcome.computed += len(found.values)
        for error in found.errors.values():
            outcome.failed[name] += 1
            outcome.iterators.add(name)
            outcome.examples.setdefault(name, error)

    def _check_there(self, name: str, column: ColumnRecord, made: Sequence[Mapping[str, Any]]) -> None:
        lacking = None if column.type.nullable else next((row for row in made if name not in row), None)
        if lacking is not None:
            raise RequestError(
                ErrorCode.UNSUPPORTED_OPERATION,
                f'{display(self.call)} gave {shown(lacking)}, without its output {name!r} of type {column.type}.',
            )

    def _rows(self, engine: Engine, batch: pa.Table, found: Sequence[Sequence[Mapping[str, Any]] | None]) -> pa.Table:
        counts = np.fromiter((0 if rows is None else len(rows) for rows in found), np.int64, len(found))
        ends = np.cumsum(counts)
        table = batch.take(buffers.positions(np.repeat(np.arange(len(found)), counts)))
        places = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)
        (_, position), *outputs = self.columns.items()
        table = table.append_column(field_name(position.id), buffers.positions(places))
        made = [row for rows in found if rows is not None for row in rows]
        for name, column in outputs:
            self._check_there(name, column, made)
            vector = Vector([row.get(name) for row in made])
            if column.type.is_media:
                place = Place.of(self.table, column)
                saving = Saving(engine.context.services.library, engine.context.loop, place)
                engine.context.loop.run(saving.save(vector, column.type), engine.context.operation.cancellation)
            array = vector.to_arrow(column.type, column.name, self.zone)
            for error in vector.errors.values():
                raise cell_failure(error, f'{display(self.call)}: its output {name!r}') from error.exception
            table = table.append_column(pa.field(field_name(column.id), array.type), array)
        return table
