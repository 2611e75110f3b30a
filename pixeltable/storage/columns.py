"""Reads columns of one column file: verified, decoded no more than needed, and cached.

It knows files but not segments: which file counts for a column and which rows are deleted is decided in `segments`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from pixeltable.catalog.records import FileRecord
from pixeltable.errors import ErrorCode, InternalError, RequestError
from pixeltable.storage.cache import ByteCache
from pixeltable.storage.files import checksum, decode_ipc, decode_parquet
from pixeltable.storage.objects import ObjectStore

ColumnCache = ByteCache[tuple[str, str], pa.ChunkedArray]
"""Decoded columns, by the path of their file and their name in it."""

WHOLE_BYTES = 1 << 20
"""Up to this size a file is fetched whole each time: one request, where its parts would take three."""


class ColumnReader:
    """Reads columns by name.

    A file is checked against the catalog's checksum when it is read for the first time; later reads fetch only what
    they need, and the checksums of the Parquet pages protect that.
    """

    def __init__(self, objects: ObjectStore, cache: ColumnCache) -> None:
        self._objects = objects
        self._cache = cache
        self._verified: set[str] = set()

    def read(self, file: FileRecord, names: Sequence[str], *, keep: bool = True) -> dict[str, pa.ChunkedArray]:
        """The columns `names` of `file`; `keep` says whether they are worth caching.

        Raises:
            NotFoundError: STORAGE_NOT_FOUND, the file is gone.
            RequestError: INVALID_DATA_FORMAT, its content is not what was written.
        """
        if file.path is None:
            # Not cached here: the columns are views into `data`, and `SegmentStore` keeps whole segments.
            return self._decode_inlined(file)
        columns = {name: self._cache.get((file.path, name)) for name in names}
        missing = [name for name, column in columns.items() if column is None]
        if missing:
            table = self._decode_parquet(file, file.path, missing)
            for name in missing:
                columns[name] = table.column(name)
                if keep:
                    self._cache.put((file.path, name), columns[name])
        return columns

    def _decode_inlined(self, file: FileRecord) -> dict[str, pa.ChunkedArray]:
        if file.data is None:
            raise InternalError(ErrorCode.INTERNAL_ERROR, f'file {file.id} has neither a path nor data')
        _verify(file, file.data)
        try:
            table = decode_ipc(file.data)
        except (pa.ArrowException, OSError) as error:
            raise damaged(file, str(error)) from error
        return dict(zip(table.column_names, table.columns, strict=True))

    def _decode_parquet(self, file: FileRecord, path: str, names: list[str]) -> pa.Table:
        is_verified = path in self._verified
        source: Any
        if is_verified and file.size > WHOLE_BYTES:
            source = pa.PythonFile(_StoredFile(self._objects, path, file.size), mode='r')
        else:
            data = self._objects.get(path)
            if not is_verified:
                _verify(file, data)
                self._verified.add(path)
            source = pa.py_buffer(data)
        try:
            table = decode_parquet(source, names, verify_pages=is_verified)
        except (pa.ArrowException, OSError) as error:
            raise damaged(file, str(error)) from error
        if table.num_columns != len(names):
            lost = sorted(set(names) - set(table.column_names))
            raise damaged(file, f'it has no column {", ".join(map(repr, lost))}')
        return table


def damaged(file: FileRecord, reason: str) -> RequestError:
    """The error for a file whose content is not what was written."""
    name = repr(file.path) if file.path is not None else f'{file.id} (inlined in the catalog)'
    return RequestError(
        ErrorCode.INVALID_DATA_FORMAT, f'file {name} is damaged: {reason}; restore it from a backup of the home'
    )


def _verify(file: FileRecord, data: Any) -> None:
    if len(data) != file.size:
        raise damaged(file, f'{len(data)} bytes instead of {file.size}')
    found = checksum(data)
    if found != file.checksum:
        raise damaged(file, f'checksum {found} instead of {file.checksum}')


class _StoredFile(io.RawIOBase):
    """An object as a seekable file, of which only the parts that are read are fetched."""

    def __init__(self, objects: ObjectStore, key: str, size: int) -> None:
        self._objects = objects
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
        length = rest if size < 0 else min(size, rest)
        # Arrow takes bytes objects only, not views.
        data = bytes(self._objects.get_range(self._key, self._position, length))
        self._position += len(data)
        return data
