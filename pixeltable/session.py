"""The one place where the parts are wired together: settings, catalog, storage and execution of one home folder."""

from __future__ import annotations

import threading
import warnings
from collections import Counter

from pixeltable.catalog.home import open_home
from pixeltable.catalog.work.open import open_work
from pixeltable.config.settings import Settings
from pixeltable.errors import Error, PixeltableWarning
from pixeltable.exec.codes import Codes
from pixeltable.exec.context import Context
from pixeltable.exec.engine import Engine
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.loop import LoopThread
from pixeltable.exec.maintenance.automatic import Automatic
from pixeltable.exec.maintenance.background import Background
from pixeltable.exec.maintenance.leases import Leases
from pixeltable.exec.maintenance.optimize import flush
from pixeltable.exec.relational import Relational
from pixeltable.exec.resolve import Resolver
from pixeltable.exec.searches import Searches
from pixeltable.storage.objects.open import Stores
from pixeltable.storage.segments import SegmentStore

WRITES_BETWEEN_CHECKS = 32
"""After so many small writes to a table, its inlined segments are looked at, and flushed if they have gathered."""


class Session:
    """An open home. Threads share it, and a forked child goes on with it; other processes have sessions of their own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.catalog = open_home(settings.home, settings.catalog)
        self.work = open_work(settings.home, settings.catalog)  # which opens nothing yet; nor does the ledger
        self.ledger = Ledger(self.work, settings.ledger_bytes, settings.time_zone)
        context = Context(
            store=SegmentStore(Stores(settings.data_root)),
            relational=Relational(settings.time_zone),
            loop=LoopThread(),
            searches=Searches(),
            zone=settings.time_zone,
            show_progress=settings.show_progress,
        )
        leases = Leases(self.catalog, context.store.uncommitted, settings.vacuum_grace_s)
        self.codes = Codes(self.work)
        resolver = Resolver(self.catalog, settings.by_value_functions, settings.time_zone, self.codes)
        self.engine = Engine(self.catalog, context, resolver, leases)
        self.maintenance = Background(Automatic(self.engine, settings.vacuum_grace_s).look)
        self._writes: Counter[str] = Counter()
        self._lock = threading.Lock()

    def wrote(self, table_id: str) -> None:
        """To be called after each write of rows: now and then, moves what gathered in the catalog into Parquet.

        That takes milliseconds, and every read would pay for leaving it. The rest of maintenance may take seconds, and is left
        to a thread.
        """
        with self._lock:
            self._writes[table_id] += 1
            if self._writes[table_id] < WRITES_BETWEEN_CHECKS:
                return
            self._writes[table_id] = 0
        try:
            self.flush(table_id)
        except Error as error:
            # The write itself is committed: were this raised, its caller would write again.
            warnings.warn(f'recent rows could not be moved into Parquet yet: {error}', PixeltableWarning, stacklevel=4)
        self.maintenance.look_at(table_id)

    def flush(self, table_id: str) -> None:
        """Flushes the table's inlined segments if they are many or large."""
        flush(self.engine, table_id)  # if another writer was faster, the next check looks again

    def close(self) -> None:
        """Stops threads and closes files. The session cannot be used afterwards."""
        self.maintenance.close()
        self.engine.leases.close()
        self.engine.context.loop.close()
        self.engine.context.relational.close()
        self.ledger.close()
        self.work.close()
        self.catalog.close()
