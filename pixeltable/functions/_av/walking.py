"""A look at each frame of a film, without its picture: by several threads, where that gives the same."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain, islice, zip_longest
from threading import Event
from typing import Any, NamedTuple, TypeVar

import av

from pixeltable.errors import RequestError
from pixeltable.functions._av.reading import REORDERED, decoded, frames_of, opened, packets_of, video_stream

Seen = TypeVar('Seen')

THREADS = min(8, os.cpu_count() or 1)
PART_S = 2
"""A part of a film takes at least so many seconds: to open the film again takes as long as to decode a few frames."""

PIXELS = 1 << 24
"""Of the frames of all parts, one of each: a decoder keeps ten of them or so."""


class Start(NamedTuple):
    """A key frame that no frame before it in time follows in the file: when it is decoded, and when it is shown."""

    dts: int
    pts: int


class _CannotSplitError(Exception):
    """Decoding from a key frame on does not give what decoding the whole film gives."""


def unfiltered_stream(container: Any, path: str) -> Any:
    """The first video stream, decoded as fast as possible: the loop filter takes a quarter of the time, and only for pictures."""
    stream = video_stream(container, path)
    stream.codec_context.options = {'skip_loop_filter': 'all'}
    return stream


def walked(path: str, container: Any, stream: Any, see: Callable[[Any], Seen]) -> Iterator[Seen]:
    """What `see` gives of each frame of an unfiltered stream, in the order in which they are shown. Threads call it.

    Each thread decodes a part of the film, from a key frame on. The threads that FFmpeg has take a frame each and wait for one
    another at each of them: two take as long as one where pictures are small.

    Raises:
        RequestError: INVALID_DATA_FORMAT, the film cannot be read.
    """
    starts = _starts(path, stream)
    if not starts:
        yield from map(see, decoded(container, stream))
        return
    stream.thread_type = 'NONE'
    with closing(_Parts(path, starts, see)) as parts:
        for frame in decoded(container, stream):
            if _is_at(frame, starts[0]) and (rest := parts.seen()) is not None:
                yield from rest
                return
            yield see(frame)


def _is_at(frame: Any, start: Start) -> bool:
    return bool(frame.pts == start.pts and frame.key_frame)


def _starts(path: str, stream: Any) -> list[Start]:
    """Where parts can begin that take about as long as each other, by the index of the file, which not all have."""
    keys = sorted(entry.timestamp for entry in stream.index_entries if entry.is_keyframe)
    if len(keys) < 2:
        return []
    begin, length = keys[0], max(stream.duration or 0, keys[-1] - keys[0])
    pixels = max(1, stream.width * stream.height)
    count = min(THREADS, PIXELS // pixels, int(length * stream.time_base / PART_S))
    places = {bisect_left(keys, begin + length * number // count) for number in range(1, count)}
    candidates = [keys[place] for place in sorted(places) if 0 < place < len(keys)]
    if not candidates:
        return []
    with opened(path) as container:
        found = (_start(container, container.streams[stream.index], key) for key in candidates)
        return [start for start in found if start is not None]


def _start(container: Any, stream: Any, dts: int) -> Start | None:
    """The key frame that is decoded at `dts`, unless frames follow it that are shown earlier, which need what is before it."""
    try:
        first, *others = islice(_packets_from(container, stream, dts), 1 + REORDERED)
    except (_CannotSplitError, av.FFmpegError):
        return None
    times = [packet.pts for packet in others if packet.size]
    if first.pts is None or any(time is None or time <= first.pts for time in times):
        return None
    return Start(dts, first.pts)


def _packets_from(container: Any, stream: Any, dts: int) -> Iterator[Any]:
    """The packets from the key frame on that is decoded at `dts`. Seeking goes by when it is shown, which may be later."""
    container.seek(dts, stream=stream)
    packets = packets_of(container, stream)
    for packet in packets:
        if packet.dts is None or packet.dts > dts:
            break
        if packet.dts == dts and packet.is_keyframe:
            return chain([packet], packets)
    raise _CannotSplitError


class _Parts:
    """The parts of a film that other threads look at."""

    def __init__(self, path: str, starts: list[Start], see: Callable[[Any], Any]) -> None:
        self._is_closed = Event()
        self._threads = ThreadPoolExecutor(len(starts), thread_name_prefix='pixeltable-film')
        self._parts = [
            self._threads.submit(self._part, path, start, end, see) for start, end in zip_longest(starts, starts[1:])
        ]

    def seen(self) -> Iterator[Any] | None:
        """What was seen in all of them; None if decoding the whole film may give something else."""
        try:
            return chain.from_iterable([part.result() for part in self._parts])
        except (RequestError, _CannotSplitError):
            return None  # who decodes the whole film meets what is wrong with it

    def close(self) -> None:
        self._is_closed.set()
        self._threads.shutdown()

    def _part(self, path: str, start: Start, end: Start | None, see: Callable[[Any], Any]) -> list[Any]:
        with opened(path) as container:
            stream = unfiltered_stream(container, path)
            stream.thread_type = 'NONE'
            frames = chain.from_iterable(map(frames_of, _packets_from(container, stream, start.dts)))
            first = next(frames, None)
            if first is None or first.is_corrupt or not _is_at(first, start):
                raise _CannotSplitError
            seen = [see(first)]
            for frame in _until(frames, end):
                if self._is_closed.is_set():
                    raise _CannotSplitError
                seen.append(see(frame))
            return seen


def _until(frames: Iterator[Any], end: Start | None) -> Iterator[Any]:
    """The frames before `end`. It is decoded too: what is held back until then is said to be decoded with it."""
    for frame in frames:
        if end is not None and frame.pts is not None and frame.pts >= end.pts:
            if _is_at(frame, end):
                return
            break
        yield frame
    if end is not None:
        raise _CannotSplitError
