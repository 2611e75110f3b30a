"""The files of a new computed column over all attempts to commit it: each row is computed once, as long as its inputs stay."""

from __future__ import annotations

from pixeltable.catalog.changes import NewFile, SegmentIs
from pixeltable.catalog.records import Contents
from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.exec.changes.backfill import backfill, backfill_rest
from pixeltable.exec.changes.computed_before import ComputedBefore
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source


class Filled:
    """What the attempts of one operation share."""

    def __init__(self, engine: Engine, abort: bool, outcome: Outcome) -> None:
        self._engine = engine
        self._abort = abort
        self._outcome = outcome
        self._before: ComputedBefore | None = None

    def files(self, source: Source, column: ComputedColumn) -> dict[int, NewFile]:
        """A file with `column` for each segment of `source`, by segment id."""
        files = self._unchanged(source, column)
        missing = tuple(segment for segment in source.contents.segments if segment.id not in files)
        contents = source.contents
        rest = Source(source.schema, Contents(contents.table_id, contents.commit, missing), source.store)
        if self._before is None:
            files |= backfill(self._engine, rest, [column], self._abort, self._outcome)
        else:
            files |= self._rest(rest, column, self._before)
        self._before = ComputedBefore(source, column.record, files)
        return files

    def _unchanged(self, source: Source, column: ComputedColumn) -> dict[int, NewFile]:
        """The files of segments that are as they were, if the column still has the same id."""
        before = self._before
        if before is None or before.column.id != column.record.id:
            return {}
        known = {SegmentIs.of(segment) for segment in before.source.contents.segments}
        same = (segment for segment in source.contents.segments if SegmentIs.of(segment) in known)
        return {segment.id: before.files[segment.id] for segment in same}

    def _rest(self, rest: Source, column: ComputedColumn, before: ComputedBefore) -> dict[int, NewFile]:
        try:
            return backfill_rest(self._engine, rest, column, before, self._abort, self._outcome)
        except NotFoundError as error:
            if error.error_code is ErrorCode.STORAGE_NOT_FOUND:
                self._before = None  # a purge has removed what was read before; the next attempt computes all rows
            raise
