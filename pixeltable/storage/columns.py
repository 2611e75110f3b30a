"""Reads columns of one column file: verified, decoded no more than needed, and cached.

It knows files but not segments: which file counts for a column and which rows are deleted is decided in `segments`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from pixeltable.catalog.records import FileRecord
from pixeltable.errors import ErrorCode, InternalError, RequestError
from pixeltable.storage import blocks
from pixeltable.storage.blocks import DamagedBlockError, PartialObject
from pixeltable.storage.cache import ByteCache
from pixeltable.storage.files import checksum, decode_ipc, decode_parquet
from pixeltable.storage.footers import TAIL_BYTES, Footer, footer_range
from pixeltable.storage.objects import ObjectStore
from pixeltable.storage.ranges import Ranges

ColumnCache = ByteCache[tuple[str, str, int, bool], pa.ChunkedArray]
"""Decoded columns: by the path of their file, their name in it, the row group, and whether they are indexes into a dictionary."""

WHOLE_BYTES = 1 << 20
"""Up to this size a file is fetched whole each time: one request, where its parts would take three."""

FOOTER_CACHE_BYTES = 32 << 20

Result = TypeVar('Result')


class _Opened(Protocol):
    """The bytes of a file for the time of one read; those that were asked for are there, and are what was written."""

    @property
    def buffer(self) -> pa.Buffer: ...

    def need(self, ranges: Iterator[tuple[int, int]]) -> None: ...


class ColumnReader:
    """Reads columns by name. Whatever is fetched is checked against the catalog's checksums, each time."""

    def __init__(self, objects: ObjectStore, cache: ColumnCache) -> None:
        self._objects = objects
        self._cache = cache
        self._footers: ByteCache[str, Footer] = ByteCache(FOOTER_CACHE_BYTES)
        # Of large files that an older release wrote; they are made when such a file is first read, as a whole.
        self._digests: dict[str, bytes] = {}

    def read(
        self,
        file: FileRecord,
        names: Sequence[str],
        count: int,
        rows: Ranges | None = None,
        *,
        dictionaries: Collection[str] = (),
        keep: bool = True,
    ) -> dict[str, pa.ChunkedArray]:
        """The columns `names` of `file`.

        Args:
            count: how many rows the file should have.
            rows: which of them; all if None.
            dictionaries: the text columns to give as indexes into a dictionary. Inlined columns are as they are.
            keep: whether they are worth caching.

        Raises:
            NotFoundError: STORAGE_NOT_FOUND, the file is gone.
            RequestError: INVALID_DATA_FORMAT, its content is not what was written.
        """
        if file.path is None:
            # Not cached here: the columns are views into `data`, and `SegmentStore` keeps whole segments.
            return {name: _sliced(column, rows) for name, column in _decode_inlined(file, names, count).items()}
        opened = _Lazy(lambda: self._open(file))
        footer = self._footer(file, opened)
        if footer.rows != count:
            raise damaged(file, f'{footer.rows} rows instead of {count}')
        groups = footer.groups(rows)
        found = {
            (name, group): self._cache.get((file.path, name, group, name in dictionaries))
            for name in names
            for group in groups
        }
        missing = [name for name in names if any(found[name, group] is None for group in groups)]
        absent = [group for group in groups if any(found[name, group] is None for name in missing)]
        if missing:
            encoded = [name for name in missing if name in dictionaries]
            table = _decode(file, opened.get(), footer, missing, absent, encoded)
            for (name, group), column in _by_group(table, footer, absent):
                found[name, group] = column
                if keep:
                    self._cache.put((file.path, name, group, name in dictionaries), column)
        return {name: _joined([found[name, group] for group in groups], footer, groups, rows) for name in names}

    def footer(self, file: FileRecord) -> Footer:
        """The footer of a Parquet file. Raises as `read` does."""
        return self._footer(file, _Lazy(lambda: self._open(file)))

    def _footer(self, file: FileRecord, opened: _Lazy) -> Footer:
        path = file.path or ''
        footer = self._footers.get(path)
        if footer is None:
            footer = _checked(file, lambda: _read_footer(opened.get(), file.size))
            self._footers.put(path, footer)
        return footer

    def _open(self, file: FileRecord) -> _Opened:
        path = file.path or ''
        expected = file.blocks or self._digests.get(path)
        if expected is not None and file.size > WHOLE_BYTES:
            return PartialObject(self._objects, path, file.size, expected)
        data = self._objects.get(path)
        verify(file, data)
        if file.size > WHOLE_BYTES:
            self._digests[path] = blocks.digests(data)
        return _Whole(pa.py_buffer(data))


class _Whole:
    """A file that was fetched and checked as a whole."""

    def __init__(self, buffer: pa.Buffer) -> None:
        self.buffer = buffer

    def need(self, ranges: Iterator[tuple[int, int]]) -> None:
        pass


class _Lazy:
    """A file that is opened when it turns out that not everything is cached."""

    def __init__(self, open_: Callable[[], _Opened]) -> None:
        self._open = open_
        self._opened: _Opened | None = None

    def get(self) -> _Opened:
        if self._opened is None:
            self._opened = self._open()
        return self._opened


def damaged(file: FileRecord, reason: str) -> RequestError:
    """The error for a file whose content is not what was written."""
    name = repr(file.path) if file.path is not None else f'{file.id} (inlined in the catalog)'
    return RequestError(
        ErrorCode.INVALID_DATA_FORMAT,
        f'file {name} is damaged: {reason}; restore it from a backup of the home, or try pxt.repair(), which makes again what '
        'can be computed',
    )


def verify(file: FileRecord, data: Any) -> None:
    """Raises INVALID_DATA_FORMAT if `data` is not what was written as `file`."""
    if len(data) != file.size:
        raise damaged(file, f'{len(data)} bytes instead of {file.size}')
    found = checksum(data)
    if found != file.checksum:
        raise damaged(file, f'checksum {found} instead of {file.checksum}')


def _checked(file: FileRecord, action: Callable[[], Result]) -> Result:
    """The result of reading; whatever is wrong with the bytes is said of `file`."""
    try:
        return action()
    except (DamagedBlockError, pa.ArrowException, OSError) as error:
        raise damaged(file, str(error)) from error


def _read_footer(opened: _Opened, size: int) -> Footer:
    opened.need(iter([(max(0, size - blocks.BLOCK_BYTES), size)]))
    opened.need(iter([footer_range(opened.buffer.slice(size - TAIL_BYTES), size)]))
    return Footer.read(opened.buffer)


def _decode(
    file: FileRecord,
    opened: _Opened,
    footer: Footer,
    names: list[str],
    groups: list[int],
    encoded: list[str],
) -> pa.Table:
    lost = [name for name in names if name not in footer.leaves]
    if lost:
        raise damaged(file, f'it has no column {", ".join(map(repr, lost))}')

    def read() -> pa.Table:
        opened.need(footer.byte_ranges(groups, names))
        return decode_parquet(opened.buffer, names, metadata=footer.metadata, groups=groups, dictionaries=encoded)

    return _checked(file, read)


def _decode_inlined(file: FileRecord, names: Sequence[str], count: int) -> dict[str, pa.ChunkedArray]:
    data = file.data
    if data is None:
        raise InternalError(ErrorCode.INTERNAL_ERROR, f'file {file.id} has neither a path nor data')
    verify(file, data)
    table = _checked(file, lambda: decode_ipc(data))
    if table.num_rows != count:
        raise damaged(file, f'{table.num_rows} rows instead of {count}')
    columns = dict(zip(table.column_names, table.columns, strict=True))
    lost = [name for name in names if name not in columns]
    if lost:
        raise damaged(file, f'it has no column {", ".join(map(repr, lost))}')
    return {name: columns[name] for name in names}


def _by_group(
    table: pa.Table, footer: Footer, groups: Sequence[int]
) -> Iterator[tuple[tuple[str, int], pa.ChunkedArray]]:
    start = 0
    for group in groups:
        size = footer.starts[group + 1] - footer.starts[group]
        for name in table.column_names:
            yield (name, group), table.column(name).slice(start, size)
        start += size


def _joined(
    parts: Sequence[pa.ChunkedArray | None], footer: Footer, groups: Sequence[int], rows: Ranges | None
) -> pa.ChunkedArray:
    """The rows of a column that were asked for, from its row groups."""
    columns = [part for part in parts if part is not None]
    if rows is None:
        return columns[0] if len(columns) == 1 else _chunked(columns)
    slices = []
    for group, column in zip(groups, columns, strict=True):
        first, end = footer.starts[group], footer.starts[group + 1]
        slices += [
            column.slice(max(low, first) - first, min(high, end) - max(low, first))
            for low, high in rows
            if low < end and high > first
        ]
    return _chunked(slices)


def _sliced(column: pa.ChunkedArray, rows: Ranges | None) -> pa.ChunkedArray:
    return column if rows is None else _chunked([column.slice(low, high - low) for low, high in rows])


def _chunked(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    return pa.chunked_array([chunk for column in columns for chunk in column.chunks], columns[0].type)
