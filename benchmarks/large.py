"""Ten million rows in a table of six scalar columns, and what it costs to have them.

Run by `scale.py` as `large.py ingest|query|change HOME ROWS`, each in a process of its own, so that memory and first calls are
those of a fresh process. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
from peak_memory import peak

import pixeltable as pxt

BATCH_ROWS = 1 << 17
KINDS = np.array([f'kind {number}' for number in range(50)])
SCHEMA = {
    'key': pxt.Int,
    'user': pxt.Int,
    'kind': pxt.String,
    'text': pxt.String,
    'made': pxt.Timestamp,
    'score': pxt.Float,
}


def batch(first: int, rows: int) -> pa.RecordBatch:
    """Rows from `first` on: ascending keys, a million random users, 50 kinds, texts that differ, times, random floats."""
    rng = np.random.default_rng(first)
    keys = np.arange(first, first + rows)
    return pa.record_batch(
        {
            'key': keys,
            'user': rng.integers(0, 1_000_000, rows),
            'kind': pa.array(KINDS[rng.integers(0, len(KINDS), rows)]),
            'text': pa.array([f'row {key} of the table' for key in keys.tolist()]),
            'made': pa.array(1_700_000_000_000_000 + keys * 1_000_000, pa.timestamp('us', 'UTC')),
            'score': rng.random(rows),
        }
    )


class Batches:
    """Makes batches one by one and counts how long that takes, which is not ours."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self.seconds = 0.0

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        for first in range(0, self._rows, BATCH_ROWS):
            started = time.perf_counter()
            made = batch(first, min(BATCH_ROWS, self._rows - first))
            self.seconds += time.perf_counter() - started
            yield made


def ingest(rows: int) -> dict[str, float]:
    """Rows a second from an Arrow reader, and MiB above what the process took before."""
    t = pxt.create_table('large', SCHEMA)
    t.insert([{**batch(0, 1).to_pylist()[0], 'key': -1}])  # what a process loads once is not the memory of an insert
    batches = Batches(rows)
    reader = pa.RecordBatchReader.from_batches(batch(0, 1).schema, iter(batches))
    before = peak()
    started = time.perf_counter()
    t.insert(reader)
    seconds = time.perf_counter() - started - batches.seconds
    return {'rows_per_second': rows / seconds, 'memory': peak() - before}


def timed(action: Callable[[], Any], runs: int = 9) -> tuple[float, float]:
    """Milliseconds of the first call, and the median of the others."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        action()
        times.append((time.perf_counter() - started) * 1000)
    return times[0], median(times[1:])


def query(rows: int) -> dict[str, tuple[float, float]]:
    """Queries; the first of each kind reads from disk what it needs."""
    t = pxt.get_table('large')
    low = rows // 2
    total = pxt.functions.sum(t.score)
    return {
        'count': timed(t.count),
        'filter by key range to 10 rows': timed(
            t.where((t.key >= low) & (t.key < low + 10)).select(t.key, t.text).collect
        ),
        'filter by key range to 10 rows, all columns': timed(t.where((t.key >= low) & (t.key < low + 10)).collect),
        'look up by row id': timed(t.where(t.id == low).collect),
        'group by text into 50 and sum': timed(t.group_by(t.kind).select(t.kind, total=total).collect),
        'group by key % 100 and sum': timed(t.group_by(t.key % 100).select(t.key % 100, total=total).collect),
        'group into a million and sum': timed(t.group_by(t.user).select(t.user, total=total).limit(10).collect, 3),
        'first 10 rows': timed(lambda: t.head(10)),
    }


def change(rows: int) -> dict[str, tuple[float, float]]:
    """Changes, each a commit of its own."""
    t = pxt.get_table('large')
    version = len(t.history()) - 1
    numbers = iter(range(rows // 3, rows))
    names = iter(range(1000))

    def rename() -> None:
        old = 'score' if 'score' in t.columns() else 'points'
        t.rename_column(old, 'points' if old == 'score' else 'score')

    return {
        'update one row': timed(lambda: t.update({'text': 'changed'}, where=t.key == next(numbers))),
        'delete one row': timed(lambda: t.delete(where=t.key == next(numbers))),
        'add a column': timed(lambda: t.add_column(**{f'new{next(names)}': pxt.Int | None})),
        'rename a column': timed(rename),
        'restore': timed(lambda: pxt.restore('large', version=version), 3),
    }


def main() -> None:
    part, home, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
    pxt.init({'pixeltable.home': home, 'pixeltable.verbosity': 0, 'pixeltable.show_progress': False})
    parts: dict[str, Callable[[int], Any]] = {'ingest': ingest, 'query': query, 'change': change}
    print(json.dumps(parts[part](rows)))


if __name__ == '__main__':
    main()
