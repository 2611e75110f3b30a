"""Reads a little ahead of who asks: the next pieces of a scan are fetched, checked and decoded while one is being worked on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from pixeltable._support.forks import in_forked_child, keep

DEPTH = 4
"""Pieces under way: enough to hide the latency of a bucket, and few enough to take little memory."""

Piece = TypeVar('Piece')


class ReadAhead:
    """Threads that are started when they are first needed, and end with the object."""

    def __init__(self) -> None:
        self._begin()
        in_forked_child(self._begin_again)

    def _begin(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def _begin_again(self) -> None:
        keep(self._pool)
        self._begin()

    def in_order(self, work: Iterable[tuple[bool, Callable[[], Piece]]]) -> Iterator[Piece]:
        """The result of each piece of work; the bool says whether it is worth a thread.

        The first one is done when it is asked for, as often no other is.
        """
        pieces = iter(work)
        for _, first in pieces:
            yield first()
            break
        under_way: deque[Future[Piece] | Callable[[], Piece]] = deque()
        try:
            for is_long, piece in pieces:
                under_way.append(self._started().submit(piece) if is_long else piece)
                if len(under_way) == DEPTH:
                    yield _result(under_way.popleft())
            while under_way:
                yield _result(under_way.popleft())
        finally:
            for each in under_way:
                if isinstance(each, Future):
                    each.cancel()

    def _started(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(DEPTH, thread_name_prefix='pixeltable-read')
        return self._pool


def _result(piece: Future[Piece] | Callable[[], Piece]) -> Piece:
    return piece.result() if isinstance(piece, Future) else piece()
