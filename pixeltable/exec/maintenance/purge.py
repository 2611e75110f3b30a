"""Removes rows from every version of a table, and their values from every file.

A row goes, under all of its values, if `where` was true of it in any version that can be read. Stored values for which it is true
and that no such version sees, as they were updated or deleted before, go too. Files are written anew with as many rows as before,
so that positions, and with them delete vectors, keep their meaning: purged rows are NULL and deleted for the whole life of their
segment. What other writers do meanwhile makes it look again at what they touched; nobody waits for it. Rows that views have made
from purged ones go in the same commit (`purge_views`). After it the old objects are deleted at once, stored media that nothing
refers to any more among them, and the catalog is scrubbed.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import nullcontext

from pixeltable.catalog.changes import Commit
from pixeltable.exec.changes.matching import matching
from pixeltable.exec.engine import Engine
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.maintenance.downstream import downstream, dropped_downstream
from pixeltable.exec.maintenance.media import destination_folders, remove_unused_media
from pixeltable.exec.maintenance.orphans import remove_orphans, remove_unfinished
from pixeltable.exec.maintenance.purge_table import Positions, PurgeOfTable
from pixeltable.exec.maintenance.purge_views import PurgeOfViews
from pixeltable.exec.maintenance.purged import NOT_REACHED, Planned
from pixeltable.exec.maintenance.statuses import PurgeStatus
from pixeltable.exec.maintenance.vacuum import delete_objects
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exprs.nodes import Node


def purge(engine: Engine, ledger: Ledger, table_id: str, predicate: Node, grace_s: float) -> PurgeStatus:
    """Purges the rows for which `predicate`, unbound, is true."""
    started = time.perf_counter()
    table = engine.catalog.schema(table_id).table
    unfinished = remove_unfinished(engine, grace_s)
    work = _Work(engine, ledger, table_id, predicate)
    done = until_committed(work.attempt, f'purge of {table.path!r}')
    work.clean_up()
    tables = {table_id: table} | {view.id: view for view in downstream(engine.catalog, table_id)}
    tables |= {view.id: view for view, _ in dropped_downstream(engine.catalog, tables)}
    folders = {each.folder for each in tables.values()}
    orphans = remove_orphans(engine, folders, grace_s, unfinished)
    orphans += remove_unused_media(engine, folders | destination_folders(engine, tables), grace_s)
    return dataclasses.replace(done, objects=done.objects + orphans.objects, seconds=time.perf_counter() - started)


class _Work:
    """A purge, in as many attempts as it takes. One after another reads and writes only what other writers touched."""

    def __init__(self, engine: Engine, ledger: Ledger, table_id: str, predicate: Node) -> None:
        self._engine = engine
        self._ledger = ledger
        self._table_id = table_id

        def find(source: Source) -> Positions:
            return matching(engine, source, [engine.resolver.bind(source.schema, predicate)])

        self._own = PurgeOfTable(engine, ledger, table_id, find)
        self._removed = 0
        self._written: set[str] = set()

    def attempt(self) -> PurgeStatus:
        views = downstream(self._engine.catalog, self._table_id)
        follows = any(view.view is not None and view.view.query is not None for view in views)
        with self._engine.turns.taken() if follows else nullcontext():
            plans = list(self._plans())
            return self._carried_out(plans)

    def _plans(self) -> Iterator[Planned]:
        """For this table, then for the views of it and for those of these."""
        at = self._engine.catalog.last_commit()
        found = self._own.found()
        yield self._own.plan(found, at)
        if len(found.ids) or len(found.unseen_ids):
            views = PurgeOfViews(self._engine, self._ledger, at)
            yield from views.plans(self._table_id, self._own, found)
            self._written |= views.written

    def _carried_out(self, plans: list[Planned]) -> PurgeStatus:
        own, concerned = plans[0], [plan for plan in plans if plan.change.segments]
        if not concerned:
            return PurgeStatus(not_reached=NOT_REACHED)
        self._removed += sum(plan.results.removed for plan in plans)
        left = [text for plan in concerned for text in plan.results.scrub()]
        commit = Commit(
            'purge',
            tuple(change for plan in concerned for change in (plan.change, *plan.added)),
            tuple(requirement for plan in plans for requirement in plan.requirements),
            tuple((plan.change.table_id, 'data', dict(plan.summary)) for plan in concerned if plan.summary is not None),
        )
        committed = self._engine.commit(commit)
        delete_objects(self._engine, committed.removed.paths)
        left += self._engine.catalog.scrub()
        return PurgeStatus(
            rows=len(own.ids),
            versions=own.versions,
            files=sum(new is not None for plan in concerned for each in plan.change.segments for _, new in each.files),
            objects=len(committed.removed.paths),
            results=self._removed,
            views={plan.path: len(plan.ids) for plan in concerned if plan is not own},
            not_reached=(*dict.fromkeys(left), *NOT_REACHED),
        )

    def clean_up(self) -> None:
        """Deletes what attempts have written that came to nothing: it may hold what a later one found."""
        delete_objects(self._engine, (self._own.written | self._written) - self._engine.catalog.named_objects())
