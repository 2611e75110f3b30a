"""The rows that a view has of some rows of its base: the condition and the sample choose, and the iterator makes rows of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.pipeline import computed
from pixeltable.exec.source import Source
from pixeltable.exec.views.definition import Definition

ROWS_AT_ONCE = 65_536

Positions = NDArray[np.int64]


def view_rows(
    engine: Engine, definition: Definition, base: Source, positions: Positions, abort: bool | None, outcome: Outcome
) -> Iterator[pa.Table]:
    """The rows of a view that come from the base rows at `positions`, with all that its own columns are computed from."""
    parts = (positions[start : start + ROWS_AT_ONCE] for start in range(0, len(positions), ROWS_AT_ONCE))
    tables: Iterable[pa.Table] = (definition.rows(base, part) for part in parts)
    tables = _chosen(engine, definition, tables, abort, outcome)
    if definition.iteration is not None:
        tables = definition.iteration.expand(engine, iter(tables), abort, outcome)
    return iter(tables)


def _chosen(
    engine: Engine, definition: Definition, tables: Iterable[pa.Table], abort: bool | None, outcome: Outcome
) -> Iterator[pa.Table]:
    """The rows for which the condition is true."""
    predicate = definition.predicate
    if predicate is None:
        yield from tables
        return
    for table, errors in computed(engine.context, definition.schema, iter(tables), [predicate], abort, None):
        outcome.count([predicate], table.num_rows, errors)
        kept = table.filter(pc.fill_null(table.column(predicate.field), False))
        yield kept.drop_columns([predicate.field])
