"""The one place where the parts are wired together: settings, catalog, storage and execution of one home folder."""

from __future__ import annotations

import threading
import warnings
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial

from pixeltable._support.logs import HomeLog
from pixeltable.catalog.home import open_home
from pixeltable.catalog.jobs import JobRecord
from pixeltable.catalog.work.open import open_work
from pixeltable.config import sections
from pixeltable.config.settings import Settings
from pixeltable.errors import Error, NotFoundError, PixeltableWarning
from pixeltable.exec.cancelling import Cancellation, current
from pixeltable.exec.cluster.driver import Cluster
from pixeltable.exec.codes import Codes
from pixeltable.exec.engine import Engine
from pixeltable.exec.jobs.workers import Workers
from pixeltable.exec.maintenance.automatic import Automatic
from pixeltable.exec.maintenance.background import Background
from pixeltable.exec.maintenance.leases import Leases
from pixeltable.exec.maintenance.optimize import flush
from pixeltable.exec.operation import Operation
from pixeltable.exec.resolve import Resolver
from pixeltable.exec.services import close_context, open_context
from pixeltable.exec.transaction import Result, until_committed
from pixeltable.exec.usage.budget import active
from pixeltable.exec.usage.recorder import Recorder
from pixeltable.exec.views.turns import Turns
from pixeltable.storage.objects.open import Stores
from pixeltable.storage.objects.ownership import Ownership

WRITES_BETWEEN_CHECKS = 64
"""After so many small writes to a table, its inlined segments are looked at, and flushed if they have gathered."""


KEPT_OPERATIONS = 100
"""Of so many tables, the last operation is kept for `last_profile`."""


class Session:
    """An open home. Threads share it, and a forked child goes on with it; other processes have sessions of their own."""

    def __init__(self, settings: Settings, *, create: bool = True) -> None:
        """Without `create` the home must be there."""
        self.settings = settings
        sections.use(settings.sections)
        if settings.hide_warnings:
            warnings.simplefilter('ignore', PixeltableWarning)
        self.catalog = open_home(settings.home, settings.catalog, create=create)
        self.work = open_work(settings.home, settings.catalog)
        self.usage = Recorder(self.work)
        self._log = HomeLog(settings.home / 'logs', settings.log_level)
        self.objects = Stores(settings.data_root, Ownership(self.catalog, settings.data_root))
        backend = Cluster(settings) if settings.executor == 'ray' else None
        context = open_context(settings, self.work, self.objects, backend)
        self.ledger = context.services.ledger
        leases = Leases(self.catalog, context.store.uncommitted, settings.vacuum_grace_s)
        self.codes = Codes(self.work)
        resolver = Resolver(self.catalog, settings.by_value_functions, settings.time_zone, self.codes)
        self.engine = Engine(self.catalog, context, resolver, leases, Turns())
        self._automatic = Automatic(self.engine, settings.vacuum_grace_s)
        self.maintenance = Background(self._automatic.look)
        self.workers = Workers(self.engine, self._work_on, self.wrote, self._job_ended)
        self.tell_job: Callable[[JobRecord], None] | None = None
        self.last_operations: OrderedDict[str, Operation] = OrderedDict()
        self._writes: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def operation(
        self, name: str, table_id: str, path: str, title: str = '', *, changes: bool = True
    ) -> Iterator[Engine]:
        """The engine for one operation on a table, which counts against the budgets around it and can be cancelled.

        `title` says what it does, for people; `changes` whether it changes anything, or only reads.
        """
        context = self.engine.context
        operation = Operation(
            name,
            path,
            title=title or f'{name} of {path!r}',
            changes=changes,
            watcher=context.display,
            budgets=active(),
            cancellation=current(),
            write_usage=self.usage.of(name, table_id, path),
        )
        with self._lock:
            self.last_operations[table_id] = operation
            self.last_operations.move_to_end(table_id)
            if len(self.last_operations) > KEPT_OPERATIONS:
                self.last_operations.popitem(last=False)
        with operation:
            yield self.engine.during(operation)

    def committed(self, name: str, table_id: str, path: str, attempt: Callable[[Engine], Result], title: str) -> Result:
        """What the first attempt gives whose requirements held, as one operation on a table; `title` says what, for people."""
        with self.operation(name, table_id, path) as engine:
            return until_committed(partial(attempt, engine), title)

    @contextmanager
    def _work_on(self, job: JobRecord, cancellation: Cancellation) -> Iterator[Engine]:
        """The engine for a part of a job, of which nothing is shown."""
        write_usage = self.usage.of(job.spec.kind, job.table_id, job.spec.path)
        title = f'job {job.id} on {job.spec.path!r}'
        operation = Operation(
            job.spec.kind, job.spec.path, title=title, cancellation=cancellation, write_usage=write_usage
        )
        with operation:
            yield self.engine.during(operation)

    def wrote(self, table_id: str) -> None:
        """To be called after each write of rows: now and then, moves what gathered in the catalog into Parquet.

        That takes milliseconds, and every read would pay for leaving it; a thread that did it would take longer, and make the
        writes beside it wait for the interpreter and the database. The rest of maintenance may take seconds, and is left to one.
        """
        with self._lock:
            self._writes[table_id] += 1
            if self._writes[table_id] < WRITES_BETWEEN_CHECKS:
                return
            self._writes[table_id] = 0
        try:
            self._look_after(table_id)
        except Error as error:
            # The write itself is committed: were this raised, its caller would write again.
            warnings.warn(f'recent rows could not be moved into Parquet yet: {error}', PixeltableWarning, stacklevel=4)

    def _job_ended(self, job: JobRecord) -> None:
        """Puts together the small segments that were kept apart for the job."""
        if self.tell_job is not None:
            self.tell_job(job)
        with suppress(NotFoundError):  # the table was dropped
            self._look_after(job.table_id)

    def flush(self, table_id: str) -> None:
        """Flushes the table's inlined segments if they are many or large."""
        flush(self.engine, table_id)  # if another writer was faster, the next check looks again

    def _look_after(self, table_id: str) -> None:
        """Flushes the table, and has the rest done that is due."""
        self.flush(table_id)
        if self._automatic.may_be_due(table_id):
            self.maintenance.look_at(table_id)

    def close(self) -> None:
        """Stops threads and closes files. The session cannot be used afterwards."""
        self.workers.close()
        self.maintenance.close()
        self.engine.leases.close()
        close_context(self.engine.context)
        self.workers.join()  # what they waited for was cancelled just now
        self.work.close()
        self.catalog.close()
        self._log.close()
