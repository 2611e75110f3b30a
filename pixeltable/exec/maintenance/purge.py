"""Removes rows from every version of a table, and their values from every file.

A row goes, under all of its values, if `where` was true of it in any version that can be read. Stored values for which it is true
and that no such version sees, as they were updated or deleted before, go too. Files are written anew with as many rows as before,
so that positions, and with them delete vectors, keep their meaning: purged rows are NULL and deleted for the whole life of their
segment. What other writers do meanwhile makes it look again at what they touched; nobody waits for it. Rows that views have made
from purged ones go in the same commit. After it the old objects are deleted at once, stored media that nothing refers to any more
among them, and the catalog is scrubbed.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixeltable.catalog.changes import Commit, NewFile
from pixeltable.catalog.read.stored import FOREVER, StoredSegment
from pixeltable.catalog.records import ColumnRecord, Contents, FileRecord, Schema, Segment
from pixeltable.catalog.removals import Purge, PurgedSegment, UntouchedSince
from pixeltable.catalog.views import BASE_ROW, BASE_ROW_NAME
from pixeltable.exec.changes.matching import matching
from pixeltable.exec.engine import Engine
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.maintenance.lives import Stretches, stages
from pixeltable.exec.maintenance.media import destination_folders, remove_unused_media
from pixeltable.exec.maintenance.orphans import remove_orphans, remove_unfinished
from pixeltable.exec.maintenance.purge_results import Results
from pixeltable.exec.maintenance.purged import NOT_REACHED, Planned, Purged
from pixeltable.exec.maintenance.vacuum import delete_objects
from pixeltable.exec.source import Source
from pixeltable.exec.transaction import until_committed
from pixeltable.exec.views.dependents import check_rows_known
from pixeltable.exprs.choices import is_in
from pixeltable.exprs.nodes import ColumnRef, Node
from pixeltable.storage import deletes
from pixeltable.storage.blanking import blanked, row_ids
from pixeltable.types.column_type import INT

Positions = NDArray[np.int64]
Files = tuple[int, ...]


@dataclass(slots=True)
class _Found:
    """What is to go: rows by their ids, and by segment positions that no readable version sees."""

    ids: Positions
    unseen: dict[int, Positions]


def purge(engine: Engine, ledger: Ledger, table_id: str, predicate: Node, grace_s: float) -> Purged:
    """Purges the rows for which `predicate`, unbound, is true."""
    started = time.perf_counter()
    table = engine.catalog.schema(table_id).table
    unfinished = remove_unfinished(engine, grace_s)
    places = {table.folder} | destination_folders(engine, [table_id])
    work = _Work(engine, ledger, table_id, predicate)
    done = until_committed(work.attempt, f'purge of {table.path!r}')
    work.clean_up()
    orphans = remove_orphans(engine, [table.folder], grace_s, unfinished)
    orphans += remove_unused_media(engine, places, grace_s)
    return dataclasses.replace(done, objects=done.objects + orphans.objects, seconds=time.perf_counter() - started)


class _Work:
    """What attempts share, so that a repeated one reads and writes only what other writers touched."""

    def __init__(self, engine: Engine, ledger: Ledger, table_id: str, predicate: Node) -> None:
        self._engine = engine
        self._ledger = ledger
        self._table_id = table_id
        self._predicate = predicate
        self._matches: dict[tuple[int, Files], Positions] = {}
        self._rewritten: dict[tuple[int, bytes], NewFile] = {}
        self._removed = 0
        self._views: list[_Work] = []

    def attempt(self) -> Purged:
        plans = self._plans()
        own, concerned = plans[0], [plan for plan in plans if plan.change.segments]
        if not concerned:
            return Purged(not_reached=NOT_REACHED)
        self._removed += sum(plan.results.removed for plan in plans)
        left = [text for plan in concerned for text in plan.results.scrub()]
        commit = Commit(
            'purge',
            tuple(plan.change for plan in concerned),
            tuple(plan.requirement for plan in plans),
            tuple((plan.change.table_id, 'data', {'deletes': plan.live}) for plan in concerned),
        )
        committed = self._engine.catalog.commit(commit)
        delete_objects(self._engine, committed.removed.paths)
        left += self._engine.catalog.scrub()
        return Purged(
            rows=len(own.ids),
            versions=own.versions,
            files=sum(new is not None for plan in concerned for each in plan.change.segments for _, new in each.files),
            objects=len(committed.removed.paths),
            results=self._removed,
            not_reached=(*dict.fromkeys(left), *NOT_REACHED),
        )

    def _plans(self) -> list[Planned]:
        """For this table, then for the views of it and for those of these."""
        own = self._plan()
        plans = [own]
        for record in self._engine.catalog.derived(self._table_id) if len(own.ids) else ():
            check_rows_known(record)
            if record.view is not None:
                made_from = ColumnRef(INT, record.id, BASE_ROW, BASE_ROW_NAME, record.path)
                view = _Work(self._engine, self._ledger, record.id, is_in(made_from, own.ids.tolist()))
                self._views.append(view)
                plans += view._plans()
        return plans

    def _plan(self) -> Planned:
        engine, table_id = self._engine, self._table_id
        source = engine.source(table_id)
        stretches = Stretches(engine.catalog.readable_stretches(table_id))
        every = dataclasses.replace(source.schema, columns=tuple(engine.catalog.every_column(table_id)))
        found = self._find(every, stretches)
        results = Results(engine, self._ledger, every)
        changes, touched, live = [], np.zeros(len(stretches), np.bool_), 0
        for stored in self._affected(found):
            ids = row_ids(engine.context.store, _whole(stored))
            purged = np.isin(ids, found.ids)
            live += _seen(stored, purged, stretches, touched)
            positions = np.flatnonzero(purged)
            positions = np.union1d(positions, found.unseen.get(stored.segment.id, positions))
            if len(positions):
                changes.append(self._purged(source.schema, stored, positions))
                results.remove(stored, positions)  # before the commit, after which nobody would find them
        requirement = UntouchedSince(table_id, source.contents.commit)
        versions = int(np.count_nonzero(touched))
        return Planned(Purge(table_id, tuple(changes)), requirement, live, versions, found.ids, results)

    def clean_up(self) -> None:
        """Deletes what attempts have written that came to nothing: it may hold what a later one found."""
        named = self._engine.catalog.named_objects()
        works = [self, *self._views]
        paths = {file.path for work in works for file in work._rewritten.values() if file.path is not None}
        delete_objects(self._engine, paths - named)

    def _find(self, every: Schema, stretches: Stretches) -> _Found:
        predicate = self._engine.resolver.bind(every, self._predicate)
        ids: list[Positions] = [np.empty(0, np.int64)]
        unseen: dict[int, Positions] = {}
        for batch in self._engine.catalog.stored_segments(self._table_id):
            self._match(every, predicate, batch)
            for stored in batch:
                seen, matched, purged = self._judge(stored, stretches)
                if purged.any():
                    ids.append(row_ids(self._engine.context.store, _whole(stored))[purged])
                if (matched & ~seen).any():
                    unseen[stored.segment.id] = np.flatnonzero(matched & ~seen)
        return _Found(np.unique(np.concatenate(ids)), unseen)

    def _match(self, schema: Schema, predicate: Node, batch: Sequence[StoredSegment]) -> None:
        """Finds the rows that match, deleted ones too, with each list of files that their segments had."""
        new: list[tuple[tuple[int, Files], Segment]] = []
        for stored in batch:
            for files in {stage.files for stage in stages(stored)}:
                key = stored.segment.id, tuple(file.id for file in files)
                if key not in self._matches:
                    # Ids below 0 are in no cache.
                    new.append((key, dataclasses.replace(stored.segment, id=-1 - len(new), files=files)))
        if not new:
            return
        contents = Contents(self._table_id, 0, tuple(segment for _, segment in new))
        source = Source(schema, contents, self._engine.context.store)
        positions = matching(self._engine, source, [predicate])
        bounds = np.searchsorted(positions, source.offsets)
        for index, (key, _) in enumerate(new):
            self._matches[key] = positions[bounds[index] : bounds[index + 1]] - source.offsets[index]

    def _judge(
        self, stored: StoredSegment, stretches: Stretches
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Which rows a readable version sees, which ever matched, and which did in the eyes of a readable version."""
        rows = stored.segment.rows
        seen, matched, purged = (np.zeros(rows, np.bool_) for _ in range(3))
        for stage in stages(stored):
            matches = self._matches[stored.segment.id, tuple(file.id for file in stage.files)]
            matched[matches] = True
            if stretches.between(stage.begin, stage.end).size:
                live = stage.live(rows)
                seen |= live
                purged[matches] |= live[matches]
        return seen, matched, purged

    def _affected(self, found: _Found) -> Iterator[StoredSegment]:
        """The segments that have rows to be purged, and a few that only might."""
        for batch in self._engine.catalog.stored_segments(self._table_id):
            for stored in batch:
                low, high = np.searchsorted(found.ids, [stored.segment.min_id, stored.segment.max_id + 1])
                if low < high or stored.segment.id in found.unseen:
                    yield stored

    def _purged(self, schema: Schema, stored: StoredSegment, positions: Positions) -> PurgedSegment:
        """What takes the place of a segment."""
        segment = stored.segment
        vectors = tuple((vector.id, *deletes.extend(vector, positions, segment.rows)) for vector, _ in stored.deletes)
        emptied = len(positions) == segment.rows
        files = {
            file.id: None if emptied else self._rewrite(schema, stored, file, positions) for file, _ in stored.files
        }
        return PurgedSegment(
            segment.id, tuple(files.items()), vectors, deletes.extend(None, positions, segment.rows), emptied
        )

    def _rewrite(self, schema: Schema, stored: StoredSegment, file: FileRecord, positions: Positions) -> NewFile | None:
        if file.is_key_filter:  # it holds hashes of the keys; without it, the keys are read once
            return None
        key = file.id, positions.tobytes()
        if key not in self._rewritten:
            self._rewritten[key] = blanked(
                self._engine.context.store, schema.table.folder, stored.segment, file, positions, self._never_null()
            )
        return self._rewritten[key]

    def _never_null(self) -> frozenset[int]:
        columns: Sequence[ColumnRecord] = self._engine.catalog.every_column(self._table_id)
        return frozenset(column.id for column in columns if not column.type.nullable and not column.is_computed)


def _whole(stored: StoredSegment) -> Segment:
    """The segment with the files that it began with, which have its row ids."""
    first = min(stages(stored), key=lambda stage: stage.begin)
    return dataclasses.replace(stored.segment, id=-1, files=first.files)


def _seen(stored: StoredSegment, purged: NDArray[np.bool_], stretches: Stretches, touched: NDArray[np.bool_]) -> int:
    """Marks the readable versions that see rows which are purged; returns how many rows are live now."""
    live_now = 0
    for stage in stages(stored):
        visible = stage.live(stored.segment.rows) & purged
        if visible.any():
            touched[stretches.between(stage.begin, stage.end)] = True
            live_now += int(np.count_nonzero(visible)) if stage.end == FOREVER else 0
    return live_now
