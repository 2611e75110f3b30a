"""Background jobs as users hold them."""

from __future__ import annotations

import dataclasses
import datetime
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from pixeltable._support.words import counted
from pixeltable.api.default import say, session
from pixeltable.api.status import UpdateStatus
from pixeltable.catalog.jobs import JobRecord
from pixeltable.errors import Error, ErrorCode, NotFoundError, RequestError
from pixeltable.exec.jobs.starting import start_nothing
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.progress import Progress
from pixeltable.exec.vectors import CellError

if TYPE_CHECKING:
    from pixeltable.session import Session

LOOK_S = 0.2
"""How often who waits for a job looks at it, if other processes work on it."""


class JobProgress(NamedTuple):
    """How many of all cells have been gone through."""

    done: int
    total: int


class Job:
    """Work that goes on in the background, in threads of this process and in `pxt worker` processes.

    Rows appear as their cells are done; until then these are NULL, with `errortype` `'Pending'`. The job outlives this object and
    this process.

    Attributes:
        id: the number by which `pxt.get_job` finds it.
        table: the path of the table when the job began.
        operation: `'insert'`, `'add column'` or `'recompute'`.
        created_at: when it began.
    """

    def __init__(self, session: Session, record: JobRecord) -> None:
        self._session = session
        self._has_warned = False
        self.id = record.id
        self.table = record.spec.path
        self.operation = record.spec.kind
        self.created_at = datetime.datetime.fromtimestamp(record.created_at / 1e6, session.settings.time_zone)

    def _record(self) -> JobRecord:
        return _found(self._session, self.id)

    @property
    def status(self) -> str:
        """`'queued'`, `'running'`, `'done'`, `'failed'` or `'cancelled'`."""
        return self._record().status

    @property
    def progress(self) -> JobProgress:
        """How many of all cells have been gone through."""
        return _progress(self._record())

    @property
    def errors(self) -> int:
        """How many cells failed so far."""
        return sum(self._record().tally.failed.values())

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the job is over, and meanwhile works on it. Ctrl-C ends the waiting, not the job.

        Args:
            timeout: the seconds after which it waits no longer.

        Returns:
            False if the job goes on.

        Raises:
            Error: what made the job fail; FUNCTION_NOT_FOUND if this process lacks a function and no other one is at work.
        """
        return self._wait(timeout)

    def _wait(self, timeout: float | None) -> bool:
        workers = self._session.workers
        workers.start()
        deadline = None if timeout is None else time.monotonic() + timeout
        record = self._record()
        shown = Progress(f'job {self.id}', self._session.engine.context.display, 'cells')
        shown.expect(record.spec.total)
        try:
            while record.is_open:
                left = LOOK_S if deadline is None else min(LOOK_S, deadline - time.monotonic())
                if left <= 0:
                    return False
                self._check_able(record)
                workers.rest(left)
                record = self._record()
                shown.calls(_progress(record).done - shown.done)
        finally:
            shown.close()
        if record.status == 'failed' and record.error is not None:
            raise Error.from_dict(dict(record.error))
        if not self._has_warned:
            self._has_warned = True
            _outcome(record).warn()
        return True

    def _check_able(self, record: JobRecord) -> None:
        error = self._session.workers.unable(self.id)
        if error is not None and not self._session.catalog.jobs.leased(record.table_id, self.id):
            raise error

    def cancel(self) -> bool:
        """Ends the job. Cells that are done stay; the others stay pending, and `recompute_columns` computes them.

        Returns:
            False if the job was over.
        """
        return self._session.catalog.jobs.end(self.id, 'cancelled')

    def result(self) -> UpdateStatus:
        """Waits for the job; what it did.

        Raises:
            Error: what made the job fail. RequestError: INVALID_STATE if it was cancelled.
        """
        self._wait(None)
        record = self._record()
        if record.status == 'cancelled':
            done, total = _progress(record)
            raise RequestError(
                ErrorCode.INVALID_STATE,
                f'job {self.id} was cancelled after {done:,} of {total:,} cells; see its progress.',
            )
        return _status(record)

    def __repr__(self) -> str:
        return describe(self._record())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Job) and (self.id, self._session) == (other.id, other._session)

    def __hash__(self) -> int:
        return hash(self.id)


def jobs() -> list[Job]:
    """The jobs of the catalog, newest first; those that are over can be seen for a week."""
    found = session()
    return [Job(found, record) for record in found.catalog.jobs.all()]


def get_job(id: int) -> Job:
    """The job with that number. Raises NotFoundError JOB_NOT_FOUND."""
    found = session()
    return Job(found, _found(found, id))


def carry_out_jobs(threads: int | None, stopped: threading.Event, *, once: bool, tell: Callable[[Job], None]) -> None:
    """Works on all jobs of the catalog, until `stopped` is set; with `once`, until none is left.

    `tell` is called with each job that ends here. When it returns, nothing is under way, and no lease is held.
    """
    found = session()
    found.tell_job = lambda record: tell(Job(found, record))
    found.workers.start(threads=threads, stay=True)
    while not (once and not found.workers.has_work()) and not stopped.wait(LOOK_S):
        pass
    found.workers.close()


def begun(session: Session, job_id: int | None) -> Job:
    """A job that this process has just begun, which it says in a line, and works on from now on."""
    assert job_id is not None
    job = Job(session, _found(session, job_id))
    say(repr(job))
    session.workers.start(job_id)
    return job


def begun_nothing(session: Session, table_id: str) -> Job:
    """A job for a column that is there already."""
    path = session.catalog.schema(table_id).table.path
    with session.operation('add column', table_id, path) as engine:
        job = start_nothing(engine, table_id, path, 'add column')
    return begun(session, job)


def _found(session: Session, job_id: int) -> JobRecord:
    record = session.catalog.jobs.get(job_id) if isinstance(job_id, int) else None
    if record is None:
        raise NotFoundError(
            ErrorCode.JOB_NOT_FOUND,
            f'there is no job {job_id!r}; pxt.jobs() lists them. What is over is forgotten after a week, or with its table.',
        )
    return record


def _progress(record: JobRecord) -> JobProgress:
    total = record.spec.total
    return JobProgress(total if record.status == 'done' else min(record.tally.cells, total), total)


def _outcome(record: JobRecord) -> Outcome:
    spec, tally = record.spec, record.tally
    outcome = Outcome(spec.kind, inserted=spec.inserted, updated=tally.rows, computed=tally.computed)
    outcome.columns = list(spec.names) if spec.kind != 'insert' else []
    outcome.failed.update(tally.failed)
    outcome.examples = {name: CellError(kind, message) for name, (kind, message) in tally.examples.items()}
    return outcome


def _status(record: JobRecord) -> UpdateStatus:
    seconds = ((record.ended_at or record.created_at) - record.created_at) / 1e6
    return dataclasses.replace(UpdateStatus.of(_outcome(record), record.spec.path), seconds=seconds)


def describe(record: JobRecord) -> str:
    """A job in one line."""
    done, total = _progress(record)
    what = {'insert': 'insert into', 'add column': f'column {", ".join(record.spec.names)} of'}.get(
        record.spec.kind, f'recomputation of {", ".join(record.spec.names)} in'
    )
    failed = sum(record.tally.failed.values())
    errors = f', {counted(failed, "error")}' if failed else ''
    share = f' ({done / total:.0%})' if record.is_open and total else ''
    reason = f': {record.error["message"]}' if record.error else ''
    return f'Job {record.id}: {what} {record.spec.path!r}: {record.status}, {done:,} of {total:,} cells{share}{errors}{reason}'
