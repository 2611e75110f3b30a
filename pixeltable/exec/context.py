"""What operators need to run: passed down from the session, never reached through a global."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from pixeltable.errors import ErrorCode
from pixeltable.exec.calls.breaker import Breaker
from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.calls.services import Services
from pixeltable.exec.display import Display
from pixeltable.exec.loop import LoopThread
from pixeltable.exec.operation import Operation
from pixeltable.exec.progress import Advance
from pixeltable.exec.relational import Relational
from pixeltable.exec.searches import Searches
from pixeltable.storage.segments import SegmentStore
from pixeltable.types.coerce import column_to_arrow
from pixeltable.types.column_type import ColumnType

if TYPE_CHECKING:
    from pixeltable.catalog.changes import NewFile
    from pixeltable.catalog.records import Schema
    from pixeltable.exec.compute import Errors
    from pixeltable.exec.resolve import ComputedColumn
    from pixeltable.exec.source import Source


class Backend(Protocol):
    """Computes columns elsewhere; `advance` is told of rows that are done."""

    def computed(
        self,
        schema: Schema,
        tables: Iterator[pa.Table],
        columns: Sequence[ComputedColumn],
        abort: bool | None,
        advance: Advance,
    ) -> Iterator[tuple[pa.Table, Errors]]:
        """The rows of `tables` with `columns` added, in their order."""

    def backfill(
        self,
        source: Source,
        columns: Sequence[ComputedColumn],
        fields: Sequence[str],
        abort: bool | None,
        advance: Advance,
    ) -> Iterator[tuple[int, NewFile, int, Errors]]:
        """For each segment its id, a new file with `columns`, and how many rows were computed with which errors."""


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of a session that execution uses, for one operation.

    `zone` is the time zone in which functions see timestamps, `display` shows progress, if anything does, `services` is what
    calls of functions need besides, and `backend` computes columns; None for this process.
    """

    store: SegmentStore
    relational: Relational
    loop: LoopThread
    searches: Searches
    zone: tzinfo
    services: Services
    display: Display | None = None
    operation: Operation = field(default_factory=partial(Operation, 'maintenance'))
    backend: Backend | None = None

    def during(self, operation: Operation) -> Context:
        """This context for one operation."""
        same = self.store, self.relational, self.loop, self.searches, self.zone, self.services, self.display
        return Context(*same, operation, self.backend)

    def calls(self, breaker: Breaker | None = None) -> Calls:
        """What the calls of one operation share."""
        return Calls(self.loop, self.operation, self.services, breaker)

    def coerced(self, values: Sequence[Any], type_: ColumnType, column: str) -> pa.Array:
        """Values that a user gave, in the storage type of their column. Raises TYPE_MISMATCH naming the column."""
        return column_to_arrow(values, type_, column=column, zone=self.zone, code=ErrorCode.TYPE_MISMATCH)
