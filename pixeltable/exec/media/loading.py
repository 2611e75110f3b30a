"""What functions get for media values: decoded images and paths of local files.

An image is decoded once for all functions of a batch that take it, by the threads of the pool. A function that may change the
picture in place gets a copy, if others take it too.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from pixeltable.exec.loop import LoopThread
from pixeltable.exec.vectors import CellError
from pixeltable.media.images import keep_memory, load
from pixeltable.media.library import Library
from pixeltable.types.column_type import Kind
from pixeltable.types.fragments import as_frame, as_part, fragment
from pixeltable.types.media_paths import file_url

DECODING_THREADS = min(8, os.cpu_count() or 1)
FETCHING_THREADS = 32
Box = tuple[int, int, int, int]


def threads_for(values: Sequence[Any], library: Library) -> int:
    """How many threads should open them: those that fetch mostly wait."""
    return min(len(values), FETCHING_THREADS if any(map(library.is_fetched, values)) else DECODING_THREADS)


class Loading:
    """The media of one batch."""

    def __init__(self, library: Library, loop: LoopThread) -> None:
        self._library = library
        self._loop = loop
        self._images: dict[str, asyncio.Future[Any]] = {}

    async def values(self, values: Sequence[Any], kind: Kind, is_unread: bool, is_copied: bool) -> list[Any]:
        """Each value loaded, or the error why not. Images are shared by those who ask for the same reference, if not copied."""
        if is_unread:
            return await self._each(values, kind)
        references = list(dict.fromkeys(value for value in values if isinstance(value, str)))
        if kind is Kind.IMAGE:
            await self._decode(references)
            found = {reference: await self._images[reference] for reference in references}
        else:
            found = dict(zip(references, await self._each(references, kind), strict=True))
        loaded = [found[value] if isinstance(value, str) else value for value in values]
        is_repeated = len(references) < sum(isinstance(value, str) for value in values)
        if kind is not Kind.IMAGE or not (is_copied or is_repeated):
            return loaded
        return [value if value is None or isinstance(value, CellError) else value.copy() for value in loaded]

    async def files(self, values: Sequence[Any], kind: Kind) -> list[Any]:
        """The URL of a local file for each reference, the picture for a frame or a part of one, or the error why not."""
        references = dict.fromkeys(value for value in values if isinstance(value, str))
        parts = [reference for reference in references if fragment(reference)]
        whole = [reference for reference in references if not fragment(reference)]
        found = dict(zip(parts, await self.values(parts, kind, is_unread=False, is_copied=False), strict=True))
        found |= zip(whole, await self._spread(self._url, whole), strict=True)
        return [found[value] if isinstance(value, str) else value for value in values]

    async def _decode(self, references: Sequence[str]) -> None:
        keep_memory()
        missing = [reference for reference in references if reference not in self._images]
        futures = {reference: asyncio.get_running_loop().create_future() for reference in missing}
        self._images |= futures
        films, parts, whole = _grouped(missing)
        times = {film: [pts for _, pts in wanted] for film, wanted in films.items()}
        try:
            run = asyncio.get_running_loop().run_in_executor
            with self._library.expecting(times):  # said here, in the order of the batches: threads may be late
                for reference, value in zip(whole, await self._each(whole, Kind.IMAGE, read=True), strict=True):
                    futures[reference].set_result(value)
                found = await asyncio.gather(*(run(self._loop.pool, self._frames, *each) for each in times.items()))
            for wanted, images in zip(films.values(), found, strict=True):
                for (reference, _), image in zip(wanted, images, strict=True):
                    futures[reference].set_result(image)
            if parts:
                await self._decode(list(dict.fromkeys(picture for picture, _ in parts.values())))
            for reference, (picture, box) in parts.items():
                image = await self._images[picture]
                futures[reference].set_result(image if isinstance(image, CellError) else image.crop(box))
        finally:
            for future in futures.values():
                future.cancel()  # where this was cancelled itself

    def _frames(self, film: str, times: Sequence[int]) -> list[Any]:
        try:
            found = self._library.frames(film, times)
        except Exception as error:  # noqa: BLE001  as below
            return [CellError.of(error)] * len(times)
        return [CellError.of(each) if isinstance(each, Exception) else each for each in found]

    async def _each(self, values: Sequence[Any], kind: Kind, *, read: bool = False) -> list[Any]:
        """The values opened, or the errors why not."""
        return await self._spread(partial(self._one, kind=kind, read=read), values)

    async def checked(self, values: Sequence[Any], kind: Kind) -> list[CellError | None]:
        """Of each value that cannot be read the error."""
        return await self._spread(partial(self._problem, kind=kind), values)

    async def _spread(self, work: Callable[[Any], Any], values: Sequence[Any]) -> list[Any]:
        """What `work` gives for each value, spread over threads."""
        threads = threads_for(values, self._library)
        run = asyncio.get_running_loop().run_in_executor
        parts = await asyncio.gather(
            *(run(self._loop.pool, list, map(work, values[each::threads])) for each in range(threads))
        )
        found: list[Any] = [None] * len(values)
        for each, part in enumerate(parts):
            found[each::threads] = part
        return found

    def _one(self, value: Any, kind: Kind, read: bool) -> Any:
        try:
            opened = self._library.opened(value, kind) if isinstance(value, str) else value
            return load(opened) if read else opened
        except Exception as error:  # noqa: BLE001  a file of any content: whatever its reader raises is the cell's error
            return CellError.of(error)

    def _url(self, reference: str) -> Any:
        opened = self._one(reference, Kind.DOCUMENT, read=False)  # a kind of which files are given
        return opened if isinstance(opened, CellError) else file_url(opened)

    def _problem(self, value: Any, kind: Kind) -> CellError | None:
        if value is None:
            return None
        try:
            self._library.look(value, kind)
        except Exception as error:  # noqa: BLE001  as above
            return CellError.of(error)
        return None


def _grouped(
    references: Sequence[str],
) -> tuple[dict[str, list[tuple[str, int]]], dict[str, tuple[str, Box]], list[str]]:
    """The frames among `references` by their film, the parts of pictures with these, and the rest."""
    films: dict[str, list[tuple[str, int]]] = {}
    parts: dict[str, tuple[str, Box]] = {}
    whole = []
    for reference in references:
        frame, part = as_frame(reference), as_part(reference)
        if frame is not None:
            films.setdefault(frame[0], []).append((reference, frame[1]))
        elif part is not None:
            parts[reference] = part
        else:
            whole.append(reference)
    return films, parts, whole
