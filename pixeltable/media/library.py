"""Where media content is: from a reference to an opened image or a local file, and from new content to a reference.

Content that is to be stored goes to objects that are named by its SHA-256 in the folder of its table, so that equal content is
stored once. No commit names them one by one: the values of the table do (see `exec.maintenance.media`).
"""

from __future__ import annotations

import copy
import hashlib
import mmap
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from pixeltable._support import temporary
from pixeltable.config.variables import root_now
from pixeltable.errors import Error, ErrorCode, NotFoundError, RequestError
from pixeltable.media.cache import FileCache
from pixeltable.media.data_urls import content_of
from pixeltable.media.frames import FrameReaders
from pixeltable.media.images import load, open_content, open_image
from pixeltable.media.references import is_content, is_remote, is_stored, local_path, stored_key
from pixeltable.media.states import States
from pixeltable.media.validation import validate
from pixeltable.storage.objects import ObjectInfo, ObjectStore
from pixeltable.types import buffers
from pixeltable.types.column_type import Kind
from pixeltable.types.fragments import as_frame, as_part, fragment, state_of, with_state, without_state
from pixeltable.types.media_paths import MediaPath, file_url

FOLDER = 'media/'
"""Where the media objects of a table are, in its folder."""


def folder_in(destination: str, table_id: str) -> str:
    """What keys of media of a table begin with at a destination: see `root_now`, which may raise."""
    return f'{root_now(destination)}/tables/{table_id}/{FOLDER}'


class Library:
    """The media of one home. Threads share it."""

    def __init__(self, objects: ObjectStore, destinations: ObjectStore, cache: FileCache) -> None:
        """`objects` are below the data root of the home, `destinations` below other roots, which may belong to several homes."""
        self._objects = objects
        self._destinations = destinations
        self._cache = cache
        self._readers = FrameReaders()
        self.expecting = self._readers.expecting
        self._states = States()
        self._writes = True

    def opened(self, reference: str, kind: Kind) -> Any:
        """What users and functions get: an image of which only the header is read, or the path of a local file.

        Raises:
            NotFoundError: STORAGE_NOT_FOUND, the content is not there.
            RequestError: INVALID_DATA_FORMAT, it is no image that can be read.
            Error: a remote file cannot be fetched.
        """
        if kind is Kind.IMAGE:
            return self._image(reference)
        if is_content(reference):
            return temporary.file_of(content_of(reference))
        return MediaPath.of(self._file(reference), reference)

    def _image(self, reference: str) -> Any:
        frame, part = as_frame(reference), as_part(reference)
        if frame is not None:
            found = self.frames(frame[0], [frame[1]])[0]
            if isinstance(found, Error):
                raise found
            return found
        if part is not None:
            return self._image(part[0]).crop(part[1])
        image = open_content(content_of(reference)) if is_content(reference) else open_image(self.path(reference))
        image.reference = reference  # type: ignore[attr-defined]
        return image

    def frames(self, film: str, times: Sequence[int]) -> list[Any]:
        """Frames of a film as images, in the order of `times`; a time at which there is none is an error in its place.

        Raises:
            NotFoundError: STORAGE_NOT_FOUND, the film is not there any more.
            Error: it cannot be read or fetched.
        """
        path = self._file(film)
        found = self._readers.of(film, path).frames(times)
        missing = RequestError(ErrorCode.INVALID_DATA_FORMAT, f'{path!r} has no such frame any more.')
        return [found[pts].picture() if pts in found else missing for pts in times]

    def close(self) -> None:
        """Closes films and connections."""
        self._readers.close()
        self._cache.close()

    def path(self, reference: str) -> str:
        """The local file that the reference stands for; a remote one is fetched. Warns if its content has changed."""
        url, known = self.url(reference), state_of(reference)
        path = local_path(url) or self._cache.path(url)
        if known is not None:
            self._states.compare(url, path, known)
        return path

    def with_state(self, reference: str) -> str:
        """The reference to something remote, with the state of its content, which is fetched."""
        return with_state(reference, self._states.of(reference, self.path(reference)))

    def _file(self, reference: str) -> str:
        """The same, if it is a file: a folder is none, nor is a pipe, which would be waited for without end."""
        path = self.path(reference)
        if not os.path.isfile(path):
            raise NotFoundError(ErrorCode.STORAGE_NOT_FOUND, f'there is no file {path!r} any more.')
        return path

    def url(self, reference: str) -> str:
        """The URL of what the reference stands for: of stored content, where it lies now."""
        key = stored_key(reference) if reference.startswith('file:') else None
        if key is not None and not os.path.exists(local_path(reference) or ''):
            reference = key  # from inside of Json, which says where it lay then
        if not is_stored(reference):
            is_path = os.path.isabs(reference)  # what a function has just made
            return file_url(reference) if is_path else without_state(reference)
        key, mark, part = reference.partition('#')
        url = self._objects.url(key)
        return f'{url if "://" in url else file_url(url)}{mark}{part}'

    def is_fetched(self, value: Any) -> bool:
        """Whether it is the reference to something remote."""
        return isinstance(value, str) and is_remote(self.url(value))

    def urls(self, references: pa.ChunkedArray) -> pa.ChunkedArray:
        """The URL of each reference; NULL for NULL."""
        found = (
            [each if each is None else self.url(each) for each in chunk.to_pylist()] for chunk in references.chunks
        )
        return pa.chunked_array(map(buffers.strings, found), references.type)

    def validate(self, reference: str, kind: Kind) -> None:
        """Checks that the content can be read. Raises like `validation.validate`, and where it cannot be fetched."""
        if is_content(reference):
            validate(kind, None, content_of(reference))
        else:
            validate(kind, self._file(reference), None, is_made=is_stored(reference))

    def look(self, reference: str, kind: Kind) -> None:
        """Raises, as `validate` and `opened` do, if the content, a part of something else too, cannot be read."""
        if fragment(reference):
            load(self.opened(reference, kind))
        else:
            self.validate(reference, kind)

    def put(self, folder: str, content: Any, suffix: str) -> str:
        """Stores `content`, durable on return; the reference to it.

        `folder` is what keys of the table's media begin with. The same content is written again, which makes it new for those
        who look for what nobody needs.
        """
        key = f'{folder}{hashlib.sha256(content).hexdigest()}{suffix}'
        if self._writes:
            self._store(folder).put(key, content)
        return key

    def looking(self) -> Library:
        """The same media, for who only wants to know the names that new content would get."""
        looking = copy.copy(self)
        looking._writes = False
        return looking

    def part(self, key: str, start: int, length: int) -> memoryview:
        """Some bytes of stored media."""
        return self._store(key).get_range(key, start, length)

    def list(self, folder: str) -> Iterator[ObjectInfo]:
        """The stored media whose keys begin with `folder`."""
        return (each for each in self._store(folder).list(folder) if f'/{FOLDER}' in each.key)

    def delete(self, *keys: str) -> None:
        """Deletes stored media for good."""
        self._objects.delete(*(key for key in keys if '://' not in key))
        self._destinations.delete(*(key for key in keys if '://' in key))

    def _store(self, folder: str) -> ObjectStore:
        # Roots of tables are claimed when these are created, so that it does not matter who writes there.
        return self._destinations if '://' in folder else self._objects

    def put_file(self, folder: str, path: str) -> str:
        """Stores the content of a file."""
        suffix = Path(path).suffix.lower()
        try:
            with open(path, 'rb') as file:
                if os.fstat(file.fileno()).st_size == 0:
                    return self.put(folder, b'', suffix)
                with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content, memoryview(content) as view:
                    return self.put(folder, view, suffix)
        except Error:
            raise
        except OSError as error:
            raise RequestError(
                ErrorCode.INVALID_DATA_FORMAT,
                f'the file {path!r} that a function gave cannot be read: {error.strerror}.',
            ) from error
