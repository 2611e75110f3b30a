"""The files of a new computed column over all attempts to commit it: each row is computed once, as long as its inputs stay."""

from __future__ import annotations

from pixeltable.catalog.changes import NewFile, SegmentIs
from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.exec.changes.backfill import backfill_rest
from pixeltable.exec.changes.computed_before import ComputedBefore
from pixeltable.exec.changes.pending import backfill_with_inputs, missing_inputs
from pixeltable.exec.engine import Engine
from pixeltable.exec.outcome import Outcome
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.source import Source


class Filled:
    """What the attempts of one operation share."""

    def __init__(self, engine: Engine, abort: bool | None, outcome: Outcome) -> None:
        self._engine = engine
        self._abort = abort
        self._outcome = outcome
        self._before: ComputedBefore | None = None

    def files(self, source: Source, column: ComputedColumn) -> dict[int, NewFile]:
        """A file with `column` for each segment of `source`, by segment id."""
        files = self._unchanged(source, column)
        missing = [segment for segment in source.contents.segments if segment.id not in files]
        before, whole = self._before, missing
        if before is not None:
            whole = [segment for segment in missing if missing_inputs(source, segment, [column.record])]
            rest = source.part([segment for segment in missing if segment not in whole])
            files |= self._rest(rest, column, before)
        files |= backfill_with_inputs(self._engine, source.part(whole), [column], self._abort, self._outcome)
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
