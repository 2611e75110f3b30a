"""Removes what no version needs that is kept: in the catalog in one transaction, then the objects that nothing names any more.

What is kept, and why readers and writers are safe, is told in `catalog.apply.vacuum` and `catalog.orphans`. A crash after the
transaction leaves objects that nobody names; the next vacuum finds them as orphans.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator

from pixeltable.catalog.changes import Commit
from pixeltable.catalog.records import TableRecord
from pixeltable.catalog.removals import NOTHING, Removed, RemoveTable, Vacuum
from pixeltable.catalog.retention import Retention
from pixeltable.errors import NotFoundError
from pixeltable.exec.engine import Engine
from pixeltable.exec.maintenance.media import destination_folders, remove_unused_media
from pixeltable.exec.maintenance.orphans import Orphans, remove_orphans, remove_unfinished
from pixeltable.exec.maintenance.statuses import VacuumStatus


def vacuum_table(engine: Engine, table_id: str, retain: Retention | None, grace_s: float) -> VacuumStatus:
    """Of one table; `retain` counts instead of the retention that the table has."""
    started = time.perf_counter()
    table = engine.catalog.schema(table_id).table
    unfinished = remove_unfinished(engine, grace_s)
    places = {table.folder} | destination_folders(engine, [table_id])
    removed = _vacuum(engine, table, retain, grace_s)
    orphans = remove_orphans(engine, [table.folder], grace_s, unfinished)
    orphans += remove_unused_media(engine, places, grace_s)
    return _status(removed, orphans, 0, started)


def vacuum_home(engine: Engine, retain: Retention | None, grace_s: float) -> VacuumStatus:
    """Of all tables, those that were dropped, and functions that nothing uses any more."""
    started = time.perf_counter()
    catalog = engine.catalog
    unfinished = remove_unfinished(engine, grace_s)
    removed, folders = NOTHING, {'tables/'}
    places = destination_folders(engine, catalog.table_ids())
    for table in _tables(engine):
        with contextlib.suppress(NotFoundError):  # dropped since
            removed += _vacuum(engine, table, retain, grace_s)
        folders |= {table.folder} if table.data is not None else set()
    now = time.time_ns() // 1000
    for table, commit, dropped_at in catalog.all_dropped():
        kept = retain or table.retention or Retention()
        if now - dropped_at >= max(grace_s, kept.seconds or 0.0) * 1e6:
            removed += _remove(engine, RemoveTable(table.id, commit, now, tuple(engine.leases.commits())))
        folders |= {table.folder} if table.data is not None else set()
    orphans = remove_orphans(engine, sorted(folders), grace_s, unfinished)
    orphans += remove_unused_media(engine, sorted(folders | places), grace_s)
    functions = catalog.remove_unused_functions(catalog.possible_bound(now - int(grace_s * 1e6), now))
    return _status(removed, orphans, functions, started)


def _status(removed: Removed, orphans: Orphans, functions: int, started: float) -> VacuumStatus:
    return VacuumStatus(
        versions=removed.versions,
        waiting=removed.waiting,
        files=removed.files,
        bytes=removed.bytes + orphans.bytes,
        orphans=orphans.objects,
        tables=removed.tables,
        functions=functions,
        seconds=time.perf_counter() - started,
    )


def _tables(engine: Engine) -> Iterator[TableRecord]:
    """All tables that have rows of their own."""
    ids = [engine.catalog.table_id(path) for path, kind in engine.catalog.list_paths() if kind == 'table']
    records = (engine.catalog.schema(table_id).table for table_id in ids if table_id is not None)
    return (record for record in records if record.base is None)


def _vacuum(engine: Engine, table: TableRecord, retain: Retention | None, grace_s: float) -> Removed:
    kept = retain or table.retention or Retention()
    now = time.time_ns() // 1000
    quiet_since = now - int(grace_s * 1e6) if grace_s else None
    return _remove(engine, Vacuum(table.id, kept, now, quiet_since, tuple(engine.leases.commits())))


def _remove(engine: Engine, change: Vacuum | RemoveTable) -> Removed:
    removed = engine.catalog.commit(Commit('vacuum', (change,))).removed
    delete_objects(engine, removed.paths)
    return removed


def delete_objects(engine: Engine, paths: Iterable[str]) -> None:
    """Deletes what a commit has removed the last name of."""
    engine.context.store.objects.delete(*paths)
