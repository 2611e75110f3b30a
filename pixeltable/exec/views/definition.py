"""What a view is made of, ready to be evaluated: over the fields of the view, in which those of its base are included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.catalog.views import LEVEL, ViewSpec
from pixeltable.exec.engine import Engine
from pixeltable.exec.inherited import BASE_FIELD, below
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.scan_columns import ERRORS, scan_columns
from pixeltable.exec.source import Source
from pixeltable.exec.views.iteration import Iteration
from pixeltable.exprs.bind import ROW_ID_FIELD, fields
from pixeltable.exprs.build import operation
from pixeltable.exprs.nodes import Field, Node
from pixeltable.plan.dependencies import affected, reached
from pixeltable.plan.logical import ScanColumn
from pixeltable.plan.sampling import in_fraction
from pixeltable.types.column_type import BOOL, INT

_PREDICATE = LEVEL - 1
"""The id of a column that no table has, for the condition of a view."""


@dataclass(frozen=True)
class Definition:
    """`predicate` is the condition as if it were a computed column, `iteration` what makes rows from each base row, and `columns`
    are the view's own stored computed columns, each after those that it reads."""

    schema: Schema
    spec: ViewSpec
    predicate: ComputedColumn | None
    iteration: Iteration | None
    columns: tuple[ComputedColumn, ...]

    @staticmethod
    def of(engine: Engine, schema: Schema) -> Definition:
        """Raises FUNCTION_NOT_FOUND, or what else is wrong, naming what cannot be evaluated."""
        spec = schema.table.view
        assert spec is not None
        predicate = _condition(engine, schema, spec)
        iteration = None if spec.iterator is None else Iteration.of(engine, schema, spec.iterator)
        return Definition(schema, spec, predicate, iteration, tuple(engine.stored_computed(schema)))

    @cached_property
    def _scan(self) -> dict[str, ScanColumn]:
        return scan_columns(self.schema)

    def _reads(self, nodes: Iterable[Node]) -> set[int]:
        """The columns of the base, by their ids here, that some expressions read."""
        names = {name for node in nodes for name in fields(node) if name in self._scan}
        return {self._scan[name].column_id for name in names if self._scan[name].column_id >= LEVEL}

    @cached_property
    def choosing(self) -> set[int]:
        """The columns of the base, by their ids here, that say which rows the view has, and what the iterator gives."""
        nodes = [] if self.predicate is None else [self.predicate.node]
        return self._reads([*nodes, *(self.iteration.nodes if self.iteration is not None else ())])

    @cached_property
    def reads(self) -> set[int]:
        """All columns of the base, by their ids here, of which it matters what they hold."""
        return self.choosing | self._reads(column.node for column in self.columns)

    @cached_property
    def inputs(self) -> dict[str, str]:
        """The fields that are read of a base row, by their names here, and how the base calls them."""
        found = {BASE_FIELD: ROW_ID_FIELD}
        for name, column in self._scan.items():
            wanted = column.column_id in self.reads and column.part in ('value', *ERRORS, 'input')
            if wanted and column.column_id >= LEVEL:
                found[name] = below(column)
        return found

    def rows(self, base: Source, positions: object) -> pa.Table:
        """Rows of the base under the names that they have here."""
        table = base.fetch(list(self.inputs.values()), positions)  # type: ignore[arg-type]
        return table.rename_columns(list(self.inputs))

    def affected(self, columns: Iterable[int]) -> set[int]:
        """`columns` of the base, by their ids here, with what is computed from them each time it is read."""
        return reached(self.schema, columns)

    def computes_from(self, column_id: int) -> bool:
        """Whether own columns are computed from a column of the base, by its id here."""
        return bool(affected(self.schema, self.affected([column_id])))


def _condition(engine: Engine, schema: Schema, spec: ViewSpec) -> ComputedColumn | None:
    """The condition and the sample of a view, as if they were a computed column."""
    record = ColumnRecord(_PREDICATE, 'where', BOOL.with_nullable(True), value=spec.predicate)
    chosen = None if spec.predicate is None else engine.resolver.computed(schema, record)
    if spec.sample is None:
        return chosen
    fraction, seed = spec.sample
    sample = in_fraction(Field(INT, BASE_FIELD), seed or 0, fraction)
    node = sample if chosen is None else operation('and', chosen.node, sample)
    return ComputedColumn(record, node, '' if chosen is None else chosen.fingerprint)
