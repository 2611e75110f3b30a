"""Relational queries over a million rows, against the same in DuckDB by hand on the same Parquet.

    python benchmarks/queries.py

Prints the best of five in milliseconds, and whether it is within 1.3 times of DuckDB's, and 3 ms.
"""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import pixeltable as pxt
from pixeltable import functions as pxtf

ROWS, SMALL = 1_000_000, 10_000


def best(work: Callable[[], object], times: int = 5) -> float:
    """Milliseconds."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken) * 1000


def main(folder: Path) -> None:
    random = np.random.default_rng(0)
    numbers = np.arange(ROWS)
    big = pa.table(
        {
            'k': random.integers(0, SMALL, ROWS),
            'g': random.integers(0, 100, ROWS),
            'x': random.random(ROWS),
            'j': [f'{{"a":{{"b":{number % 1000}}}}}' for number in numbers],
        }
    )
    small = pa.table({'k': np.arange(SMALL), 'w': random.random(SMALL)})
    t = pxt.create_table('t', {'k': pxt.Int, 'g': pxt.Int, 'x': pxt.Float, 'j': pxt.Json})
    u = pxt.create_table('u', {'k': pxt.Int, 'w': pxt.Float})
    t.insert(big)
    u.insert(small)
    pq.write_table(big, folder / 'big.parquet')
    pq.write_table(small, folder / 'small.parquet')
    of_big, of_small = (f"read_parquet('{folder / name}')" for name in ('big.parquet', 'small.parquet'))
    joined = t.join(u, on=t.k == u.k)
    cases = {
        'filter': (t.where((t.x > 0.9) & (t.g == 7)).select(t.k, t.x), f'k, x FROM {of_big} WHERE x > 0.9 AND g = 7'),
        'group': (
            t.group_by(t.g).select(t.g, n=pxtf.count(t.k), s=pxtf.sum(t.x)),
            f'g, count(k), sum(x) FROM {of_big} GROUP BY g',
        ),
        'join and sum': (
            joined.select(pxtf.sum(t.x * u.w)),
            f'sum(x * w) FROM {of_big} JOIN {of_small} USING (k)',
        ),
        'join': (joined.select(t.x, u.w), f'x, w FROM {of_big} JOIN {of_small} USING (k)'),
        'window': (
            t.select(s=pxtf.sum(t.x).over(partition_by=t.g)),
            f'sum(x) OVER (PARTITION BY g) FROM {of_big}',
        ),
        'running sum': (
            t.select(s=pxtf.sum(t.x).over(partition_by=t.g, order_by=t.x)),
            f'sum(x) OVER (PARTITION BY g ORDER BY x ROWS UNBOUNDED PRECEDING) FROM {of_big}',
        ),
        'sort and limit': (t.order_by(t.x).limit(10).select(t.k, t.x), f'k, x FROM {of_big} ORDER BY x LIMIT 10'),
        'Json filter': (
            t.where(t.j.a.b == 7).select(t.k),
            f"k FROM {of_big} WHERE CAST(json_extract(j, '$.a.b') AS BIGINT) = 7",
        ),
    }
    connection = duckdb.connect()
    print(f'{"milliseconds":20} {"ours":>8} {"DuckDB":>8} {"ratio":>6}')
    for name, (query, by_hand) in cases.items():
        ours = best(query.collect)
        theirs = best(lambda sql=by_hand: connection.sql(f'SELECT {sql}').to_arrow_table())  # type: ignore[misc]
        verdict = '' if ours <= 1.3 * theirs + 3 else '  missed'
        print(f'{name:20} {ours:8.1f} {theirs:8.1f} {ours / theirs:6.2f}{verdict}')
    print(f'{"count":20} {best(t.count, 100):8.2f}')
    print(
        f'{"build and plan":20} {best(t.where(t.x > 1).order_by(t.g).select(t.k, z=t.x + 1).limit(3).explain, 100):8.2f}'
    )


with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
    os.environ['PIXELTABLE_HOME'] = f'{home}/home'
    os.environ['PIXELTABLE_VERBOSITY'] = '0'
    main(Path(home))
