"""One row of a table with a primary key, found, changed and added, as the table grows: these should hardly cost more.

`python benchmarks/keys.py [largest number of rows]`. Each figure is the median over keys taken at random, so that most
of them lie in parts of the table that nothing has read yet.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections.abc import Callable, Iterator
from typing import Any

import measure
import numpy as np
import pyarrow as pa
from measure import milliseconds, once

import pixeltable as pxt

ROWS = (10_000, 100_000, 1_000_000, 10_000_000)
BATCH = 1_000_000
REPEATS = 30


def int_keys(start: int, count: int) -> pa.Array:
    """Sequential numbers."""
    return pa.array(np.arange(start, start + count))


def uuid_keys(start: int, count: int) -> pa.Array:
    """Random UUIDs that can be made again from their number."""
    low = np.random.Generator(np.random.Philox(start + 1)).bytes(16 * count)
    storage = pa.Array.from_buffers(pa.binary(16), count, [None, pa.py_buffer(low)])
    return pa.ExtensionArray.from_storage(pa.uuid(), storage)


def text_keys(start: int, count: int) -> pa.Array:
    """The same UUIDs as text."""
    return pa.array([str(each) for each in uuid_keys(start, count).to_pylist()])


KEYS: dict[str, tuple[Any, Callable[[int, int], pa.Array]]] = {
    'Int, sequential': (pxt.Int, int_keys),
    'UUID, random': (pxt.UUID, uuid_keys),
    'String, random': (pxt.String, text_keys),
}


def batches(make: Callable[[int, int], pa.Array], rows: int) -> Iterator[pa.Table]:
    for start in range(0, rows, BATCH):
        count = min(BATCH, rows - start)
        numbers = np.arange(start, start + count)
        yield pa.table(
            {'k': make(start, count), 'n': numbers, 'x': numbers / 7, 's': [f'row {i}' for i in numbers % 1000]}
        )


def median(values: list[float]) -> str:
    return milliseconds(sorted(values)[len(values) // 2])


def measured(kind: str, rows: int) -> list[str]:
    """The cells of one line."""
    type_, make = KEYS[kind]
    t = pxt.create_table('keyed', {'k': type_, 'n': pxt.Int, 'x': pxt.Float, 's': pxt.String}, primary_key='k')
    filled = sum(once(lambda part=part: t.insert(part)) for part in batches(make, rows))
    chance = random.Random(rows)
    known = []
    for start in range(0, rows, BATCH):
        keys = make(start, min(BATCH, rows - start))
        known += [keys[chance.randrange(len(keys))].as_py() for _ in range(1 + 4 * REPEATS * BATCH // rows)]
    chance.shuffle(known)
    new = make(10**9, 2 * REPEATS).to_pylist()
    find = [once(lambda: t.where(t.k == known.pop()).collect()) for _ in range(REPEATS)]
    update = [once(lambda: t.update({'x': 1.5}, where=t.k == known.pop())) for _ in range(REPEATS)]
    batch = [once(lambda: t.batch_update([{'k': known.pop(), 'x': 2.5}])) for _ in range(REPEATS)]
    insert = [once(lambda: t.insert(k=new.pop(), n=1, x=0.5, s='new')) for _ in range(REPEATS)]
    refused = [once(lambda: refuse(t, known.pop())) for _ in range(REPEATS)]
    pxt.drop_table('keyed')
    return [kind, f'{rows:,}', f'{rows / filled:,.0f} rows/s', *map(median, (find, update, batch, insert, refused))]


def refuse(t: pxt.Table, key: Any) -> None:
    """Inserts a key that exists."""
    try:
        t.insert(k=key, n=1, x=0.5, s='again')
    except pxt.RequestError:
        return
    raise AssertionError(f'{key!r} was inserted twice')


def main() -> None:
    largest = int(sys.argv[1].replace('_', '')) if len(sys.argv) > 1 else ROWS[-1]
    with tempfile.TemporaryDirectory() as home:
        pxt.init({'pixeltable.home': home, 'pixeltable.verbosity': 0, 'pixeltable.show_progress': False})
        lines = [measured(kind, rows) for kind in KEYS for rows in ROWS if rows <= largest]
    columns = [
        'key',
        'rows',
        'insert from Arrow',
        'find one',
        'update one',
        'batch_update one',
        'insert one',
        'refuse one',
    ]
    measure.show('Primary keys', columns, lines)


if __name__ == '__main__':
    main()
