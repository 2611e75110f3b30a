"""Takes rows of one table out of every version: finds them in all that is stored, and writes what holds them anew."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from pixeltable.catalog.changes import NewFile
from pixeltable.catalog.read.stored import FOREVER, StoredSegment
from pixeltable.catalog.records import ColumnRecord, Contents, FileRecord, Schema, Segment
from pixeltable.catalog.removals import Purge, PurgedSegment, UntouchedSince
from pixeltable.exec.engine import Engine
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.maintenance.lives import Stretches, stages
from pixeltable.exec.maintenance.purge_results import Results
from pixeltable.exec.maintenance.purged import Planned
from pixeltable.exec.source import Source
from pixeltable.storage import deletes
from pixeltable.storage.blanking import blanked, row_ids

Positions = NDArray[np.int64]
Files = tuple[int, ...]

Find = Callable[[Source], Positions]
"""The positions of the live rows that are to go, ascending; asked for whatever the table held at any time."""


@dataclass(slots=True)
class Found:
    """What is to go: rows by their ids, and by segment positions that no readable version sees; `unseen_ids` are of these."""

    ids: Positions
    unseen: dict[int, Positions] = field(default_factory=dict)
    unseen_ids: Positions = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def every_id(self) -> Positions:
        return np.union1d(self.ids, self.unseen_ids)


class PurgeOfTable:
    """What attempts share, so that a repeated one reads and writes only what other writers touched."""

    def __init__(self, engine: Engine, ledger: Ledger, table_id: str, find: Find, at: int | None = None) -> None:
        """`at` is the last commit that saw the table, if it was dropped."""
        self._engine = engine
        self._ledger = ledger
        self._table_id = table_id
        self._rows_to_go = find
        self._seen_at = at
        self._matches: dict[tuple[int, Files], Positions] = {}
        self._rewritten: dict[tuple[int, bytes], NewFile] = {}

    @property
    def written(self) -> set[str]:
        """The objects that were written."""
        return {file.path for file in self._rewritten.values() if file.path is not None}

    @property
    def _every(self) -> Schema:
        """The table with every column that it has or had."""
        columns = tuple(self._engine.catalog.every_column(self._table_id))
        return dataclasses.replace(self._schema, columns=columns)

    @property
    def _schema(self) -> Schema:
        return self._engine.catalog.schema(self._table_id, self._seen_at)

    def plan(self, found: Found, at: int) -> Planned:
        """What takes the rows out that were found in what commit `at` and all before it left."""
        engine, table_id = self._engine, self._table_id
        stretches = Stretches(engine.catalog.readable_stretches(table_id))
        results = Results(engine, self._ledger, self._every)
        schema = self._schema
        changes, touched, live = [], np.zeros(len(stretches), np.bool_), 0
        for stored in self.affected(found):
            ids = row_ids(engine.context.store, whole(stored))
            purged = np.isin(ids, found.ids)
            live += _seen(stored, purged, stretches, touched)
            positions = np.flatnonzero(purged)
            positions = np.union1d(positions, found.unseen.get(stored.segment.id, positions))
            if len(positions):
                changes.append(self._purged(schema, stored, positions))
                results.remove(stored, positions)  # before the commit, after which nobody would find them
        versions = int(np.count_nonzero(touched))
        change = Purge(table_id, tuple(changes))
        return Planned(
            schema.table.path, change, (UntouchedSince(table_id, at),), {'deletes': live}, versions, found.ids, results
        )

    def found(self) -> Found:
        """Looks through everything that is stored."""
        every, stretches = self._every, Stretches(self._engine.catalog.readable_stretches(self._table_id))
        ids: list[Positions] = [np.empty(0, np.int64)]
        unseen: dict[int, Positions] = {}
        unseen_ids: list[Positions] = [np.empty(0, np.int64)]
        for batch in self._engine.catalog.stored_segments(self._table_id):
            self._match(every, batch)
            for stored in batch:
                seen, matched, purged = self._judge(stored, stretches)
                if not matched.any():
                    continue
                its_ids, alone = row_ids(self._engine.context.store, whole(stored)), matched & ~seen
                ids.append(its_ids[purged])
                if alone.any():
                    unseen[stored.segment.id] = np.flatnonzero(alone)
                    unseen_ids.append(its_ids[alone])
        return Found(np.unique(np.concatenate(ids)), unseen, np.unique(np.concatenate(unseen_ids)))

    def _match(self, schema: Schema, batch: Sequence[StoredSegment]) -> None:
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
        positions = self._rows_to_go(source)
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

    def affected(self, found: Found) -> Iterator[StoredSegment]:
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


def whole(stored: StoredSegment) -> Segment:
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
