"""Jobs as those who carry them out see them, and the leases by which they agree on who computes which rows.

A lease is for a range of row ids of one table, whatever job it is for. It counts until it expires; who died renews none. A lease
saves work, and correctness does not depend on it: what two have computed, only one can commit.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, delete, select, update

from pixeltable.catalog import documents
from pixeltable.catalog.database import Database
from pixeltable.catalog.jobs import JobRecord
from pixeltable.catalog.tables import jobs, work_leases

_ALL = select(jobs).order_by(jobs.c.id.desc()).limit(bindparam('limit'))
_JOB = select(jobs).where(jobs.c.id == bindparam('job'))
_OPEN = select(jobs).where(jobs.c.ended_at.is_(None)).order_by(jobs.c.id)
_BEGIN = update(jobs).where(jobs.c.id == bindparam('job'), jobs.c.ended_at.is_(None)).values(status='running')
_END = (
    update(jobs)
    .where(jobs.c.id == bindparam('job'), jobs.c.ended_at.is_(None))
    .values(status=bindparam('new_status'), ended_at=bindparam('now'), error=bindparam('new_error'))
)
_LEASED = select(work_leases.c.low, work_leases.c.high, work_leases.c.job_id).where(
    work_leases.c.table_id == bindparam('table'), work_leases.c.expires > bindparam('now')
)
_INSERT_LEASE = work_leases.insert()
_RENEW = (
    update(work_leases)
    .where(work_leases.c.id >= bindparam('from_id'), work_leases.c.id < bindparam('to_id'))
    .values(expires=bindparam('until'))
)
_GIVE_BACK = delete(work_leases).where(work_leases.c.id >= bindparam('from_id'), work_leases.c.id < bindparam('to_id'))
_FORGET_EXPIRED = delete(work_leases).where(work_leases.c.expires <= bindparam('now'))
_FORGET_OF_JOB = delete(work_leases).where(work_leases.c.job_id == bindparam('job'))


class JobStore:
    """The jobs of one catalog. Times are microseconds since 1970."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, job_id: int) -> JobRecord | None:
        row = self._database.connection().row(_JOB, {'job': job_id})
        return None if row is None else _record(row)

    def all(self, limit: int = 1000) -> list[JobRecord]:
        """Newest first."""
        return [_record(row) for row in self._database.connection().rows(_ALL, {'limit': limit})]

    def open(self, table_id: str | None = None) -> list[JobRecord]:
        """Those that are not over, oldest first; of one table, or all."""
        records = map(_record, self._database.connection().rows(_OPEN))
        return [record for record in records if table_id in (None, record.table_id)]

    def end(self, job_id: int, status: str, error: Mapping[str, Any] | None = None) -> bool:
        """Ends a job, unless it is over; whether it did."""
        text = None if error is None else json.dumps(error)
        with self._database.write() as connection:
            key = {'job': job_id, 'new_status': status, 'now': _now(), 'new_error': text}
            ended = connection.execute(_END, key) > 0
            connection.execute(_FORGET_OF_JOB, {'job': job_id})
        return ended

    def leased(self, table_id: str, job_id: int | None = None) -> list[tuple[int, int]]:
        """The ranges of row ids that somebody is at work on; for any job, or for one."""
        rows = self._database.connection().rows(_LEASED, {'table': table_id, 'now': _now()})
        return [(low, high) for low, high, job in rows if job_id in (None, job)]

    def lease(self, job: JobRecord, low: int, high: int, owner: str, seconds: float) -> str | None:
        """Leases a range to `owner`: the id of the lease, or None if the job is over or somebody is at work on some of it."""
        now = _now()
        lease_id = f'{owner}:{uuid.uuid4().hex}'
        with self._database.write() as connection:
            if not connection.execute(_BEGIN, {'job': job.id}):
                return None
            connection.execute(_FORGET_EXPIRED, {'now': now})
            leased = connection.rows(_LEASED, {'table': job.table_id, 'now': now})
            if any(first <= high and low <= last for first, last, _ in leased):
                return None
            connection.execute(
                _INSERT_LEASE,
                {
                    'id': lease_id,
                    'table_id': job.table_id,
                    'job_id': job.id,
                    'low': low,
                    'high': high,
                    'expires': now + int(seconds * 1e6),
                },
            )
        return lease_id

    def renew(self, owner: str, seconds: float) -> None:
        """Makes all leases of `owner` last so many seconds from now."""
        with self._database.write() as connection:
            connection.execute(_RENEW, {**_of_owner(owner), 'until': _now() + int(seconds * 1e6)})

    def give_back(self, name: str) -> None:
        """Ends the lease of that id, or all leases of the owner of that name."""
        with self._database.write() as connection:
            connection.execute(
                _GIVE_BACK, _of_owner(name) if ':' not in name else {'from_id': name, 'to_id': f'{name};'}
            )


def _of_owner(owner: str) -> dict[str, str]:
    # The ids of an owner begin with its name and a colon; a semicolon is the character after it.
    return {'from_id': f'{owner}:', 'to_id': f'{owner};'}


def _now() -> int:
    return time.time_ns() // 1000


def _record(row: Any) -> JobRecord:
    id_, table_id, status, created_at, ended_at, low, high, doc, tally, error = row
    return JobRecord(
        id_,
        table_id,
        status,
        created_at,
        ended_at,
        low,
        high,
        documents.job_spec(doc),
        documents.tally(tally),
        None if error is None else json.loads(error),
    )
