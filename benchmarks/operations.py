"""Each operation next to a plain baseline that any reader knows: what it costs to have it versioned, durable and incremental.

The baselines do the part that can be compared and no more: pandas computes in memory that is already there, SQLite keeps one copy
of the rows with `synchronous=FULL`, a Parquet file is written and synchronized, NumPy multiplies a matrix. A ratio over 1 means
that Pixeltable is quicker.
"""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import measure
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from measure import ROWS, VECTORS, length, middle, milliseconds, once, rows

import pixeltable as pxt


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: seconds, or MiB for memory."""

    what: str
    ours: float
    plain: float
    baseline: str
    memory: bool = False

    def line(self) -> list[str]:
        """The cells of the line."""
        values = [f'{v:,.0f} MiB' if self.memory else milliseconds(v) for v in (self.ours, self.plain)]
        return [self.what, *values, f'{self.plain / self.ours:.2f}', self.baseline]


class Sqlite:
    """The rows in SQLite, as durable as ours: WAL, and a sync at each commit."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute('PRAGMA journal_mode=WAL')
        self._connection.execute('PRAGMA synchronous=FULL')
        self.run('CREATE TABLE t (key INTEGER, text TEXT, x REAL, vector BLOB)')

    def run(self, statement: str, *values: Any) -> list[Any]:
        """One statement, which is one transaction."""
        return self._connection.execute(statement, values).fetchall()

    def fill(self, new: list[dict[str, Any]]) -> None:
        """Many rows in one transaction."""
        self.run('BEGIN')
        self._connection.executemany('INSERT INTO t (key, text, x) VALUES (:key, :text, :x)', new)
        self.run('COMMIT')


def tabular(folder: Path) -> Iterator[Figure]:
    """Rows in, rows changed, rows out."""
    t = pxt.create_table('tabular', measure.SCHEMA)
    sqlite, file = Sqlite(folder / 'plain.db'), folder / 'plain.parquet'
    one = rows(1, -1)[0]
    yield Figure(
        'insert one row',
        middle(lambda: t.insert([one]), 100),
        middle(lambda: sqlite.run('INSERT INTO t (key, text, x) VALUES (?, ?, ?)', *one.values()), 100),
        'SQLite, synchronous=FULL',
    )
    many = rows(ROWS)
    frame = pd.DataFrame(many)
    yield Figure(
        f'insert {ROWS:,} rows',
        once(lambda: t.insert(many)),
        once(lambda: measure.write_durably(pa.Table.from_pylist(many), file)),
        'Parquet file and fsync',
    )
    sqlite.fill(many)

    def stored(values: Any) -> None:
        measure.write_durably(pa.table({'y': np.asarray(values)}), folder / 'column.parquet')

    yield Figure(
        'computed column: x * 2 + 1',
        once(lambda: t.add_computed_column(y=t.x * 2 + 1)),
        once(lambda: stored(frame['x'] * 2 + 1)),
        'pandas, Parquet file and fsync',
    )
    yield Figure(
        'computed column: Python function',
        once(lambda: t.add_computed_column(length=measure.length_udf(t.text))),
        once(lambda: stored([length(text) for text in frame['text']])),
        'a loop, Parquet file and fsync',
    )
    more = rows(ROWS // 5, ROWS)
    yield Figure(
        f'insert {len(more):,} rows with both',
        once(lambda: t.insert(more)),
        once(lambda: _with_both(more, file.with_suffix('.more'))),
        'pandas, Parquet file and fsync',
    )
    ten = (t.key >= 100) & (t.key < 110)
    yield Figure(
        'filter to 10 rows',
        middle(lambda: t.where(ten).select(t.key, t.text).collect()),
        middle(lambda: frame[(frame['key'] >= 100) & (frame['key'] < 110)][['key', 'text']]),
        'pandas in memory',
    )
    yield Figure('count', middle(t.count), middle(lambda: sqlite.run('SELECT count(*) FROM t')), 'SQLite')
    groups = t.group_by(t.key % 100).select(t.key % 100, total=pxt.functions.sum(t.x))
    yield Figure(
        'group into 100 and sum',
        middle(groups.collect),
        middle(lambda: frame.groupby(frame['key'] % 100)['x'].sum()),
        'pandas in memory',
    )
    yield Figure(
        'two columns to pandas',
        middle(lambda: t.select(t.key, t.x).collect().to_pandas()),
        middle(lambda: pq.read_table(file, columns=['key', 'x']).to_pandas()),
        'Parquet file',
    )
    yield Figure(
        'update one row',
        middle(lambda: t.update({'text': 'changed'}, where=t.key == 77), 20),
        middle(lambda: sqlite.run("UPDATE t SET text = 'changed' WHERE key = 77"), 20),
        'SQLite, synchronous=FULL',
    )
    yield Figure(
        'delete half of the rows',
        once(lambda: t.delete(where=t.key % 2 == 0)),
        once(lambda: sqlite.run('DELETE FROM t WHERE key % 2 = 0')),
        'SQLite, synchronous=FULL',
    )


def _with_both(more: list[dict[str, Any]], path: Path) -> None:
    frame = pd.DataFrame(more)
    frame['y'] = frame['x'] * 2 + 1
    frame['length'] = [length(text) for text in frame['text']]
    measure.write_durably(pa.Table.from_pandas(frame), path)


def calls(_: Path) -> Iterator[Figure]:
    """Functions that wait."""
    t = pxt.create_table('calls', {'text': pxt.String})
    texts = [f'request {i}' for i in range(2000)]
    t.insert([{'text': text} for text in texts])

    async def gathered() -> None:
        free = asyncio.Semaphore(1024)

        async def one(text: str) -> str:
            async with free:
                return await measure.remote(text)

        await asyncio.gather(*map(one, texts))

    ours = once(lambda: t.add_computed_column(reply=measure.remote_udf(t.text)))
    yield Figure('2,000 calls that wait 50 ms', ours, once(lambda: asyncio.run(gathered())), 'asyncio, 1,024 at a time')


def vectors(folder: Path) -> Iterator[Figure]:
    """An embedding index; the baseline searches exactly, as we do at this size."""
    t = pxt.create_table('vectors', {'key': pxt.Int, 'text': pxt.String})
    texts = [f'item {i}' for i in range(VECTORS)]
    t.insert([{'key': i, 'text': text} for i, text in enumerate(texts)])
    matrix = np.zeros((0, measure.LENGTH), np.float32)

    def build() -> None:
        nonlocal matrix
        matrix = np.stack([measure.vector(text) for text in texts])
        column = pa.FixedSizeListArray.from_arrays(pa.array(matrix.ravel()), measure.LENGTH)
        measure.write_durably(pa.table({'vector': column}), folder / 'vectors.parquet')

    ours = once(lambda: t.add_embedding_index('text', embedding=measure.vector_udf))
    yield Figure(f'embed and index {VECTORS:,} rows', ours, once(build), 'a loop, Parquet file and fsync')

    def nearest(filtered: bool) -> Any:
        similarity = t.text.similarity('item 17')
        query = t.order_by(similarity, asc=False).limit(10)
        return (query.where(t.key % 10 == 3) if filtered else query).select(t.key, score=similarity).collect()

    def exact(filtered: bool) -> Any:
        candidates = np.flatnonzero(np.arange(VECTORS) % 10 == 3) if filtered else slice(None)
        scores = matrix[candidates] @ measure.vector('item 17')
        best = np.argpartition(scores, -10)[-10:]
        return best[np.argsort(-scores[best])]

    nearest(False)
    for label, filtered in (('nearest 10', False), ('nearest 10 of a tenth', True)):
        ours = middle(lambda f=filtered: nearest(f), 30)
        yield Figure(label, ours, middle(lambda f=filtered: exact(f), 30), 'NumPy in memory')
    sqlite = Sqlite(folder / 'vectors.db')
    yield Figure(
        'insert one row and index it',
        middle(lambda: t.insert([{'key': -1, 'text': 'late'}]), 50),
        middle(
            lambda: sqlite.run('INSERT INTO t (text, vector) VALUES (?, ?)', 'late', measure.vector('late').tobytes()),
            50,
        ),
        'SQLite, synchronous=FULL',
    )


def memory(folder: Path) -> Iterator[Figure]:
    """The peak of a process that does the tabular work."""
    peaks = []
    for side in ('ours', 'plain'):
        script = Path(__file__).with_name('peak_memory.py')
        done = subprocess.run(
            [sys.executable, str(script), side, str(folder / side)], check=True, stdout=subprocess.PIPE, text=True
        )
        peaks.append(float(done.stdout.splitlines()[-1]))
    what = f'peak memory: insert {ROWS:,} rows, read all'
    yield Figure(what, peaks[0], peaks[1], 'pandas, Parquet file', memory=True)


SECTIONS = (tabular, calls, vectors, memory)
