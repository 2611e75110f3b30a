"""Threads that have little to do take turns, each until it waits for something.

The interpreter runs one thread at a time anyway. Left to itself it goes from one to another at every statement of the database,
which costs more than the statements do: eight threads would write less than one. A turn is no lock: nothing relies on having it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from pixeltable._support.forks import in_forked_child

PATIENCE_S = 0.05
"""Who waits longer goes on without a turn: whoever has it may wait for something that this does not know of."""


_NO_TURN = nullcontext()


class _Here(threading.local):
    """What one thread has."""

    takes_part = False
    has_turn = False


class Turns:
    """The turns of the threads of one process."""

    def __init__(self) -> None:
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._free = threading.Lock()
        self._here = _Here()

    def one(self) -> AbstractContextManager[None]:
        """Inside, this thread has its turn until it calls `pass_on`. The main thread, which can be interrupted, takes none."""
        if self._here.takes_part or threading.current_thread() is threading.main_thread():
            return _NO_TURN
        return self._one()

    @contextmanager
    def _one(self) -> Iterator[None]:
        here = self._here
        here.takes_part = True
        try:
            self.again()
            yield
        finally:
            here.takes_part = False
            self.pass_on()

    def again(self) -> None:
        """After a wait: the rest of the work has a turn, too. Not to be called with a lock that others may need."""
        here = self._here
        if here.takes_part and not here.has_turn:
            here.has_turn = self._free.acquire(timeout=PATIENCE_S)

    def pass_on(self) -> None:
        """Before a wait: others may go on."""
        here = self._here
        if here.has_turn:
            here.has_turn = False
            self._free.release()


turns = Turns()
