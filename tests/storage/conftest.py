"""A store in a temporary folder, and short ways to build the catalog's records that a test needs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import DeleteVector, FileRecord, Segment, StoredColumn
from pixeltable.storage.deletes import extend
from pixeltable.storage.objects import ObjectInfo, ObjectStore
from pixeltable.storage.objects.local import LocalStore
from pixeltable.storage.read_columns import ReadColumn
from pixeltable.storage.segments import SegmentStore


class CrashError(Exception):
    """Stands for the end of the process."""


class FaultyStore:
    """An `ObjectStore` that ends the process at operation number `operations + 1` and every later one."""

    def __init__(self, inner: ObjectStore, operations: int) -> None:
        self.inner = inner
        self.operations = operations

    def _count(self) -> ObjectStore:
        if self.operations == 0:
            raise CrashError
        self.operations -= 1
        return self.inner

    def put(self, key: str, data: bytes | memoryview) -> None:
        self._count().put(key, data)

    def get(self, key: str) -> memoryview:
        return self._count().get(key)

    def get_range(self, key: str, start: int, length: int) -> memoryview:
        return self._count().get_range(key, start, length)

    def list(self, prefix: str) -> Iterator[ObjectInfo]:
        return self._count().list(prefix)

    def delete(self, *keys: str) -> None:
        self._count().delete(*keys)

    def url(self, key: str) -> str:
        return self.inner.url(key)

    def remove_unfinished(self, grace_seconds: float) -> int:
        return self._count().remove_unfinished(grace_seconds)


class Workbench:
    """Writes tables as segments and reads them back, with column ids 1, 2, 3 … and record ids that count up."""

    def __init__(self, objects: ObjectStore) -> None:
        self.objects = objects
        self.store = SegmentStore(objects)
        self._last_id = 0

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def record(self, file: NewFile) -> FileRecord:
        """The new file as the catalog would name it."""
        id_ = self.next_id()
        return FileRecord(id_, 0, file.columns, file.size, file.checksum, file.path, file.data, file.stats, file.blocks)

    def write(
        self, table: pa.Table, columns: list[StoredColumn] | None = None, *, inline: bool | None = None
    ) -> FileRecord:
        columns = columns or [StoredColumn(i, name) for i, name in enumerate(table.column_names, 1)]
        return self.record(self.store.write('tables/t/', table, columns, inline=inline))

    def segment(
        self, *files: FileRecord, rows: int, first_id: int | None = 1, id_range: tuple[int, int] | None = None
    ) -> Segment:
        low, high = id_range or (first_id or 0, (first_id or 0) + rows - 1)
        return Segment(self.next_id(), 't', rows, first_id, low, high, files)

    def write_segment(self, table: pa.Table, *, inline: bool | None = None, first_id: int = 1) -> Segment:
        return self.segment(self.write(table, inline=inline), rows=len(table), first_id=first_id)

    def delete(self, segment: Segment, positions: list[int]) -> Segment:
        count, data = extend(segment.deletes, np.array(positions, dtype=np.int64), segment.rows)
        return dataclasses.replace(segment, deletes=DeleteVector(self.next_id(), segment.id, count, data))

    def read(self, segment: Segment, schema: pa.Schema) -> pa.Table:
        """All columns of `schema`, in a process that has read nothing before."""
        columns = [ReadColumn(i, field.name, field.type) for i, field in enumerate(schema, 1)]
        return SegmentStore(self.objects).read(segment, columns)


@pytest.fixture
def objects(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / 'data')


@pytest.fixture
def bench(objects: LocalStore) -> Workbench:
    return Workbench(objects)


@pytest.fixture
def crash_after(objects: LocalStore) -> Callable[[int], FaultyStore]:
    """`crash_after(n)` gives a store that ends the process after `n` operations."""
    return lambda operations: FaultyStore(objects, operations)


@pytest.fixture
def crash_error() -> type[Exception]:
    return CrashError
