"""Nearest-neighbour search over an embedding column: exact, run by run, then merged.

Rows that have no similarity come last, as in a sort.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from pixeltable.catalog.records import Segment
from pixeltable.errors import ErrorCode, InternalError
from pixeltable.exec.context import Context
from pixeltable.exec.inherited import is_inherited
from pixeltable.exec.source import Source
from pixeltable.exprs.nodes import Field
from pixeltable.index.exact import FAISS_ROWS, ExactSearch, best
from pixeltable.plan.logical import POSITION
from pixeltable.plan.stages import SearchStage
from pixeltable.types import buffers

Run = list[tuple[int, Segment]]


def search(context: Context, source: Source, stage: SearchStage, rows: pa.Table | None) -> Iterator[pa.Table]:
    """The nearest rows as one table: the fields of `rows` (None: just the position), and the score."""
    embedding = stage.similarity.embedding
    if not isinstance(embedding, Field):
        raise InternalError(ErrorCode.INTERNAL_ERROR, 'a search needs a stored embedding column')
    allowed = None if rows is None else _ascending(buffers.numbers(rows.column(POSITION)))
    found, scores = [], []
    for run in _runs(source):
        start = source.offsets[run[0][0]]
        inside = _allowed(source, run, allowed)
        if inside is not None and len(inside) == 0:
            continue
        prepared = _prepared(context, source, run, embedding.name, stage.similarity.metric)
        positions, similarities = prepared.search(
            stage.similarity.query.value, stage.limit, None if inside is None else inside - start
        )
        found.append(positions + start)
        scores.append(similarities)
    empty = np.empty(0)
    positions, similarities = best(
        np.concatenate([empty.astype(np.int64), *found]), np.concatenate([empty, *scores]), stage.limit
    )
    scored = buffers.primitive(pa.float64(), similarities.astype(np.float64, copy=False))
    if missing := stage.limit - len(positions):
        others = np.setdiff1d(
            _live(source, list(enumerate(source.contents.segments))) if allowed is None else allowed, positions
        )[:missing]
        positions = np.concatenate([positions, others])
        scored = pa.concat_arrays([scored, pa.nulls(len(others), pa.float64())])
    yield _result(rows, positions).append_column(stage.score, scored)


def _ascending(positions: NDArray[np.int64]) -> NDArray[np.int64]:
    return positions if np.all(positions[1:] > positions[:-1]) else np.sort(positions)


def _runs(source: Source) -> list[Run]:
    """Segments in groups: a large one by itself, neighbouring small ones together."""
    runs: list[Run] = []
    for index, segment in enumerate(source.contents.segments):
        small = segment.rows < FAISS_ROWS
        if runs and small and runs[-1][-1][1].rows < FAISS_ROWS:
            runs[-1].append((index, segment))
        else:
            runs.append([(index, segment)])
    return runs


def _allowed(source: Source, run: Run, allowed: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
    """The positions of `run` to search: those that passed the filter, else the live ones; None if that is all of them."""
    if allowed is not None:
        start, end = source.offsets[run[0][0]], source.offsets[run[-1][0] + 1]
        return allowed[np.searchsorted(allowed, start) : np.searchsorted(allowed, end)]
    if all(segment.deletes is None for _, segment in run):
        return None
    return _live(source, run)


def _live(source: Source, run: Run) -> NDArray[np.int64]:
    """The positions of the rows of `run` that are not deleted."""
    live = (buffers.numbers(source.read_segment(i, segment, [POSITION]).column(POSITION)) for i, segment in run)
    return np.concatenate([np.empty(0, np.int64), *live])


def _prepared(context: Context, source: Source, run: Run, field: str, metric: str) -> ExactSearch:
    files = tuple((segment.id, tuple(file.id for file in segment.files)) for _, segment in run)
    # What a view inherits may change while its own segments stay.
    below = source.base.contents.commit if source.base is not None and is_inherited(source, field) else None
    key = (field, metric, files, below)

    def make() -> ExactSearch:
        # Not cached in the store as well: the prepared search is kept, and it holds the vectors.
        tables = (source.read_segment(i, segment, [field], keep_deleted=True, cache=False) for i, segment in run)
        columns = [table.column(field) for table in tables]
        return ExactSearch(pa.chunked_array([chunk for column in columns for chunk in column.chunks]), metric)

    if any(segment.id < 0 for _, segment in run):  # one that no commit has given yet: the next may have the same id
        return make()
    return context.searches.get(key, make)


def _result(rows: pa.Table | None, positions: NDArray[np.int64]) -> pa.Table:
    if rows is None:
        return pa.table({POSITION: buffers.positions(positions)})
    given = buffers.numbers(rows.column(POSITION))
    order = np.argsort(given)
    return rows.take(buffers.positions(order[np.searchsorted(given, positions, sorter=order)]))
