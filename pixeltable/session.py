"""The one place where the parts are wired together: settings, catalog, storage and execution of one home folder."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections import Counter

from pixeltable.catalog.changes import Commit, RequirementFailed, SchemaIs
from pixeltable.catalog.home import open_home
from pixeltable.config.settings import Settings
from pixeltable.errors import Error, PixeltableWarning
from pixeltable.exec.context import Context
from pixeltable.exec.engine import Engine
from pixeltable.exec.loop import LoopThread
from pixeltable.exec.relational import Relational
from pixeltable.exec.resolve import Resolver
from pixeltable.exec.searches import Searches
from pixeltable.storage.flush import flush, plan_flush
from pixeltable.storage.objects.local import LocalStore
from pixeltable.storage.segments import SegmentStore

WRITES_BETWEEN_CHECKS = 32
"""After so many small writes to a table, its inlined segments are looked at, and flushed if they have gathered."""


class Session:
    """An open home. Threads share it, and a forked child goes on with it; other processes have sessions of their own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.catalog = open_home(settings.home)
        context = Context(
            store=SegmentStore(LocalStore(settings.home / 'data')),
            relational=Relational(settings.time_zone),
            loop=LoopThread(),
            searches=Searches(),
            zone=settings.time_zone,
            show_progress=settings.show_progress,
        )
        self.engine = Engine(
            self.catalog, context, Resolver(self.catalog, settings.by_value_functions, settings.time_zone)
        )
        self._writes: Counter[str] = Counter()
        self._lock = threading.Lock()

    def wrote(self, table_id: str) -> None:
        """To be called after each write of rows: now and then, moves what gathered in the catalog into Parquet."""
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

    def flush(self, table_id: str) -> None:
        """Flushes the table's inlined segments if they are many or large."""
        source = self.engine.source(table_id)
        segments = plan_flush(source.contents)
        if not segments:
            return
        stored = {column.id for column in source.schema.columns if column.stored}
        schema_is = SchemaIs(table_id, source.schema.table.schema_version)  # a dropped column may come back meanwhile
        changes, requirements = flush(self.engine.context.store, segments, columns=stored)
        with contextlib.suppress(RequirementFailed):  # another writer was faster; the next check looks again
            self.catalog.commit(Commit('flush', changes, (schema_is, *requirements)))

    def close(self) -> None:
        """Stops threads and closes files. The session cannot be used afterwards."""
        self.engine.context.loop.close()
        self.engine.context.relational.close()
        self.catalog.close()
