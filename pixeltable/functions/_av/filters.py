"""Chains of FFmpeg's filters, as text: `scale=320:-2,hflip`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import av
import av.filter

from pixeltable.errors import ErrorCode, RequestError

_AGAIN = (av.error.BlockingIOError, av.error.EOFError)


def parts(text: str) -> list[tuple[str, str]]:
    """Names and arguments of the filters of a chain. Commas in quotes or after a backslash belong to arguments."""
    found, current, quoted, escaped = [], '', False, False
    for char in text:
        if escaped or (char == '\\'):
            current += char
            escaped = not escaped
            continue
        if char == "'":
            quoted = not quoted
        if char == ',' and not quoted:
            found.append(current)
            current = ''
        else:
            current += char
    found.append(current)
    filters = [each.strip().partition('=') for each in found if each.strip()]
    for name, _, _ in filters:
        if name not in av.filter.filters_available:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'{text!r} is no chain of filters: FFmpeg has no filter {name!r}.'
            )
    return [(name, arguments) for name, _, arguments in filters]


class Filter:
    """A graph from one or more sources through filters to one sink; `push` frames, then `end`, and take what comes out.

    It is configured by the first frame of each source, which says size and format.
    """

    def __init__(self, chain: str, join: str | None = None, before: str = '', *, is_video: bool = True) -> None:
        """`join` is a filter of several inputs, such as `amix=inputs=2`, before the chain, `before` a chain for each input."""
        self._before = parts(before) if before else []
        self._graph = av.filter.Graph()
        self._chain = parts(chain) if chain else []
        self._join = parts(join)[0] if join else None
        self._sink = 'buffersink' if is_video else 'abuffersink'
        self._sources: list[Any] = []

    def start(self, *first: Any) -> None:
        """Makes the graph for frames like these, one of each source; none is pushed."""
        graph = self._graph
        try:
            self._sources = [self._source(frame) for frame in first]
            inputs = [self._linked(source, self._before) for source in self._sources]
            last = inputs[0]
            if self._join is not None:
                last = graph.add(*self._join)
                for index, each in enumerate(inputs):
                    each.link_to(last, 0, index)
            self._linked(last, self._chain).link_to(graph.add(self._sink))
            graph.configure()
        except (av.FFmpegError, ValueError, OverflowError) as error:
            chain = ','.join(f'{name}={arguments}' for name, arguments in [*self._before, *self._chain])
            size = f' of {first[0].width}×{first[0].height}' if isinstance(first[0], av.VideoFrame) else ''
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT, f'the filters {chain!r} cannot be applied to frames{size}: {error}.'
            ) from error

    def _linked(self, last: Any, chain: list[tuple[str, str]]) -> Any:
        for name, arguments in chain:
            following = self._graph.add(name, arguments)
            last.link_to(following)
            last = following
        return last

    def _source(self, frame: Any) -> Any:
        graph = self._graph
        if isinstance(frame, av.AudioFrame):
            return graph.add_abuffer(
                sample_rate=frame.sample_rate,
                format=frame.format.name,
                layout=frame.layout.name,
                time_base=frame.time_base,
            )
        return graph.add_buffer(width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base)

    def push(self, frame: Any, source: int = 0) -> Iterator[Any]:
        """Gives a frame to a source; what comes out of the filters then."""
        self._sources[source].push(frame)
        yield from self._pull()

    def end(self, source: int = 0) -> Iterator[Any]:
        """Tells a source that no more frames come; what comes out of the filters then."""
        self._sources[source].push(None)
        yield from self._pull()

    def _pull(self) -> Iterator[Any]:
        while True:
            try:
                yield self._graph.pull()
            except _AGAIN:
                return


def filtered(frames: Iterator[Any], chain: str, *, is_video: bool = True) -> Iterator[Any]:
    """Frames through a chain of filters; as they are if it is empty."""
    if not chain:
        yield from frames
        return
    graph: Filter | None = None
    for frame in frames:
        if graph is None:
            graph = Filter(chain, is_video=is_video)
            graph.start(frame)
        yield from graph.push(frame)
    if graph is not None:
        yield from graph.end()
