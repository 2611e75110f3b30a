"""What operators need to run: passed down from the session, never reached through a global."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial
from typing import Any

import pyarrow as pa

from pixeltable.errors import ErrorCode
from pixeltable.exec.display import Display
from pixeltable.exec.loop import LoopThread
from pixeltable.exec.operation import Operation
from pixeltable.exec.relational import Relational
from pixeltable.exec.searches import Searches
from pixeltable.storage.segments import SegmentStore
from pixeltable.types.coerce import column_to_arrow
from pixeltable.types.column_type import ColumnType


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of a session that execution uses, for one operation.

    `zone` is the time zone in which functions see timestamps, `display` shows progress, if anything does.
    """

    store: SegmentStore
    relational: Relational
    loop: LoopThread
    searches: Searches
    zone: tzinfo
    display: Display | None = None
    operation: Operation = field(default_factory=partial(Operation, 'maintenance'))

    def coerced(self, values: Sequence[Any], type_: ColumnType, column: str) -> pa.Array:
        """Values that a user gave, in the storage type of their column. Raises TYPE_MISMATCH naming the column."""
        return column_to_arrow(values, type_, column=column, zone=self.zone, code=ErrorCode.TYPE_MISMATCH)
