"""Decision 0003: filter, group and top-k over Arrow rows in DuckDB, Arrow's own kernels, pandas and Polars.

    .venv/bin/pip install polars                                        # measured here, not a dependency
    for e in duckdb arrow pandas polars; do .venv/bin/python benchmarks/decisions/engines.py $e; done

The rows are in Arrow memory and the results come back as Arrow, since that is how the stages of a query meet.
One engine a process, so that import time is its own.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
from timing import best

Query = Callable[[], Any]


def rows(count: int) -> pa.Table:
    random = np.random.default_rng(1)
    kind = pa.DictionaryArray.from_arrays(
        pa.array(random.integers(0, 100, count, dtype=np.int32)), [f'k{i}' for i in range(100)]
    )
    return pa.table(
        {
            'id': pa.array(np.arange(count)),
            'kind': kind.cast(pa.string()),
            'a': pa.array(random.integers(0, 1_000_000, count)),
            'b': pa.array(random.random(count)),
        }
    )


def in_duckdb() -> Callable[[pa.Table], dict[str, Query]]:
    import duckdb

    def queries(t: pa.Table) -> dict[str, Query]:
        connection = duckdb.connect()
        connection.register('t', t)

        def run(sql: str) -> Query:
            return lambda: connection.sql(sql).to_arrow_table()  # `execute` would copy the rows once more

        return {
            'filter to 10': run('SELECT * FROM t WHERE a < 10 AND b >= 0'),
            'filter to half': run('SELECT * FROM t WHERE b < 0.5'),
            'group 100': run('SELECT kind, sum(a), avg(b), count(*) FROM t GROUP BY kind'),
            'top 10': run('SELECT * FROM t ORDER BY b LIMIT 10'),
            'arithmetic': run('SELECT a * 2 + b AS x FROM t'),
        }

    return queries


def in_arrow() -> Callable[[pa.Table], dict[str, Query]]:
    import pyarrow.compute as pc

    def queries(t: pa.Table) -> dict[str, Query]:
        return {
            'filter to 10': lambda: t.filter((pc.field('a') < 10) & (pc.field('b') >= 0)),
            'filter to half': lambda: t.filter(pc.field('b') < 0.5),
            'group 100': lambda: t.group_by('kind').aggregate([('a', 'sum'), ('b', 'mean'), ([], 'count_all')]),
            'top 10': lambda: t.take(pc.select_k_unstable(t, 10, [('b', 'ascending')])),
            'arithmetic': lambda: pc.add(pc.multiply(t['a'], 2), t['b']),
        }

    return queries


def in_pandas() -> Callable[[pa.Table], dict[str, Query]]:
    import pandas as pd

    def queries(t: pa.Table) -> dict[str, Query]:
        def with_frame(function: Callable[[Any], Any]) -> Query:
            return lambda: pa.Table.from_pandas(function(t.to_pandas()), preserve_index=False)

        group = {'a': 'sum', 'b': 'mean', 'id': 'count'}
        return {
            'filter to 10': with_frame(lambda f: f[(f.a < 10) & (f.b >= 0)]),
            'filter to half': with_frame(lambda f: f[f.b < 0.5]),
            'group 100': with_frame(lambda f: f.groupby('kind').agg(group)),
            'top 10': with_frame(lambda f: f.nsmallest(10, 'b')),
            'arithmetic': with_frame(lambda f: pd.DataFrame({'x': f.a * 2 + f.b})),
        }

    return queries


def in_polars() -> Callable[[pa.Table], dict[str, Query]]:
    import polars as pl

    def queries(t: pa.Table) -> dict[str, Query]:
        def lazy(function: Callable[[Any], Any]) -> Query:
            return lambda: function(pl.from_arrow(t).lazy()).collect().to_arrow()

        a, b = pl.col('a'), pl.col('b')
        return {
            'filter to 10': lazy(lambda f: f.filter((a < 10) & (b >= 0))),
            'filter to half': lazy(lambda f: f.filter(b < 0.5)),
            'group 100': lazy(lambda f: f.group_by('kind').agg(a.sum(), b.mean(), pl.len())),
            'top 10': lazy(lambda f: f.sort('b').head(10)),
            'arithmetic': lazy(lambda f: f.select(a * 2 + b)),
        }

    return queries


ENGINES = {'duckdb': in_duckdb, 'arrow': in_arrow, 'pandas': in_pandas, 'polars': in_polars}


if __name__ == '__main__':
    engine = sys.argv[1]
    start = time.perf_counter()
    make = ENGINES[engine]()
    imported = time.perf_counter() - start
    tiny = rows(1)  # after the import: pyarrow itself imports pandas to look at what it is given
    start = time.perf_counter()
    make(tiny)['filter to 10']()
    first = time.perf_counter() - start
    print(f'{engine}: import {imported * 1e3:.0f} ms, first query {first * 1e3:.0f} ms')
    for size in (1, 100_000, 1_000_000):
        figures = ', '.join(f'{name} {best(query, 7) * 1e3:.2f}' for name, query in make(rows(size)).items())
        print(f'{engine}: {size:,} rows, ms: {figures}')
