from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest

from pixeltable.storage.cache import TEXT_BYTES, ByteCache, row_bytes
from pixeltable.storage.columns import ColumnCache


@pytest.fixture
def column() -> pa.ChunkedArray:
    """100 bytes."""
    return pa.chunked_array([pa.array(np.zeros(100, dtype=np.int8))])


def test_returns_what_was_put(column: pa.ChunkedArray) -> None:
    cache = ColumnCache()
    cache.put(('file', 'a'), column)
    assert cache.get(('file', 'a')) is column
    assert cache.get(('file', 'b')) is None


def test_forgets_the_longest_unused(column: pa.ChunkedArray) -> None:
    cache = ColumnCache(limit=200)
    for name in 'ab':
        cache.put(('file', name), column)
    cache.get(('file', 'a'))
    cache.put(('file', 'c'), column)
    assert [name for name in 'abc' if cache.get(('file', name))] == ['a', 'c']
    assert cache.size == 200


def test_does_not_keep_what_can_never_fit(column: pa.ChunkedArray) -> None:
    cache = ColumnCache(limit=99)
    cache.put(('file', 'a'), column)
    assert cache.get(('file', 'a')) is None
    assert cache.size == 0


def test_put_again_counts_once(column: pa.ChunkedArray) -> None:
    cache = ColumnCache()
    cache.put(('file', 'a'), column)
    cache.put(('file', 'a'), column)
    assert cache.size == 100


def test_limit_holds_under_threads(column: pa.ChunkedArray) -> None:
    cache = ColumnCache(limit=1000)

    def use(number: int) -> None:
        cache.put(('file', str(number % 30)), column)
        cache.get(('file', str(number % 7)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(2000)))
    assert cache.size == 1000


def test_a_large_scan_is_not_worth_keeping() -> None:
    cache: ByteCache[str, pa.Table] = ByteCache(100)
    assert cache.has_room(50)
    assert not cache.has_room(51)


def test_row_bytes() -> None:
    fields = {
        'i': pa.int64(),
        'b': pa.bool_(),
        'v': pa.list_(pa.float32(), 3),
        'd': pa.dictionary(pa.int32(), pa.string()),
    }
    assert row_bytes(pa.schema(fields)) == 8 + 1 + 12 + 4
    assert row_bytes(pa.schema({'s': pa.string(), 'e': pa.struct([('x', pa.string())])})) == 2 * TEXT_BYTES
