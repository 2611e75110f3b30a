"""What runs in a worker of the cluster. Each process opens the stores and loads the functions once."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import Contents, Segment
from pixeltable.catalog.work.open import open_work
from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.exec.cluster.work import Piece, Work
from pixeltable.exec.compute import Errors
from pixeltable.exec.context import Context
from pixeltable.exec.pipeline import Computed, computed, gathered
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.segments import with_deleted_rows, write
from pixeltable.exec.services import open_context
from pixeltable.exec.source import Source
from pixeltable.storage.objects.open import Stores
from pixeltable.types import buffers

Written = tuple[NewFile, int, Errors]
"""The file of a segment, how many rows were computed, and the errors among them."""

PARTS, LEAST_ROWS = 4, 64

_contexts: dict[tuple[str, str | None, str], Context] = {}


def compute_table(work: Work, table: pa.Table) -> Computed:
    """The rows of `table` with the columns."""
    rows = table.num_rows
    # In parts, as there are several batches under way where there is no cluster.
    part = max(LEAST_ROWS, -(-rows // PARTS))
    stream = computed(
        _context(work), work.schema, iter([table]), _columns(work.columns), work.abort, rows, most_rows=part
    )
    rows, errors = gathered(list(stream))
    # Exceptions need not be able to travel.
    return rows, {field: {row: e.without_exception() for row, e in cells.items()} for field, cells in errors.items()}


def compute_pieces(work: Work, pieces: Sequence[Piece]) -> list[Computed]:
    """The columns for the live rows of each piece, read from the data root."""
    source = _source(work, [piece.segment for piece in pieces])
    names = [column.field for column in _columns(work.columns)]
    results = []
    for place, piece in enumerate(pieces):
        table = source.read_segment(place, piece.segment, work.fields, piece.rows, cache=False)
        rows, errors = compute_table(work, table) if table.num_rows else (buffers.no_rows(source.arrow_schema(())), {})
        results.append((rows.select(names) if table.num_rows else rows, errors))
    return results


def write_segment(work: Work, segment: Segment, places: Sequence[int], *results: list[Computed]) -> Written:
    """Writes the column file of a segment. Its pieces, in order, are at `places` of the results."""
    parts = [result[place] for place, result in zip(places, results, strict=True)]
    live, errors = gathered([part for part in parts if part[0].num_rows] or parts[:1])
    columns = _columns(work.columns)
    whole, moved = with_deleted_rows(_source(work, [segment]), 0, segment, live, errors)
    records = [column.current_record for column in columns]
    return write(_context(work).store, work.schema.table, whole, records, moved), live.num_rows, errors


def _source(work: Work, segments: Sequence[Segment]) -> Source:
    return Source(work.schema, Contents(work.schema.table.id, 0, tuple(segments)), _context(work).store)


def _context(work: Work) -> Context:
    settings = work.settings
    key = str(settings.home), settings.catalog, settings.data_root
    if key not in _contexts:
        work_database = open_work(settings.home, settings.catalog)
        stores = Stores(settings.data_root)
        _contexts[key] = open_context(replace(settings, show_progress=False), work_database, stores)
    return _contexts[key]


@functools.lru_cache(maxsize=16)
def _columns(pickled: bytes) -> list[ComputedColumn]:
    try:
        columns: list[ComputedColumn] = pickle.loads(pickled)
    except Exception as error:
        raise NotFoundError(
            ErrorCode.FUNCTION_NOT_FOUND,
            f'a function cannot be loaded on the cluster: {type(error).__name__}: {error}. The packages and modules of the '
            'driver must be there, too.',
        ) from error
    return columns
