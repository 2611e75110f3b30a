"""Background jobs: their start, in the commit that makes them necessary, and what comes of their parts."""

from __future__ import annotations

import time

from sqlalchemy import bindparam, delete, func, select, update

from pixeltable.catalog import documents
from pixeltable.catalog.changes import RequirementFailed
from pixeltable.catalog.jobs import AdvanceJob, StartJob, Tally
from pixeltable.catalog.tables import counters, jobs, work_leases
from pixeltable.catalog.transaction import Transaction, table_not_found

KEPT_US = 7 * 24 * 3600 * 1_000_000
"""A job that is over can be asked for as long."""

_NEXT_ROW_ID = select(func.abs(counters.c.next_row_id)).where(counters.c.table_id == bindparam('table'))
_INSERT_JOB = jobs.insert()
_FORGET = delete(jobs).where(jobs.c.ended_at < bindparam('before'))
_TALLY = select(jobs.c.tally).where(jobs.c.id == bindparam('job'), jobs.c.ended_at.is_(None))
_ADVANCE = update(jobs).where(jobs.c.id == bindparam('job')).values(tally=bindparam('new'))
_RELEASE = delete(work_leases).where(work_leases.c.id == bindparam('lease'))


def start_job(transaction: Transaction, change: StartJob) -> None:
    row = transaction.connection.row(_NEXT_ROW_ID, {'table': change.table_id})
    if row is None:
        raise table_not_found(change.table_id)
    now = time.time_ns() // 1000
    transaction.job = transaction.new_row()
    transaction.connection.send(
        _INSERT_JOB,
        {
            'id': transaction.job,
            'table_id': change.table_id,
            'status': 'queued' if change.spec.total else 'done',
            'created_at': now,
            'ended_at': None if change.spec.total else now,
            'low': min(transaction.first_ids, default=row[0]) if change.on_new_rows else 1,
            'high': row[0] - 1,
            'doc': documents.job_text(change.spec),
            'tally': documents.tally_text(Tally()),
            'error': None,
        },
    )
    transaction.connection.execute(_FORGET, {'before': now - KEPT_US})


def advance_job(transaction: Transaction, change: AdvanceJob) -> None:
    row = transaction.connection.row(_TALLY, {'job': change.job_id})
    if row is None:
        raise RequirementFailed(f'Job {change.job_id} is over')
    tally = documents.tally(row[0]) + change.step
    transaction.connection.execute(_ADVANCE, {'job': change.job_id, 'new': documents.tally_text(tally)})
    transaction.connection.execute(_RELEASE, {'lease': change.lease})
