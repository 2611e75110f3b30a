"""Laws of cutting streams: nothing lost, nothing moved, errors stay with their rows."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from pixeltable.exec.operators.evaluate import rebatch
from pixeltable.exec.pipeline import Splitter, gathered
from pixeltable.exec.vectors import CellError

sizes = st.lists(st.integers(0, 9), min_size=1, max_size=8)


def tables(lengths: list[int]) -> list[pa.Table]:
    start, found = 0, []
    for length in lengths:
        found.append(pa.table({'x': pa.array(range(start, start + length), pa.int64())}))
        start += length
    return found


def with_errors(lengths: list[int]) -> list:
    """Each third row has an error that says its number."""
    return [
        (table, {'x': {row: CellError('E', str(n)) for row, n in enumerate(table['x'].to_pylist()) if n % 3 == 0}})
        for table in tables(lengths)
    ]


def check(part, expected: list[int]) -> None:
    table, errors = part
    assert table['x'].to_pylist() == expected
    assert {row: error.errormsg for row, error in errors.get('x', {}).items()} == {
        row: str(n) for row, n in enumerate(expected) if n % 3 == 0
    }


@given(sizes, st.integers(1, 7))
def test_rebatch(lengths, rows) -> None:
    batches = list(rebatch(iter(tables(lengths)), rows))
    assert [n for batch in batches for n in batch['x'].to_pylist()] == list(range(sum(lengths)))
    assert all(batch.num_rows == rows for batch in batches[:-1])
    assert all(0 < batch.num_rows <= rows for batch in batches)


@given(sizes)
def test_gathered(lengths) -> None:
    check(gathered(with_errors(lengths)), list(range(sum(lengths))))


@given(sizes, st.data())
def test_splitter(lengths, data) -> None:
    total = sum(lengths)
    splitter = Splitter(iter(with_errors(lengths)))
    start = 0
    while start < total:
        rows = data.draw(st.integers(1, total - start))
        check(splitter.take(rows), list(range(start, start + rows)))
        start += rows
