"""What the benchmarks share: times, made-up rows, the functions that computed columns call, and tables on the screen.

Where an action changes what it works on, it is measured once; everything else is the median of a few runs.
"""

from __future__ import annotations

import asyncio
import os
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich import box
from rich.console import Console
from rich.table import Table

import pixeltable as pxt

ROWS = int(os.environ.get('BENCH_ROWS', '100000'))
VECTORS = int(os.environ.get('BENCH_VECTORS', '20000'))
LENGTH = 384
SCHEMA = {'key': pxt.Int, 'text': pxt.String, 'x': pxt.Float}

console = Console(width=110, highlight=False)


def once(action: Callable[[], Any]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def middle(action: Callable[[], Any], runs: int = 7) -> float:
    """Seconds of the middle one of several calls."""
    return median(once(action) for _ in range(runs))


def rows(count: int, first: int = 0) -> list[dict[str, Any]]:
    """Rows of `SCHEMA` as a user has them."""
    return [{'key': first + i, 'text': f'row {first + i} of the table', 'x': i * 0.5} for i in range(count)]


def arrow_rows(count: int) -> pa.Table:
    """The same rows as an Arrow table: quick to make, for large counts."""
    keys = np.arange(count)
    texts = pa.array([f'row {key} of the table' for key in keys.tolist()])
    return pa.table({'key': keys, 'text': texts, 'x': keys * 0.5})


def write_durably(table: pa.Table, path: Path) -> None:
    """A Parquet file that survives power loss, as what we compare with has to."""
    with path.open('wb') as file:
        pq.write_table(table, file)
        file.flush()
        os.fsync(file.fileno())


def length(text: str) -> int:
    """A cheap function."""
    return len(text)


def vector(text: str) -> Any:
    """A stand-in for an embedding model: deterministic, of length 1, next to free to compute."""
    made = np.random.default_rng(zlib.crc32(text.encode())).standard_normal(LENGTH, dtype=np.float32)
    return made / np.linalg.norm(made)


async def remote(text: str) -> str:
    """A stand-in for a model behind an API: 50 ms of waiting."""
    await asyncio.sleep(0.05)
    return text.upper()


@pxt.udf
def length_udf(text: str) -> int:
    return length(text)


@pxt.udf
def vector_udf(text: str) -> pxt.Array[(LENGTH,), pxt.Float]:
    return vector(text)


@pxt.udf
async def remote_udf(text: str) -> str:
    return await remote(text)


def show(title: str, columns: Sequence[str], lines: Sequence[Sequence[str]]) -> None:
    """A table on the screen; all columns but the first and those that hold words stand right."""
    grid = Table(title=title, title_justify='left', title_style='bold', box=box.SIMPLE_HEAD, pad_edge=False)
    for index, column in enumerate(columns):
        words = index == 0 or column == 'baseline'
        grid.add_column(column, justify='left' if words else 'right', no_wrap=True)
    for line in lines:
        grid.add_row(*line)
    console.print(grid)


def milliseconds(seconds: float) -> str:
    """`0.42 ms`."""
    return f'{seconds * 1e3:,.{2 if seconds < 0.1 else 0}f} ms'
