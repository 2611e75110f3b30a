"""Resource pools in the work database: what all processes on a catalog know about a provider's limits, and who is calling it.

What the values mean and how they change is computed in `exec/limits`; here they are read and written in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, select, update

from pixeltable._support.processes import Process, is_gone, is_near
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.catalog.work.tables import pool_members, pools

Answer = TypeVar('Answer')


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """The state of one pool. Times are seconds since 1970, rates are a minute's; 0 stands for nothing yet.

    Attributes:
        generation: grows when the pool is cut: permits that were given before are void.
        requests_at: when the next call is due, as far as the number of calls is concerned.
        tokens_at: when it is due, as far as tokens are.
        blocked_until: until then nothing is called.
        cut_at: when a provider last refused a call.
        strikes: refusals since a call last succeeded.
        rate: the calls a minute that the pool is held to since a provider refused one.
        proven: the rate that went through before that.
        window_size: the calls at once while the limits are still being found.
        ramped: calls that have succeeded at that size.
        widened_at: when it was last doubled.
        history: the calls of the last minute that have succeeded: the second in which a few seconds begin, and their number.
        counted_from: when those that say what goes through began: after the last time that it was blocked.
        learned_requests: the calls a minute that a provider has told.
        learned_tokens: the tokens a minute that it has told.
        mean_tokens: the mean of the tokens that a call used, of `measured` calls.
        synced_at: when any process last changed this.
    """

    name: str
    generation: int = 0
    requests_at: float = 0.0
    tokens_at: float = 0.0
    blocked_until: float = 0.0
    cut_at: float = 0.0
    strikes: int = 0
    rate: float = 0.0
    proven: float = 0.0
    window_size: int = 0
    ramped: int = 0
    widened_at: float = 0.0
    history: tuple[tuple[int, int], ...] = ()
    counted_from: float = 0.0
    learned_requests: float = 0.0
    learned_tokens: float = 0.0
    mean_tokens: float = 0.0
    measured: int = 0
    synced_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Member:
    """A process that uses a pool.

    Attributes:
        member: its name; a process may be several members, one for each session.
        place, pid, started: what identifies the process: see `_support.processes`.
        wanted: the calls that it would make at once.
        granted: those that it may make.
        seen_at: when it last told so.
    """

    member: str
    place: str
    pid: int
    started: str
    wanted: int = 0
    granted: int = 0
    seen_at: float = 0.0


Step = Callable[[PoolRecord, Sequence[Member]], tuple[PoolRecord, Sequence[Member], Answer]]

_TIMES = ('requests_at', 'tokens_at', 'blocked_until', 'cut_at', 'counted_from', 'widened_at', 'synced_at', 'seen_at')

_SEEN = select(pools.c.generation, pools.c.blocked_until).where(pools.c.name == bindparam('pool'))
_POOL = select(*(pools.c[field.name] for field in fields(PoolRecord))).where(pools.c.name == bindparam('pool'))
_INSERT_POOL = pools.insert()
_UPDATE_POOL = (
    update(pools)
    .where(pools.c.name == bindparam('pool'))
    .values({field.name: bindparam(field.name) for field in fields(PoolRecord)})
)
_MEMBERS = select(*(pool_members.c[field.name] for field in fields(Member))).where(
    pool_members.c.pool == bindparam('pool_name')
)
_INSERT_MEMBER = pool_members.insert()
_DELETE_MEMBER = delete(pool_members).where(
    pool_members.c.pool == bindparam('pool_name'), pool_members.c.member == bindparam('member_name')
)


class PoolTable:
    """The pools of one catalog. Blocks: it is not for the thread of an event loop."""

    def __init__(self, work: WorkDatabase) -> None:
        self._work = work

    def look(self, name: str) -> tuple[int, float]:
        """The generation of the pool, and until when nothing is called."""
        with self._work.read() as connection:
            row = connection.row(_SEEN, {'pool': name})
        return (row[0], row[1] / 1e6) if row else (0, 0.0)

    def change(self, name: str, step: Step[Answer]) -> Answer:
        """Replaces the state of the pool and its members by what `step` makes of them, and returns the answer of `step`."""
        with self._work.write() as connection:
            row = connection.row(_POOL, {'pool': name})
            record = PoolRecord(**_read(PoolRecord, row)) if row else PoolRecord(name)
            found = connection.rows(_MEMBERS, {'pool_name': name})
            members = [Member(**_read(Member, row)) for row in found]
            changed, remaining, answer = step(record, [member for member in members if not _is_dead(member)])
            if row:
                connection.execute(_UPDATE_POOL, {'pool': name, **_written(changed)})
            else:
                connection.execute(_INSERT_POOL, _written(changed))
            _write_members(connection, name, members, remaining)
        return answer


def _is_dead(member: Member) -> bool:
    process = Process(member.place, member.pid, member.started)
    return is_near(process) and is_gone(process)


def _write_members(connection: Connection, name: str, before: Sequence[Member], after: Sequence[Member]) -> None:
    for member in before:
        if member not in after:
            connection.execute(_DELETE_MEMBER, {'pool_name': name, 'member_name': member.member})
    for member in after:
        if member not in before:
            connection.execute(_INSERT_MEMBER, {'pool': name, **_written(member)})


def _read(kind: type[Any], row: Sequence[Any]) -> dict[str, Any]:
    values = dict(zip((field.name for field in fields(kind)), row, strict=True))
    if 'history' in values:
        values['history'] = tuple((bucket, count) for bucket, count in json.loads(values['history']))
    return {name: value / 1e6 if name in _TIMES else value for name, value in values.items()}


def _written(record: PoolRecord | Member) -> dict[str, Any]:
    values = {field.name: getattr(record, field.name) for field in fields(record)}
    if 'history' in values:
        values['history'] = json.dumps(values['history'])
    return {name: round(value * 1e6) if name in _TIMES else value for name, value in values.items()}
