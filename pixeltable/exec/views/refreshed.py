"""What a commit does to a view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.changes import AddSegment, Change, Requirement
from pixeltable.exec.changes.new_segments import NewSegment
from pixeltable.exec.changes.removal import removal
from pixeltable.exec.changes.rewriting import Kept, Part, alike, rewrite
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.source import Source
from pixeltable.types import buffers


@dataclass(slots=True)
class Refreshed:
    """What a commit does to a view, and what it requires for that. `removed` are the positions of rows that go from where they
    are, or go for good."""

    outcome: Outcome
    changes: list[Change] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    removed: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    def remove(self, view: Source, positions: NDArray[np.int64]) -> None:
        """Takes the rows at `positions` out of the view."""
        changes, requirements = removal(view, positions)
        self.changes += changes
        self.requirements += requirements

    def insert(self, view: Source, segments: Iterable[NewSegment]) -> None:
        """Adds rows to the view that are computed and stored."""
        table_id = view.schema.table.id
        self.changes += [AddSegment(table_id, segment.rows, segment.files) for segment in segments]


def rewritten(
    engine: Engine,
    view: Source,
    positions: NDArray[np.int64],
    rows: pa.Table,
    changed: Mapping[int, NDArray[np.bool_]],
    reached: Callable[[Iterable[int]], Iterable[int]],
    abort: bool | None,
    outcome: Outcome,
) -> list[AddSegment]:
    """Segments with the rows at `positions` of a view with the new values that they have in `rows`.

    Args:
        changed: for each column, by id, which of the rows have another value in it.
        reached: columns, by id, with those that follow from them and are not stored.
    """
    columns = list(changed)
    patterns, owners = np.unique(np.column_stack(list(changed.values())), axis=0, return_inverse=True)
    parts = []
    for number, pattern in enumerate(patterns):
        inside = np.flatnonzero(owners.reshape(-1) == number)
        ids = set(reached(columns[place] for place in np.flatnonzero(pattern)))
        for pending, made, some in alike(view, positions[inside]):
            parts.append(Part(rows.take(buffers.positions(inside[some])), ids, made, pending))
    kept = engine.context.operation.memory.setdefault(('kept', view.schema.table.id), Kept())
    segments = rewrite(engine, view.schema, parts, cascade=True, abort=abort, outcome=outcome, kept=kept)
    outcome.updated += len(positions)
    return segments
