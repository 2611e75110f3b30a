"""Writes what operations used into the work database."""

from __future__ import annotations

import datetime
import logging
from collections.abc import Callable, Sequence
from typing import Any

from pixeltable.catalog.work import usage
from pixeltable.catalog.work.open import WorkDatabase
from pixeltable.errors import Error
from pixeltable.exec.usage.meter import Counts

_log = logging.getLogger('pixeltable')


class Recorder:
    """The record of usage of one home."""

    def __init__(self, work: WorkDatabase) -> None:
        self._work = work

    def of(self, operation: str, table_id: str, path: str) -> Callable[[Counts], None]:
        """What writes the counts of one operation on one table."""

        def write(counts: Counts) -> None:
            day = datetime.datetime.now(datetime.UTC).date().isoformat()
            used = [
                usage.Usage(
                    day, owner.table_id or table_id, owner.path or path, owner.column, operation, function,
                    each.calls, each.hits, each.errors, each.seconds, each.input_tokens, each.output_tokens, each.cost,
                )
                for (owner, function), each in counts.items()
            ]  # fmt: skip
            try:
                with self._work.write() as connection:
                    usage.add(connection, used)
            except Error as error:
                # The operation did what it was to do: to fail now, for a statistic, would make its caller do it again.
                _log.warning('the usage of %s %r could not be recorded: %s', operation, path, error)

        return write

    def sums(self, by: usage.By, since: str, table_id: str | None) -> Sequence[Sequence[Any]]:
        """See `usage.sums`."""
        with self._work.read() as connection:
            return usage.sums(connection, by, since, table_id)

    def names(self, by: usage.By) -> tuple[str, ...]:
        """See `usage.names`."""
        return usage.names(by)
