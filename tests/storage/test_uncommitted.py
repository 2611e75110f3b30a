from __future__ import annotations

import time

import pyarrow as pa
import pytest

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import StoredColumn
from pixeltable.storage.objects.local import LocalStore
from pixeltable.storage.segments import SegmentStore
from pixeltable.storage.uncommitted import Uncommitted


def test_a_file_counts_as_long_as_somebody_holds_it(objects: LocalStore) -> None:
    store = SegmentStore(objects)
    before = time.time_ns() // 1_000_000 * 1000
    file: NewFile | None = store.write('t/', pa.table({'x': [1]}), [StoredColumn(1, 'x')], inline=False)
    (written,) = store.uncommitted.times()
    assert before <= written <= time.time_ns() // 1000
    del file
    assert store.uncommitted.times() == []


def test_an_inlined_file_never_counts(objects: LocalStore) -> None:
    store = SegmentStore(objects)
    file = store.write('t/', pa.table({'x': [1]}), [StoredColumn(1, 'x')])
    assert (file.path, store.uncommitted.times()) == (None, [])


def test_it_counts_while_it_is_written_and_not_if_that_fails() -> None:
    uncommitted, counted = Uncommitted(), []

    def write() -> None:
        with uncommitted.named():
            counted.append(len(uncommitted.times()))
            raise OSError('full')

    with pytest.raises(OSError, match='full'):
        write()
    assert (counted, uncommitted.times()) == ([1], [])
