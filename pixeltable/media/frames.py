"""Reads frames of films by their times, decoding each film forward as far as possible.

A reader stays open after a request, so that the next one goes on where it ended. Requests are made side by side, and come in any
order: a frame that is passed is kept if somebody waits for it, and so are the last ones, for somebody who is a little late.
"""

from __future__ import annotations

import bisect
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from pixeltable._support.disk import Version, version_of
from pixeltable._support.forks import in_forked_child, keep
from pixeltable.errors import ErrorCode, RequestError

OPEN_FILMS = 8
LAST_FRAMES = 32


class Decoded:
    """A decoded frame. PyAV changes a frame for the time in which it converts it, so that one thread at a time may do so."""

    def __init__(self, frame: Any) -> None:
        self._frame = frame
        self._lock = threading.Lock()

    def picture(self) -> Any:
        """The frame as an upright Pillow image, a new one each time."""
        from pixeltable.functions._av.reading import picture

        with self._lock:
            return picture(self._frame)


class Wanted:
    """How many requests wait for which frames of one film. Threads share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._requests: Counter[int] = Counter()

    def __contains__(self, pts: int) -> bool:
        return pts in self._requests

    def __len__(self) -> int:
        return len(self._requests)

    @contextmanager
    def by_request(self, times: Sequence[int]) -> Iterator[None]:
        """Meanwhile somebody waits for the frames at `times`."""
        with self._lock:
            self._requests.update(times)
        try:
            yield
        finally:
            with self._lock:
                self._requests -= Counter(times)  # which drops what nobody waits for


class FrameReader:
    """One open film. Threads share it; one of them decodes at a time."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.wanted = Wanted()
        self._lock = threading.Lock()
        self._container: Any = None
        self._stream: Any = None
        self._frames: Iterator[Any] = iter(())
        self._kept: dict[int, Decoded] = {}
        self._last: OrderedDict[int, Decoded] = OrderedDict()
        self._position: int | None = None  # the time of the last frame that was decoded
        self._keys: list[int] = []

    def frames(self, wanted: Sequence[int]) -> dict[int, Decoded]:
        """The decoded frames at these times, as far as there are any.

        Raises:
            RequestError: INVALID_DATA_FORMAT, the film cannot be read.
        """
        import av

        with self.wanted.by_request(wanted), self._lock:
            self._kept = {pts: frame for pts, frame in self._kept.items() if pts in self.wanted}
            try:
                return {pts: frame for pts in sorted(wanted) if (frame := self._frame(pts)) is not None}
            except av.FFmpegError as error:
                self._close()
                raise RequestError(
                    ErrorCode.INVALID_DATA_FORMAT, f'{self._path!r} cannot be processed: {error.strerror}.'
                ) from error

    def close(self) -> None:
        with self._lock:
            self._close()

    def _frame(self, pts: int) -> Decoded | None:
        found = self._kept.get(pts) or self._last.get(pts)
        if found is not None:
            return found
        self._go_to(pts)
        for frame in self._frames:
            if frame.pts is None:
                continue
            passed = self._keep(frame)
            if frame.pts >= pts:
                return passed if frame.pts == pts else None
        return None

    def _keep(self, frame: Any) -> Decoded:
        self._position = frame.pts
        passed = self._last[frame.pts] = Decoded(frame)
        if len(self._last) > LAST_FRAMES:
            self._last.popitem(last=False)
        if frame.pts in self.wanted:
            self._kept[frame.pts] = passed
        return passed

    def _go_to(self, pts: int) -> None:
        """Seeks to the key frame before `pts`, unless decoding on from here is no longer."""
        from pixeltable.functions._av.reading import decoded, decoded_from

        if self._container is None:
            self._open()
        elif self._position is not None and self._position < pts and not self._is_key_between(self._position, pts):
            return
        stream = self._stream
        is_at_start = self._position is None and pts <= (stream.start_time or 0)
        self._frames = decoded(self._container, stream) if is_at_start else decoded_from(self._container, stream, pts)
        self._last.clear()
        self._position = None

    def _open(self) -> None:
        import av

        from pixeltable.functions._av.reading import video_stream

        self._container = av.open(self._path, metadata_errors='replace')
        self._stream = video_stream(self._container, self._path)
        self._keys = sorted(entry.timestamp for entry in self._stream.index_entries if entry.is_keyframe)

    def _is_key_between(self, low: int, high: int) -> bool:
        """Whether decoding could begin much later than at `low`; by the index of the file, which not all have.

        The index counts when frames are decoded, which may be `REORDERED` frames before they are shown.
        """
        from pixeltable.functions._av.reading import REORDERED

        rate = self._stream.average_rate or 25
        margin = round(REORDERED / (rate * self._stream.time_base))
        place = bisect.bisect_right(self._keys, high - margin) - 1
        return place >= 0 and self._keys[place] > low + margin

    def _close(self) -> None:
        container, self._container, self._stream = self._container, None, None
        self._frames = iter(())
        self._kept.clear()
        self._last.clear()
        self._position = None
        if container is not None:
            container.close()


class FrameReaders:
    """The films that are open. One that is changed is opened anew."""

    def __init__(self) -> None:
        self._begin()
        in_forked_child(self._begin_again)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._readers: OrderedDict[tuple[str, Version | None], FrameReader] = OrderedDict()
        self._wanted: dict[str, Wanted] = {}

    def _begin_again(self) -> None:
        keep(self._readers)  # which would read on where the parent is, and the parent where they are
        self._begin()

    @contextmanager
    def expecting(self, films: Mapping[str, Sequence[int]]) -> Iterator[None]:
        """Meanwhile somebody will ask for frames, by film: whoever decodes past them before keeps them."""
        with ExitStack() as stack:
            with self._lock:
                for film, times in films.items():
                    stack.enter_context(self._wanted.setdefault(film, Wanted()).by_request(times))
            yield
        with self._lock:
            self._wanted = {film: each for film, each in self._wanted.items() if len(each)}

    def of(self, film: str, path: str) -> FrameReader:
        """The reader of a film, which lies at `path`."""
        key = path, version_of(path)
        with self._lock:
            reader = self._readers.pop(key, None) or FrameReader(path)
            reader.wanted = self._wanted.get(film, reader.wanted)
            self._readers[key] = reader
            old = [self._readers.popitem(last=False)[1] for _ in range(len(self._readers) - OPEN_FILMS)]
        for each in old:
            each.close()
        return reader

    def close(self) -> None:
        with self._lock:
            readers, self._readers = list(self._readers.values()), OrderedDict()
        for each in readers:
            each.close()
