"""A result of a million rows of five columns as a pandas frame, next to DuckDB's own on the same rows in Parquet.

`python benchmarks/results.py [rows]`. The target is 1.2 times DuckDB's time.
"""

from __future__ import annotations

import sys
import tempfile
import warnings
from pathlib import Path

import duckdb
import measure
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from measure import milliseconds, once

import pixeltable as pxt

REPEATS = 7


def main() -> None:
    """Prints the best times and their ratio."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    random = np.random.default_rng(0)
    data = pa.table(
        {
            'i': np.arange(rows),
            'f': random.random(rows),
            's': pa.array([f'name {number}' for number in random.integers(0, 10_000, rows)]),
            'b': random.random(rows) > 0.5,
            't': pa.array(random.integers(0, 10**15, rows), pa.timestamp('us', 'UTC')),
        }
    )
    warnings.simplefilter('ignore')  # of pandas, about how DuckDB uses it
    with tempfile.TemporaryDirectory(prefix='pixeltable-bench-') as name:
        pxt.init({'pixeltable.home': Path(name) / 'home', 'pixeltable.verbosity': 0})
        t = pxt.create_table('t', source=data)
        path = Path(name) / 'rows.parquet'
        pq.write_table(data, path)
        connection = duckdb.connect()
        ours = min(once(lambda: t.collect().to_pandas()) for _ in range(REPEATS))
        plain = min(once(lambda: connection.execute(f"SELECT * FROM '{path}'").df()) for _ in range(REPEATS))
    lines = [[f'{rows:,} × 5', milliseconds(ours), milliseconds(plain), f'{ours / plain:.2f} ×']]
    measure.show('to_pandas', ['rows', 'Pixeltable', 'DuckDB', 'ratio'], lines)


if __name__ == '__main__':
    main()
