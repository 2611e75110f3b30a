"""Calls that this process is making, and who in it waits for their results."""

from __future__ import annotations

import asyncio
import enum
import threading
from collections.abc import Collection, Iterable, Mapping

from pixeltable._support.forks import in_forked_child
from pixeltable.exec.ledger.gathering import settle


class Ending(enum.Enum):
    """How a call ended that gave no result here."""

    FAILED = enum.auto()
    ELSEWHERE = enum.auto()  # another process makes the call, or has made it


Outcome = bytes | Ending


class Flights:
    """By key, the futures that wait. Any thread may call any method."""

    def __init__(self) -> None:
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[bytes, list[asyncio.Future[Outcome]]] = {}

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def start(self, keys: Iterable[bytes]) -> tuple[list[bytes], list[bytes]]:
        """The keys that the caller is to call for, which are under way from now on, and those that were before. Each key once."""
        own: list[bytes] = []
        others: list[bytes] = []
        with self._lock:
            for key in dict.fromkeys(keys):
                if key in self._waiting:
                    others.append(key)
                else:
                    self._waiting[key] = []
                    own.append(key)
        return own, others

    def join(self, key: bytes) -> asyncio.Future[Outcome] | None:
        """A future of the running loop for what becomes of the call; None if it is not under way."""
        with self._lock:
            waiting = self._waiting.get(key)
            if waiting is None:
                return None
            waiting.append(future := asyncio.get_running_loop().create_future())
            return future

    def end(self, outcomes: Mapping[bytes, Outcome]) -> None:
        """These calls are over: tells those who wait."""
        with self._lock:
            told = [(future, outcome) for key, outcome in outcomes.items() for future in self._waiting.pop(key, ())]
        settle(told)

    def end_all(self, keys: Collection[bytes], ending: Ending) -> None:
        """The same, where all end alike."""
        self.end(dict.fromkeys(keys, ending))
