"""Data that is not what was written is never returned."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from pixeltable.catalog.records import Segment
from pixeltable.errors import ErrorCode, NotFoundError, RequestError
from pixeltable.storage.segments import ReadColumn, SegmentStore

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
    columns = (dataclasses.replace(file.columns[0], name='other'), file.columns[1])
    wrong = dataclasses.replace(segment, files=(dataclasses.replace(file, columns=columns),))
    with pytest.raises(RequestError, match="no column 'other'"):
        bench.read(wrong, TABLE.schema)
