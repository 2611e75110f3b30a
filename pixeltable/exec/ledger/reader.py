"""Everything that the ledger of a process reads while calls are made, by one thread: what has gathered is asked for at once.

It also watches the calls that other processes are making: each process asks for all that it waits for with a few statements,
seldom if they take long.
"""

from __future__ import annotations

import asyncio
import datetime
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pixeltable._support.forks import in_forked_child
from pixeltable.catalog.work import claims
from pixeltable.catalog.work import ledger as entries
from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.exec.ledger.gathering import Gathering, settle
from pixeltable.exec.ledger.payloads import from_payloads, is_sound
from pixeltable.exec.ledger.writer import Job, Writer
from pixeltable.types.column_type import ColumnType

FIRST_PAUSE_S = 0.005
LONGEST_PAUSE_S = 0.25
"""The pause between two looks at calls of others. It grows as long as nothing comes of them."""

_COARSE_US = 3_600_000_000
"""So exactly the last use of an entry is known: a write for each would cost more than it is worth."""


class LedgerMiss(Exception):
    """Raised when the call that was waited for failed, or who made it died: the result has to be claimed again."""


@dataclass(slots=True)
class Find:
    """A question for the results of calls; `found` gets those that there are."""

    keys: Sequence[bytes]
    type: ColumnType
    found: asyncio.Future[dict[bytes, Any]]


@dataclass(slots=True)
class Watch:
    """A call that somebody else makes, or has just made; `payload` gets its result, or LedgerMiss."""

    key: bytes
    payload: asyncio.Future[bytes]


class Reader:
    """The thread, and what it watches."""

    def __init__(self, work: WorkDatabase, writer: Writer, zone: datetime.tzinfo) -> None:
        self._work = work
        self._writer = writer
        self._zone = zone
        self._thread: Gathering[Find | Watch] = Gathering('pixeltable-ledger-reader', self._carry_out)
        self.put = self._thread.put
        self.close = self._thread.close
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._watched: dict[bytes, list[asyncio.Future[bytes]]] = {}
        self._pause = FIRST_PAUSE_S

    def _carry_out(self, jobs: list[Find | Watch]) -> float | None:
        self._find([job for job in jobs if isinstance(job, Find)])
        for job in jobs:
            if isinstance(job, Watch):
                self._watched.setdefault(job.key, []).append(job.payload)
                self._pause = FIRST_PAUSE_S
        if not self._watched:
            return None
        started = time.monotonic()
        if self._look():
            self._pause = FIRST_PAUSE_S
        pause = max(self._pause, 4 * (time.monotonic() - started))
        self._pause = min(1.5 * self._pause, LONGEST_PAUSE_S)
        return pause if self._watched else None

    def _find(self, jobs: list[Find]) -> None:
        if not jobs:
            return
        answers: list[tuple[asyncio.Future[dict[bytes, Any]], Any]] = []
        try:
            with self._work.read() as connection:
                payloads = self._sound(entries.find(connection, {key for job in jobs for key in job.keys}))
            for job in jobs:
                there = [key for key in dict.fromkeys(job.keys) if key in payloads]
                values = from_payloads([payloads[key] for key in there], job.type, self._zone)
                answers.append((job.found, dict(zip(there, values, strict=True))))
        except Exception as error:  # noqa: BLE001  whoever waits has to hear of it
            answers = [(job.found, error) for job in jobs]
        settle(answers)

    def _sound(self, rows: list[tuple[bytes, int, bytes]]) -> dict[bytes, bytes]:
        """The payloads by key. What is damaged is removed before anybody claims it anew: the writer keeps the order of jobs."""
        sound = {key: payload for key, _, payload in rows if is_sound(payload)}
        before = time.time_ns() // 1000 - _COARSE_US
        old = [key for key, used, _ in rows if used < before]
        damaged = [key for key, _, _ in rows if key not in sound]
        if old or damaged:
            self._writer.put(Job(forget=damaged, touch=old))
        return sound

    def _look(self) -> bool:
        """Tells those whose calls have ended; returns whether there were any."""
        for key in [key for key, futures in self._watched.items() if all(future.done() for future in futures)]:
            del self._watched[key]  # whoever waited was cancelled
        outcomes: dict[bytes, Any] = {}
        try:
            with self._work.read() as connection:
                outcomes |= self._sound(entries.find(connection, self._watched))
                rest = self._watched.keys() - outcomes.keys()
                gone = rest - claims.living(connection, rest, time.time_ns() // 1000)
                outcomes |= {key: LedgerMiss() for key in gone}
        except Exception as error:  # noqa: BLE001  whoever waits has to hear of it
            outcomes = dict.fromkeys(self._watched, error)
        settle((future, outcome) for key, outcome in outcomes.items() for future in self._watched.pop(key))
        return bool(outcomes)
