"""Which of some keys a segment may hold, without reading the segment where that can be helped.

A large segment answers by its filter, which lies beside it; one that has none, as inlined ones, by the keys themselves, which are
read once. Deleted rows count here: what is found must be looked at.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.records import KEY_FILTER, ColumnRecord, FileRecord, Segment, StoredColumn
from pixeltable.errors import Error, ErrorCode, PixeltableWarning
from pixeltable.storage import deletes
from pixeltable.storage.cache import ByteCache
from pixeltable.storage.columns import verify
from pixeltable.storage.files import checksum
from pixeltable.storage.key_filters import KeyFilter, Wanted
from pixeltable.storage.key_hashes import Hashes
from pixeltable.storage.objects import ObjectStore
from pixeltable.storage.pruning import Conditions, may_hold
from pixeltable.storage.ranges import Ranges
from pixeltable.storage.row_keys import FEW, RowKeys, named_keys
from pixeltable.types import buffers

CACHE_BYTES = 64 << 20
"""The filters of 32 million keys."""

INLINE_BYTES = 4 << 10
"""A filter below this travels in the catalog: it is not worth an object of its own."""

SMALL_ROWS = 4096
"""The hashes of segments up to this size are kept as they are, without a filter."""

_BYTES_OF_A_HASH = 100  # of a Python int in a set

_UNREADABLE = (ErrorCode.STORAGE_NOT_FOUND, ErrorCode.INVALID_DATA_FORMAT)

log = logging.getLogger('pixeltable')

ReadKey = Callable[[Segment, Sequence[ColumnRecord], Ranges | None], list[pa.ChunkedArray]]
"""Reads columns of a segment, or of some of its rows, deleted ones too."""


@dataclass(frozen=True, slots=True)
class _Few:
    """The hashes of a small segment."""

    hashes: frozenset[int]

    @property
    def nbytes(self) -> int:
        return _BYTES_OF_A_HASH * len(self.hashes)


class SegmentKeys:
    """Answers for segments of one store. Safe to share between threads."""

    def __init__(self, objects: ObjectStore, read: ReadKey) -> None:
        self._objects = objects
        self._read = read
        self._known: ByteCache[int, _Few | KeyFilter] = ByteCache(CACHE_BYTES)
        self._warned: set[str] = set()

    def narrowed(
        self, segments: Sequence[tuple[int, Segment]], key: Sequence[ColumnRecord], conditions: Conditions
    ) -> list[tuple[int, Segment, Ranges | None]]:
        """Those of `segments`, numbered, that may have rows meeting `conditions`, and which rows; None stands for all."""
        named = named_keys(key, conditions)
        if named is None:
            return [(index, segment, None) for index, segment in segments]
        wanted = Wanted(named.set())
        found = ((index, segment, self.among(segment, key, wanted)[1]) for index, segment in segments)
        return [(index, segment, ranges) for index, segment, ranges in found if ranges]

    def among(self, segment: Segment, key: Sequence[ColumnRecord], wanted: Wanted) -> tuple[Hashes, Ranges]:
        """The hashes of `wanted` that keys of the segment may have, and the rows that may have them. None is left out."""
        known = self._known.get(segment.id)
        if (known is None or len(wanted) > FEW) and not may_hold(segment, wanted.conditions):
            return wanted.hashes[:0], []
        known = known or self._learned(segment, key)
        if isinstance(known, KeyFilter) and len(wanted) <= FEW:
            return wanted.among(known)
        hits = wanted.within(known.hashes) if isinstance(known, _Few) else wanted.common(self.of(segment, key).hashes)
        return hits, [(0, segment.rows)] if len(hits) else []

    def learn(self, segment_id: int, hashes: Hashes) -> None:
        """Keeps what is known of a small segment that was written just now, so that it need not be read for the next."""
        if len(hashes) <= SMALL_ROWS:
            self._known.put(segment_id, _Few(frozenset(hashes.tolist())))

    def is_ready(self, segment: Segment, wanted: Wanted) -> bool:
        """Whether `among` answers without reading a file."""
        known = self._known.get(segment.id)
        return segment.is_inlined or (known is not None and (isinstance(known, _Few) or len(wanted) <= FEW))

    def find(
        self, segment: Segment, key: Sequence[ColumnRecord], keys: RowKeys, ranges: Ranges
    ) -> list[tuple[tuple[Any, ...], int]]:
        """`keys` that live rows of the segment among `ranges` have, as `RowKeys.exact` gives them, each with its row."""
        if segment.is_inlined:  # which is read as a whole
            ranges = [(0, segment.rows)]
        held = RowKeys.of(key, self._read(segment, key, ranges))
        rows = np.concatenate([np.arange(start, end) for start, end in ranges])
        there = np.ones(len(rows), np.bool_)
        if segment.deletes is not None:
            there &= deletes.decode(segment.deletes.data, segment.rows)[rows]
        for column, values in zip(held.values, keys.values, strict=True):
            there &= buffers.numpy_values(pc.is_in(column, value_set=values), 'bool')
        places = np.flatnonzero(there)
        asked = set(keys.exact())
        found = zip(held.take(places).exact(), rows[places].tolist(), strict=True)
        return [(each, row) for each, row in found if each in asked]

    def of(self, segment: Segment, key: Sequence[ColumnRecord]) -> RowKeys:
        """The keys of all rows of the segment, deleted ones too, in their order."""
        return RowKeys.of(key, self.columns(segment, key))

    def columns(self, segment: Segment, key: Sequence[ColumnRecord]) -> list[pa.ChunkedArray]:
        """The key columns of all rows of the segment."""
        return self._read(segment, key, None)

    def _learned(self, segment: Segment, key: Sequence[ColumnRecord]) -> _Few | KeyFilter:
        ids = tuple(column.id for column in key)
        stored = next((file for file in segment.files if file.is_key_filter), None)
        known: _Few | KeyFilter | None = None if stored is None else self._load(segment, stored)
        if not isinstance(known, KeyFilter) or known.key != ids:
            hashes = self.of(segment, key).hashes
            known = _Few(frozenset(hashes.tolist())) if len(hashes) <= SMALL_ROWS else KeyFilter.of(ids, hashes)
        if segment.id >= 0:  # a negative id is one that no commit has given yet
            self._known.put(segment.id, known)
        return known

    def _load(self, segment: Segment, file: FileRecord) -> KeyFilter | None:
        """The filter in `file`; None if it is damaged or gone, as the keys themselves say the same."""
        try:
            data = self._objects.get(file.path) if file.path is not None else file.data or b''
            verify(file, data)
            return KeyFilter.decode(data)
        except Error as error:
            if error.error_code not in _UNREADABLE:
                raise
            log.warning(
                'the primary keys of segment %d are read instead of their filter: %s', segment.id, error.message
            )
            if segment.table_id not in self._warned:
                self._warned.add(segment.table_id)
                message = f'finding rows by their primary key is slower, until pxt.repair() is called: {error.message}'
                warnings.warn(message, PixeltableWarning, stacklevel=2)
            return None


def filter_file(objects: ObjectStore, path: str, keys: RowKeys) -> NewFile:
    """The filter over `keys` as a file of their segment: durable at `path`, or inlined if it is small."""
    columns = (StoredColumn(KEY_FILTER, '_keys'),)
    data = KeyFilter.of(keys.key, keys.hashes).encode()
    if len(data) < INLINE_BYTES:
        return NewFile(columns, len(data), checksum(data), data=data)
    objects.put(path, data)
    return NewFile(columns, len(data), checksum(data), path=path)
