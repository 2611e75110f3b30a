"""What each commit of a table changed, one after another: the steps of a change feed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import pyarrow as pa

from pixeltable.catalog.past import State
from pixeltable.catalog.records import Contents, Segment
from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.exec.differences.rows import CHANGES, changed_rows
from pixeltable.exec.engine import Engine
from pixeltable.exec.source import Source
from pixeltable.types import buffers

STEPS_AT_ONCE = 1000
"""So many commits have their metadata read together."""


def steps(
    engine: Engine, table_id: str, start: State | None, later: Sequence[State]
) -> Iterator[tuple[State, pa.Table]]:
    """Each of the states `later` with its changes (`CHANGES`, by row id) against the one before; `start` comes first.

    Without `start`, the first state is compared with a table without rows. Raises PATH_NOT_FOUND if one of them was vacuumed.
    """
    states = [*([start] if start is not None else []), *later]
    for state in states:
        if state.vacuumed is not None:
            raise _gone(engine, table_id, state)
    if start is None and later:
        whole = engine.source(table_id, later[0].content)
        empty = Source(whole.schema, Contents(table_id, 0, ()), whole.store, whole.base)
        yield later[0], _changes(engine, empty, whole)
    if engine.catalog.schema(table_id).base is not None:  # whose rows are not told by its own segments alone
        for before, after in pairwise(states):
            yield after, _changes(engine, *(engine.source(table_id, state.content) for state in (before, after)))
        return
    for first in range(0, len(states) - 1, STEPS_AT_ONCE):
        window = states[first : first + STEPS_AT_ONCE + 1]
        timeline = engine.catalog.timeline(table_id, [state.content for state in window])
        for before, after in pairwise(window):
            old, new = timeline.between(before.content, after.content)
            sources = _part(engine, table_id, before, old), _part(engine, table_id, after, new)
            yield after, _changes(engine, *sources)


def _part(engine: Engine, table_id: str, state: State, segments: tuple[Segment, ...]) -> Source:
    """Some segments of a state."""
    schema = engine.catalog.schema(table_id, state.content)
    contents = Contents(table_id, state.content, segments)
    return engine.leases.note(Source(schema, contents, engine.context.store))


def _changes(engine: Engine, before: Source, after: Source) -> pa.Table:
    found = list(changed_rows(before, after, engine.context))
    return pa.concat_tables(found) if found else buffers.no_rows(CHANGES)


def _gone(engine: Engine, table_id: str, state: State) -> NotFoundError:
    reason = engine.catalog.vacuumed(table_id, state.version).message
    return NotFoundError(
        ErrorCode.PATH_NOT_FOUND,
        f'these changes can no longer be told: {reason} To follow the table anew, read that version and go on from there.',
    )
