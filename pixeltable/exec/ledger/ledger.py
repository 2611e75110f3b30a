"""Results of expensive functions, kept so that no call is paid for twice: not by another table, not by another process.

    keys = ledger.keys(function, names, arguments, rows)    # in a worker thread: it may read files
    found = await ledger.find(keys, type_)
    claim = await ledger.claim([key for key in keys if key not in found])
    ...                                                     # make the calls of claim.own; then, for each of them:
    await ledger.store({key: value}, type_)                 # or ledger.release([key]) if it failed
    value = await ledger.wait(key, type_)                   # for each of claim.others, after that

What is claimed has to be stored or released, and before waiting for others: two who wait for each other would wait for ever. A
call is under way until its result is stored: it is lost if the process is killed before.
Nothing is opened, and no thread runs, before the first call.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pixeltable.catalog.work import ledger as entries
from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.errors import RequestError
from pixeltable.exec.ledger.contents import FileDigests
from pixeltable.exec.ledger.flights import Ending, Flights
from pixeltable.exec.ledger.keys import call_keys
from pixeltable.exec.ledger.payloads import from_payloads, is_sound
from pixeltable.exec.ledger.reader import Find, LedgerMiss, Reader, Watch
from pixeltable.exec.ledger.tally import Tally
from pixeltable.exec.ledger.upkeep import Upkeep, described
from pixeltable.exec.ledger.writer import Job, Writer
from pixeltable.exec.vectors import Vector
from pixeltable.exprs.nodes import Literal
from pixeltable.types.column_type import ColumnType
from pixeltable.udf.fingerprint import fingerprint
from pixeltable.udf.function import Function


@dataclass(frozen=True, slots=True)
class Claim:
    """Who makes which calls: `own` are the caller's, `others` somebody makes already, or has just made."""

    own: tuple[bytes, ...]
    others: tuple[bytes, ...]


class Ledger:
    """The ledger of one session. Its `async` methods may be called on any event loop, and in a forked child.

    All of them raise a `ServiceUnavailableError` or a RequestError INVALID_CONFIGURATION if the work database cannot be used.
    """

    def __init__(self, work: WorkDatabase, limit: int, zone: datetime.tzinfo) -> None:
        """`limit` is in bytes; timestamps come back in `zone`."""
        self._work = work
        self._zone = zone
        self._files = FileDigests()
        self._flights = Flights()
        self.tally = Tally()
        self.upkeep = Upkeep(work, self.tally)
        self._writer = Writer(work, self._flights, self.tally, limit, zone)
        self._reader = Reader(work, self._writer, zone)

    def keys(
        self, function: Function, names: Sequence[str], arguments: Sequence[Vector | Literal], rows: Sequence[int]
    ) -> list[bytes]:
        """The key of the call for each of `rows`, the same wherever and whenever it is made; `arguments` belong to `names`.

        Raises:
            Error: an argument of one of the rows cannot be part of a key, or its file cannot be read. Ask for the rows one by one
                to learn for which.
        """
        keys = call_keys(function, names, arguments, rows, self._files)
        start = bytes.fromhex(fingerprint(function))
        if start not in self.tally.described:
            self.tally.described[start] = described(function)
        return keys

    async def find(self, keys: Sequence[bytes], type_: ColumnType) -> dict[bytes, Any]:
        """The results that there are; `type_` is that of the calls. A key that comes more than once saves so many calls."""
        if not keys:
            return {}
        future: asyncio.Future[dict[bytes, Any]] = asyncio.get_running_loop().create_future()
        self._reader.put(Find(keys, type_, future))
        found = await future
        self.tally.hit(key for key in keys if key in found)
        return found

    def peek(self, keys: Sequence[bytes], type_: ColumnType) -> dict[bytes, Any]:
        """What `find` would give, for who makes no use of it: nothing is counted."""
        with self._work.read() as connection:
            rows = entries.find(connection, keys)
        found = {key: payload for key, _, payload in rows if is_sound(payload)}
        return dict(zip(found, from_payloads(list(found.values()), type_, self._zone), strict=True))

    async def claim(self, keys: Sequence[bytes]) -> Claim:
        """Decides who makes the calls that were not found. Each key is in one part of the answer, once."""
        own, others = self._flights.start(keys)
        if not own:
            return Claim((), tuple(others))
        future: asyncio.Future[set[bytes]] = asyncio.get_running_loop().create_future()
        try:
            self._writer.put(Job(future, claim=own))
        except RequestError:
            self._flights.end_all(own, Ending.FAILED)
            raise
        try:
            taken = await future
        except asyncio.CancelledError:
            self._writer.put(Job(release=own))
            raise
        self.tally.miss(taken)
        return Claim(tuple(key for key in own if key in taken), (*others, *(key for key in own if key not in taken)))

    async def wait(self, key: bytes, type_: ColumnType) -> Any:
        """The result of a call that somebody else makes.

        Raises:
            LedgerMiss: that call failed, or who made it died.
        """
        future = self._flights.join(key)
        outcome = Ending.ELSEWHERE if future is None else await future
        if outcome is Ending.FAILED:
            raise LedgerMiss
        if isinstance(outcome, Ending):
            watched: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
            self._reader.put(Watch(key, watched))
            outcome = await watched
        self.tally.hit([key])
        return from_payloads([outcome], type_, self._zone)[0]

    async def store(self, values: Mapping[bytes, Any], type_: ColumnType) -> None:
        """Keeps results, and ends their claims. They survive a power loss when this returns.

        A value that a column of `type_` cannot hold is not kept, as it will be an error of its cell; nor is one that is larger
        than the ledger may be.
        """
        await self._written(Job(values=values, type=type_))

    async def release(self, keys: Sequence[bytes]) -> None:
        """Ends claims whose calls failed: somebody else may try."""
        await self._written(Job(release=keys))

    async def _written(self, job: Job) -> None:
        job.done = asyncio.get_running_loop().create_future()
        self._writer.put(job)
        await job.done

    def close(self) -> None:
        """Writes what is left, and ends all claims. The ledger cannot be used afterwards."""
        self._reader.close()
        self._writer.close()
