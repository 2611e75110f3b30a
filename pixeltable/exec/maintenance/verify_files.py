"""Checks the files of a table: that each is there and is, byte for byte, what was written. Those that are, are opened."""

from __future__ import annotations

import hashlib
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pixeltable.catalog import documents
from pixeltable.catalog.read.audit import Audit, FileRow, SegmentRow
from pixeltable.catalog.records import KEY_FILTER, StoredColumn
from pixeltable.errors import Error, ErrorCode
from pixeltable.exec.maintenance.findings import REPAIR, DamagedFile, WrongAside
from pixeltable.exec.maintenance.verify_catalog import TableCheck
from pixeltable.exec.maintenance.verify_content import ParquetContent, TableContent, check_content, name_of
from pixeltable.exec.progress import Advance
from pixeltable.storage import blocks
from pixeltable.storage.files import decode_ipc
from pixeltable.storage.key_filters import KeyFilter
from pixeltable.storage.objects import ObjectStore

PART_BYTES = 8 << 20
WHOLE_BYTES = 32 << 20
"""A file up to this size is fetched once; of a larger one, what is decoded is fetched again."""

AT_ONCE = 4
"""Objects under way at once: a bucket answers slowly, and many."""


def check_files(
    check: TableCheck, audit: Audit, store: ObjectStore, sizes: Mapping[str, int], advance: Advance
) -> None:
    """All files of one table, those of past versions included. `sizes` are those of the objects in its folder."""
    segments = {row.id: row for row in check.audit.segments}
    objects: dict[str, list[FileRow]] = defaultdict(list)
    for row in check.audit.files:
        if row.path is not None and row.segment_id in segments and _stored(row) is not None:
            objects[row.path].append(row)

    def one(rows: list[FileRow]) -> None:
        row = max(rows, key=lambda row: (row.blocks is not None, row.id))
        _check_object(check, audit, rows, segments, _fetch(store, row, sizes))
        advance(check.found.count(row.size))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, objects.values()))
    _check_inlined(check, audit, segments)


def _check_object(
    check: TableCheck, audit: Audit, rows: list[FileRow], segments: dict[int, SegmentRow], fetched: _Fetched
) -> None:
    row = rows[-1]
    if any((other.size, other.checksum) != (row.size, row.checksum) for other in rows):
        fetched = replace(fetched, reason='the catalog has different checksums for it')
    if fetched.reason is not None:
        _damaged(check, audit, rows, fetched.reason, fetched.damaged)
        return
    wrong = tuple(each.id for each in rows if each.blocks is not None and each.blocks != fetched.digests)
    if wrong:
        cause = WrongAside(check.audit.table_id, wrong)
        check.problem('the digests of its blocks are wrong', REPAIR, file=name_of(row), cause=cause)
    try:
        if _is_key_filter(row):
            source = fetched.source
            KeyFilter.decode(source if isinstance(source, pa.Buffer) else source.read())
            return
        with pq.ParquetFile(fetched.source) as file:
            for each in rows:
                check_content(check, each, ParquetContent(file), segments[each.segment_id])
    except (pa.ArrowException, OSError, Error) as error:
        _damaged(check, audit, rows, f'it has the right checksum and cannot be decoded: {error}')


@dataclass(frozen=True, slots=True)
class _Fetched:
    """`source` is a buffer, or a file if the object is large. `damaged` are the bytes that have changed, if that can be told."""

    source: Any = None
    digests: bytes = b''
    reason: str | None = None
    damaged: tuple[tuple[int, int], ...] | None = None


def _fetch(store: ObjectStore, row: FileRow, sizes: Mapping[str, int]) -> _Fetched:
    key = row.path or ''
    try:
        size = sizes.get(key)
        if size is None:
            size = next((found.size for found in store.list(key) if found.key == key), None)
        if size is None:
            return _Fetched(reason='it is missing')
        if size != row.size:
            return _Fetched(reason='it is empty' if not size else f'it has {size:,} bytes instead of {row.size:,}')
        whole, parts, digests = hashlib.sha256(), [], []
        for start in range(0, size, PART_BYTES):
            part = store.get_range(key, start, min(PART_BYTES, size - start))
            whole.update(part)
            if row.blocks is not None:
                digests.append(blocks.digests(part))
            if size <= WHOLE_BYTES:
                parts.append(part)
    except Error as error:
        missing = error.error_code is ErrorCode.STORAGE_NOT_FOUND
        return _Fetched(reason='it is missing' if missing else f'it cannot be read: {error}')
    found, joined = f'sha256:{whole.hexdigest()}', b''.join(digests)
    if found != row.checksum:
        ranges = None if row.blocks is None else _different(row.blocks, joined, size)
        where = '' if not ranges else f' in bytes {" and ".join(f"{start:,} to {end:,}" for start, end in ranges[:3])}'
        return _Fetched(
            None, joined, f'its content has changed{where}: checksum {found} instead of {row.checksum}', ranges
        )
    source = pa.py_buffer(b''.join(parts)) if size <= WHOLE_BYTES else pa.PythonFile(_Ranges(store, key, size), 'r')
    return _Fetched(source, joined)


def _different(expected: bytes, found: bytes, size: int) -> tuple[tuple[int, int], ...] | None:
    """The ranges of bytes whose digests differ; None if the digests themselves cannot be right."""
    if len(expected) != len(found):
        return None
    width = blocks.DIGEST_BYTES
    changed = [at // width for at in range(0, len(found), width) if found[at : at + width] != expected[at : at + width]]
    return tuple((block * blocks.BLOCK_BYTES, min((block + 1) * blocks.BLOCK_BYTES, size)) for block in changed) or None


def _stored(row: FileRow) -> tuple[StoredColumn, ...] | None:
    """The columns of a file; None if they cannot be read, which is a problem of its row."""
    try:
        return documents.stored_columns(row.columns)
    except Error:
        return None


def _is_key_filter(row: FileRow) -> bool:
    return any(column.column_id == KEY_FILTER for column in _stored(row) or ())


def _damaged(
    check: TableCheck,
    audit: Audit,
    rows: Sequence[FileRow],
    reason: str,
    ranges: tuple[tuple[int, int], ...] | None = None,
) -> None:
    there = tuple(row for row in rows if audit.has_file(row.id))
    if not there:
        return  # a vacuum removed it meanwhile
    columns = _stored(there[-1]) or ()
    names = ', '.join(repr(column.name) for column in columns if column.column_id > 0) or 'what makes look-ups faster'
    remedy = f'it holds {names}: pxt.repair() makes again what is computed, and says what it cannot'
    cause = DamagedFile(check.audit.table_id, tuple(row.id for row in there), ranges)
    check.problem(reason, remedy, file=name_of(there[-1]), cause=cause)


def _check_inlined(check: TableCheck, audit: Audit, segments: dict[int, SegmentRow]) -> None:
    rows = {row.id: row for row in check.audit.files if row.data_size is not None and _stored(row) is not None}
    for file_id, data in audit.blobs(check.audit.table_id):
        row = rows.get(file_id)
        if row is None or row.segment_id not in segments:
            continue
        check.found.count(row.size)
        found = f'sha256:{hashlib.sha256(data).hexdigest()}'
        if len(data) != row.size:
            _damaged(check, audit, [row], f'it has {len(data):,} bytes instead of {row.size:,}')
        elif found != row.checksum:
            _damaged(check, audit, [row], f'its content has changed: checksum {found} instead of {row.checksum}')
        else:
            _check_blob(check, audit, row, data, segments[row.segment_id])


def _check_blob(check: TableCheck, audit: Audit, row: FileRow, data: bytes, segment: SegmentRow) -> None:
    try:
        if _is_key_filter(row):
            KeyFilter.decode(data)
            return
        table = decode_ipc(data)
    except (pa.ArrowException, OSError, Error) as error:
        _damaged(check, audit, [row], f'it has the right checksum and cannot be decoded: {error}')
        return
    check_content(check, row, TableContent(table), segment)


class _Ranges(io.RawIOBase):
    """An object as a seekable file, of which only the parts that are read are fetched."""

    def __init__(self, store: ObjectStore, key: str, size: int) -> None:
        self._store = store
        self._key = key
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = start + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        rest = self._size - self._position
        data = bytes(self._store.get_range(self._key, self._position, rest if size < 0 else min(size, rest)))
        self._position += len(data)
        return data
