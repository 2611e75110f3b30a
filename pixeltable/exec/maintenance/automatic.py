"""Maintenance by itself, when a table has been written for a while: lazy compaction, and vacuum if it has a retention."""

from __future__ import annotations

import time

from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.optimize import optimize, planned
from pixeltable.exec.maintenance.vacuum import vacuum_table
from pixeltable.storage.compaction import LAZY

EXPIRED = 64
"""So many versions must have expired for a vacuum to be worth its commit."""

PART_OF_HISTORY = 50
"""And this part of a table's versions, as a vacuum looks at all of them."""


class Automatic:
    """Remembers what it looked at."""

    def __init__(self, engine: Engine, grace_s: float) -> None:
        self._engine = engine
        self._grace_s = grace_s
        self._looked_at: dict[str, int] = {}

    def may_be_due(self, table_id: str) -> bool:
        """Whether `look` may find something to do. The thread that does it is not woken for nothing: while it holds the
        interpreter, each write beside it waits up to 5 ms for its turn."""
        source = self._engine.source(table_id)
        return source.schema.table.retention is not None or bool(planned(self._engine, source, LAZY))

    def look(self, table_id: str) -> None:
        """Does for the table what is due. For one thread."""
        optimize(self._engine, table_id, LAZY)
        retention = self._engine.catalog.schema(table_id).table.retention
        if retention is None:
            return
        newest = self._engine.catalog.versions(table_id, 1)[0].version
        enough = max(EXPIRED, newest // PART_OF_HISTORY)
        if newest - self._looked_at.get(table_id, -enough) < enough:
            return
        self._looked_at[table_id] = newest
        if self._engine.catalog.expired(table_id, retention, time.time_ns() // 1000) >= enough:
            vacuum_table(self._engine, table_id, None, self._grace_s)
