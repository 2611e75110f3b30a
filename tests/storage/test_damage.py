"""Data that is not what was written is never returned."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pixeltable.catalog.records import FileRecord, Segment, StoredColumn
from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.storage.objects.local import LocalStore
from pixeltable.storage.read_columns import ReadColumn
from pixeltable.storage.segments import SegmentStore

TABLE = pa.table({'a': np.arange(50_000), 'b': np.random.default_rng(0).random(50_000)})


@pytest.fixture
def segment(bench: Any) -> Segment:
    return bench.write_segment(TABLE, inline=False)


@pytest.fixture
def path(bench: Any, segment: Segment) -> Path:
    return bench.objects.root / segment.files[0].path


@pytest.mark.parametrize('place', [0, 0.3, 0.5, 0.9, -1])
def test_flipped_bit(bench: Any, segment: Segment, path: Path, place: float) -> None:
    content = bytearray(path.read_bytes())
    content[int(place * len(content))] ^= 4
    path.write_bytes(content)
    with pytest.raises(RequestError, match=r'is damaged: checksum .* instead of .*; restore it from a backup') as error:
        bench.read(segment, TABLE.schema)
    assert error.value.error_code is ErrorCode.INVALID_DATA_FORMAT


@pytest.mark.parametrize('size', [0, 1, 1000])
def test_truncated(bench: Any, segment: Segment, path: Path, size: int) -> None:
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(RequestError, match=f'is damaged: {size} bytes instead of'):
        bench.read(segment, TABLE.schema)


def test_missing(bench: Any, segment: Segment, path: Path) -> None:
    path.unlink()
    with pytest.raises(NotFoundError, match='does not exist') as error:
        bench.read(segment, TABLE.schema)
    assert error.value.error_code is ErrorCode.STORAGE_NOT_FOUND


def test_inlined(bench: Any) -> None:
    segment = bench.write_segment(pa.table({'a': [1, 2, 3]}))
    file = segment.files[0]
    content = bytearray(file.data)
    content[-20] ^= 1
    damaged = dataclasses.replace(segment, files=(dataclasses.replace(file, data=bytes(content)),))
    with pytest.raises(RequestError, match='inlined in the catalog'):
        bench.read(damaged, pa.schema([('a', pa.int64())]))


@pytest.mark.parametrize('rows', [50_000, 400_000], ids=['fetched whole', 'fetched in parts'])
def test_page_damaged_after_the_first_read(bench: Any, rows: int) -> None:
    table = pa.table({'a': np.arange(rows), 'b': np.random.default_rng(0).random(rows)})
    segment = bench.write_segment(table, inline=False)
    store = SegmentStore(bench.objects)
    store.read(segment, [ReadColumn(1, 'a', pa.int64())])
    path = bench.objects.root / segment.files[0].path
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(RequestError, match='is damaged'):
        store.read(segment, [ReadColumn(2, 'b', pa.float64())])


@pytest.fixture
def known(bench: Any) -> tuple[SegmentStore, Segment, Path]:
    """A store that has read column 1 of a segment large enough to be fetched in parts from then on."""
    table = pa.table({'a': np.arange(400_000), 'b': np.random.default_rng(0).random(400_000)})
    segment = bench.write_segment(table, inline=False)
    store = SegmentStore(bench.objects)
    store.read(segment, [ReadColumn(1, 'a', pa.int64())])
    return store, segment, bench.objects.root / segment.files[0].path


def test_missing_after_the_first_read(known: tuple[SegmentStore, Segment, Path]) -> None:
    store, segment, path = known
    path.unlink()
    with pytest.raises(NotFoundError, match='does not exist'):
        store.read(segment, [ReadColumn(2, 'b', pa.float64())])


@pytest.mark.parametrize('size', [0, 10_000])
def test_truncated_after_the_first_read(known: tuple[SegmentStore, Segment, Path], size: int) -> None:
    store, segment, path = known
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(RequestError, match='is damaged'):
        store.read(segment, [ReadColumn(2, 'b', pa.float64())])


def test_wrong_number_of_rows(bench: Any, segment: Segment) -> None:
    with pytest.raises(RequestError, match='50000 rows instead of 3'):
        bench.read(dataclasses.replace(segment, rows=3), TABLE.schema)


def test_file_without_the_column_it_should_hold(bench: Any, segment: Segment) -> None:
    file = segment.files[0]
    columns = (file.columns[0]._replace(name='other'), file.columns[1])
    wrong = dataclasses.replace(segment, files=(dataclasses.replace(file, columns=columns),))
    with pytest.raises(RequestError, match="no column 'other'"):
        bench.read(wrong, TABLE.schema)


@pytest.fixture(scope='module')
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[LocalStore, Segment, bytes]:
    """A file of 3 MiB and 3 row groups, and its bytes."""
    objects = LocalStore(tmp_path_factory.mktemp('large'))
    rng = np.random.default_rng(0)
    rows = 300_000
    table = pa.table({'a': np.arange(rows), 'b': rng.random(rows), 'c': rng.integers(0, 99, rows)})
    columns = [StoredColumn(number, name) for number, name in enumerate(table.column_names, 1)]
    file = SegmentStore(objects).write('t/', table, columns)
    record = FileRecord(1, 1, file.columns, file.size, file.checksum, file.path, stats=file.stats, blocks=file.blocks)
    return objects, Segment(1, 't', rows, 1, 1, rows, (record,)), bytes(objects.get(file.path))


COLUMNS = [ReadColumn(1, 'a', pa.int64()), ReadColumn(2, 'b', pa.float64()), ReadColumn(3, 'c', pa.int64())]
PLACES = [*np.linspace(0, 1, 60).tolist(), *(1 - n / 100_000 for n in range(1, 30))]
"""Parts of the file's length: all over it, and in its footer."""


def flipped(large: tuple[LocalStore, Segment, bytes], place: float) -> SegmentStore:
    """A store of which one bit of the file has changed, and that has read nothing before."""
    objects, segment, content = large
    data = bytearray(content)
    data[min(int(place * len(data)), len(data) - 1)] ^= 1
    (objects.root / segment.files[0].path).write_bytes(data)
    return SegmentStore(objects)


def test_no_bit_of_a_large_file_can_change(large: tuple[LocalStore, Segment, bytes]) -> None:
    for place in PLACES:
        with pytest.raises(RequestError, match='is damaged'):
            flipped(large, place).read(large[1], COLUMNS)


def test_a_part_of_a_damaged_file_is_right_or_refused(large: tuple[LocalStore, Segment, bytes]) -> None:
    objects, segment, content = large
    (objects.root / segment.files[0].path).write_bytes(content)
    expected = SegmentStore(objects).read(segment, COLUMNS[1:2], [(140_000, 140_010)])
    refused = []
    for place in PLACES:
        try:
            assert flipped(large, place).read(segment, COLUMNS[1:2], [(140_000, 140_010)]) == expected
        except RequestError as error:
            refused.append(error)
    assert all('is damaged' in str(error) for error in refused)
    assert 29 <= len(refused) < len(PLACES)


def test_a_large_file_without_digests_is_checked_all_the_same(large: tuple[LocalStore, Segment, bytes]) -> None:
    objects, segment, content = large
    old = dataclasses.replace(segment, files=(dataclasses.replace(segment.files[0], stats=None, blocks=None),))
    path = objects.root / old.files[0].path
    path.write_bytes(content)
    store = SegmentStore(objects)
    first = store.read(old, COLUMNS[:1], cache=False)
    assert store.read(old, COLUMNS[:1], cache=False) == first
    for damaged in (content[:-1], content[: len(content) // 2], b'', content[:900_000] + b'?' + content[900_001:]):
        path.write_bytes(damaged)
        with pytest.raises(RequestError, match='is damaged'):
            store.read(old, COLUMNS, cache=False)


def test_a_small_file_is_checked_each_time(bench: Any, segment: Segment, path: Path) -> None:
    store = SegmentStore(bench.objects)
    columns = [ReadColumn(1, 'a', pa.int64())]
    store.read(segment, columns, cache=False)
    content = bytearray(path.read_bytes())
    content[-20] ^= 1  # in the footer, which is known already
    path.write_bytes(content)
    with pytest.raises(RequestError, match='is damaged'):
        store.read(segment, columns, cache=False)
