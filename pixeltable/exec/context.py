"""What operators need to run: passed down from the session, never reached through a global."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import pyarrow as pa

from pixeltable.errors import ErrorCode
from pixeltable.exec.calls.breaker import Breaker
from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.calls.services import Services
from pixeltable.exec.loop import LoopThread
from pixeltable.exec.progress import Advance, unseen
from pixeltable.exec.relational import Relational
from pixeltable.exec.searches import Searches
from pixeltable.storage.segments import SegmentStore
from pixeltable.types.coerce import column_to_arrow
from pixeltable.types.column_type import ColumnType


@dataclass(frozen=True, slots=True)
class Context:
    """The parts of a session that execution uses. `zone` is the time zone in which functions see timestamps."""

    store: SegmentStore
    relational: Relational
    loop: LoopThread
    searches: Searches
    zone: tzinfo
    show_progress: bool
    services: Services | None = None

    def calls(self, advance: Advance = unseen, breaker: Breaker | None = None) -> Calls:
        """What the calls of one operation share."""
        return Calls(self.loop, advance, self.services, breaker)

    def coerced(self, values: Sequence[Any], type_: ColumnType, column: str) -> pa.Array:
        """Values that a user gave, in the storage type of their column. Raises TYPE_MISMATCH naming the column."""
        return column_to_arrow(values, type_, column=column, zone=self.zone, code=ErrorCode.TYPE_MISMATCH)
