"""What functions give as media becomes references: stored in the table's folder, or, for who only looks, the content itself."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any

from pixeltable._support import temporary
from pixeltable.catalog.records import ColumnRecord, TableRecord
from pixeltable.errors import Error, ErrorCode
from pixeltable.exec.loop import LoopThread
from pixeltable.exec.media.loading import DECODING_THREADS
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs.nodes import Call, Node
from pixeltable.exprs.visit import walk
from pixeltable.media.data_urls import content_of, to_data_url
from pixeltable.media.encoding import encode
from pixeltable.media.images import load, open_content
from pixeltable.media.library import FOLDER, Library, folder_in
from pixeltable.media.references import PICTURE, is_content, is_settled, to_reference
from pixeltable.media.suffixes import suffix_of
from pixeltable.types.column_type import ColumnType, Kind
from pixeltable.types.fragments import fragment
from pixeltable.types.nested_media import holds_media
from pixeltable.types.pictures import is_image

MEDIA_ROWS = 8
"""Rows of a batch with media: a photo takes megabytes, and each row of a batch may hold several of them."""


def takes_media(node: Node) -> bool:
    """Whether media are loaded or made to evaluate it."""
    calls = (found for found in walk(node) if isinstance(found, Call))
    return any(
        call.type.is_media or any(arg.type.is_media or holds_media(arg.type) for arg in call.args) for call in calls
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where media are stored, `folder` being what their keys begin with, and how pictures are written: see `images.encode`."""

    folder: str
    format: str | None = None
    quality: int | None = None

    @staticmethod
    def of(table: TableRecord, column: ColumnRecord) -> Place:
        spec = column.media
        own = f'{table.folder}{FOLDER}'
        folder = own if spec.destination is None else folder_in(spec.destination, table.id)
        return Place(folder, spec.format, spec.quality)


def at(column: ColumnRecord, destination: str | None) -> ColumnRecord:
    """The same column with its media somewhere else."""
    return replace(column, media=replace(column.media, destination=destination))


class NotStoredError(Exception):
    """Raised where the store fails, with the error that it raised. That is no fault of the value, which must not be lost by it:
    the operation ends."""

    def __init__(self, error: Error) -> None:
        super().__init__(str(error))
        self.error = error


class Saving:
    """Stores media at `place`; with None nothing is stored."""

    def __init__(self, library: Library, loop: LoopThread, place: Place | None) -> None:
        self._library = library
        self._loop = loop
        self._place = place

    async def save(self, vector: Vector, type_: ColumnType) -> None:
        """Replaces what functions gave by references. What cannot be stored becomes an error of its cell."""
        if not type_.is_media or vector.values is None:
            return
        rows = [row for row, value in enumerate(vector.values) if value is not None and not is_settled(value)]
        if not rows:
            return
        values = list(vector.values)
        threads = min(len(rows), DECODING_THREADS)
        run = asyncio.get_running_loop().run_in_executor
        parts = [rows[each::threads] for each in range(threads)]
        found = await asyncio.gather(
            *(run(self._loop.pool, self._some, [values[row] for row in part], type_.kind) for part in parts)
        )
        for part, saved in zip(parts, found, strict=True):
            for row, value in zip(part, saved, strict=True):
                values[row] = None if isinstance(value, CellError) else value
                if isinstance(value, CellError):
                    vector.errors[row] = value
        vector.values = values

    def _some(self, values: Sequence[Any], kind: Kind) -> list[Any]:
        return [self._one(value, kind) for value in values]

    def _one(self, value: Any, kind: Kind) -> Any:
        try:
            return self.reference(value, kind)
        except NotStoredError as failed:
            raise failed.error from failed.error.__cause__
        except Exception as error:  # noqa: BLE001  user code made the value: whatever is wrong with it is the cell's error
            return CellError.of(error)

    def reference(self, value: Any, kind: Kind) -> str:
        """The reference to one value: an image, bytes, a `data:` URL, or the path of a file. Raises NotStoredError."""
        if isinstance(value, (str, PurePath)) and not is_content(str(value)):
            path = str(value)
            if self._place is None or not os.path.isfile(path):
                return to_reference(path, kind, column='', row=0)
            reference = self._stored(self._library.put_file, path)
            if temporary.is_temporary(path):
                temporary.remove(path)
            return reference
        if isinstance(value, (bytes, bytearray, memoryview)):
            content = bytes(value)
            suffix = suffix_of(content, kind)
        elif isinstance(value, str):
            content = content_of(value)
            suffix = suffix_of(content, kind)
            if self._place is not None and self._place.format is not None and value.startswith(PICTURE):
                content, suffix = self._encoded(load(open_content(content)))
        elif kind is Kind.IMAGE and is_image(value):
            content, suffix = self._encoded(value)
        else:
            return to_reference(value, kind, column='', row=0)
        if self._place is None:
            return to_data_url(content, f'image/{suffix[1:]}' if kind is Kind.IMAGE else '')
        return self._stored(self._library.put, content, suffix)

    def copied(self, reference: str, kind: Kind) -> str:
        """The reference to a copy of what lies outside. Raises like `Library.path`, and NotStoredError."""
        if fragment(reference):
            return self.reference(self._library.opened(reference, kind), kind)
        path = Path(self._library.path(reference))
        # Read, not mapped: the file is not ours, and may change or shrink meanwhile.
        return self._stored(self._library.put, path.read_bytes(), path.suffix.lower())

    def _stored(self, put: Callable[..., str], *content: Any) -> str:
        assert self._place is not None
        try:
            return put(self._place.folder, *content)
        except Error as error:
            if error.error_code is ErrorCode.INVALID_DATA_FORMAT:  # a file that cannot be read
                raise
            raise NotStoredError(error) from error

    def _encoded(self, image: Any) -> tuple[bytes, str]:
        """The picture as a file, and the ending of its name."""
        place = self._place
        content, format_ = encode(image) if place is None else encode(image, place.format, place.quality)
        return content, f'.{format_}'
