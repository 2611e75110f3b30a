"""Everything that the ledger of a process writes, by one thread: what has gathered goes into one durable transaction.

So hundreds of calls that end at about the same time cost one sync of the disk. The thread also says that this process is alive,
as long as it has claims. If a transaction fails, so do all who wait for it, and their claims end.
"""

from __future__ import annotations

import asyncio
import datetime
import logging
import time
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from pixeltable._support.forks import in_forked_child
from pixeltable._support.processes import this_process
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.work import claims
from pixeltable.catalog.work import ledger as entries
from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.errors import Error, ErrorCode
from pixeltable.exec.ledger.flights import Ending, Flights, Outcome
from pixeltable.exec.ledger.gathering import Gathering, settle
from pixeltable.exec.ledger.payloads import to_payloads
from pixeltable.exec.ledger.tally import Tally
from pixeltable.types.column_type import ColumnType

RENEW_S = claims.LEASE_US / 3e6
"""How often a process with claims says that it is alive."""

LARGEST = 512 * 1024 * 1024
"""Both databases take values of up to 1 GB; a result of more than this is not kept."""

_log = logging.getLogger('pixeltable')


@dataclass(slots=True)
class Job:
    """What a caller wants written. `done` gets the keys that were claimed, in the end.

    Attributes:
        claim: keys to be claimed.
        values, type: results to be stored; ends their claims.
        release: keys whose claims are to end.
        forget: keys of entries that are damaged.
        touch: keys of entries that are in use.
    """

    done: asyncio.Future[set[bytes]] | None = None
    claim: Collection[bytes] = ()
    values: Mapping[bytes, Any] = field(default_factory=dict)
    type: ColumnType | None = None
    release: Collection[bytes] = ()
    forget: Collection[bytes] = ()
    touch: Collection[bytes] = ()


@dataclass(slots=True)
class _Group:
    """What one transaction writes."""

    claim: list[bytes]
    release: list[bytes]
    forget: list[bytes]
    touch: list[bytes]
    payloads: dict[bytes, bytes | None]

    @staticmethod
    def of(jobs: list[Job], zone: datetime.tzinfo) -> _Group:
        group = _Group([], [], [], [], _payloads(jobs, zone))
        for job in jobs:
            group.claim += job.claim
            group.release += job.release
            group.forget += job.forget
            group.touch += job.touch
        given_up = set(group.release)  # by who claimed them in the same group, and was cancelled
        group.claim = [key for key in group.claim if key not in given_up]
        return group


class Writer:
    """The thread, and what it must remember."""

    def __init__(self, work: WorkDatabase, flights: Flights, tally: Tally, limit: int, zone: datetime.tzinfo) -> None:
        self._work = work
        self._flights = flights
        self._tally = tally
        self._limit = limit
        self._zone = zone
        self._thread: Gathering[Job] = Gathering('pixeltable-ledger-writer', self._carry_out)
        self.put = self._thread.put
        self._begin()
        in_forked_child(self._begin)

    def _begin(self) -> None:
        self._owner: claims.Owner | None = None
        self._renewed_at = 0
        self._leftover: set[bytes] = set()  # of which it is not known whether they are claimed

    def close(self) -> None:
        """Writes what is left, and ends all claims."""
        self._thread.close()
        taken = self._tally.take()
        if not taken and self._owner is None:
            return
        try:
            with self._work.write() as connection:
                entries.count(connection, taken, self._tally.described)
                if self._owner is not None:
                    claims.bury(connection, self._owner.id)
        except Error as error:  # claims expire, and counts are but counts
            _log.warning('the ledger was not closed as it should be: %s', error)

    def _carry_out(self, jobs: list[Job]) -> float | None:
        counts = self._tally.take()
        try:
            group = _Group.of(jobs, self._zone)
            own = self._written(group, counts)
        except Exception as error:  # noqa: BLE001  whoever waits has to hear of it
            self._tally.give_back(counts)
            self._failed(jobs, error)
        else:
            self._succeeded(jobs, group, own)
        return RENEW_S if self._flights else None

    def _written(self, group: _Group, counts: Mapping[bytes, entries.Counts]) -> set[bytes]:
        """Repeated once if the database was out of reach or did not answer: all of it may be done twice."""
        try:
            with self._work.write() as connection:
                return self._write(connection, group, counts)
        except Error as error:
            self._renewed_at = 0
            if error.error_code is not ErrorCode.DATABASE_UNAVAILABLE:
                raise
        with self._work.write() as connection:
            return self._write(connection, group, counts)

    def _write(self, connection: Connection, group: _Group, counts: Mapping[bytes, entries.Counts]) -> set[bytes]:
        """In an order in which a key may be in several parts: whoever gave one up, or found it damaged, may claim it anew."""
        now = time.time_ns() // 1000
        owner = self._renew(connection, now) if group.claim or self._flights else self._owner
        entries.remove(connection, group.forget)
        largest = min(self._limit, LARGEST) - entries.ENTRY_BYTES
        values = {key: each for key, each in group.payloads.items() if each is not None and len(each) <= largest}
        entries.put(connection, values, self._tally.described, now)
        if owner is not None:
            claims.end(connection, {*group.payloads, *group.release, *self._leftover}, owner)
        own: set[bytes] = set()
        if group.claim:
            assert owner is not None
            there = entries.known(connection, group.claim)
            own = claims.take(connection, [key for key in group.claim if key not in there], owner, now)
        entries.touch(connection, group.touch, now)
        entries.count(connection, counts, self._tally.described)
        if values:
            entries.evict(connection, self._limit)
        return own

    def _renew(self, connection: Connection, now: int) -> claims.Owner:
        if self._owner is None:
            self._owner = claims.Owner(uuid.uuid4().hex, this_process())
        if now - self._renewed_at >= RENEW_S * 1e6:
            claims.renew(connection, self._owner, now)
            self._renewed_at = now
        return self._owner

    def _succeeded(self, jobs: list[Job], group: _Group, own: set[bytes]) -> None:
        self._leftover.clear()
        outcomes: dict[bytes, Outcome] = dict.fromkeys(group.release, Ending.FAILED)
        outcomes |= dict.fromkeys((key for key in group.claim if key not in own), Ending.ELSEWHERE)
        outcomes |= {key: Ending.FAILED if payload is None else payload for key, payload in group.payloads.items()}
        self._flights.end(outcomes)
        settle((job.done, {key for key in job.claim if key in own}) for job in jobs if job.done is not None)

    def _failed(self, jobs: list[Job], error: Exception) -> None:
        if not jobs:
            _log.warning('claims could not be renewed: %s', error)
        keys = {key for job in jobs for key in (*job.claim, *job.values, *job.release)}
        self._leftover |= keys
        self._flights.end_all(keys, Ending.FAILED)
        settle((job.done, error) for job in jobs if job.done is not None)


def _payloads(jobs: list[Job], zone: datetime.tzinfo) -> dict[bytes, bytes | None]:
    """The results as bytes, all of one type together."""
    by_type: dict[ColumnType, dict[bytes, Any]] = {}
    for job in jobs:
        if job.type is not None:
            by_type.setdefault(job.type, {}).update(job.values)
    return {
        key: payload
        for type_, values in by_type.items()
        for key, payload in zip(values, to_payloads(list(values.values()), type_, zone), strict=True)
    }
