"""What the calls of one operation share: the operation that counts them, threads and processes, and what stops all of them."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pixeltable.catalog.records import TableRecord
from pixeltable.exec.calls.breaker import Breaker
from pixeltable.exec.calls.services import Services
from pixeltable.exec.ledger.keys import Occurrences
from pixeltable.exec.loop import Flow, LoopThread
from pixeltable.exec.operation import Operation
from pixeltable.exec.usage.meter import QUERY, Owner
from pixeltable.udf.function import Function

if TYPE_CHECKING:
    from pixeltable.exec.calls.gathering import Gatherer


@dataclass(slots=True)
class Calls:
    """Handed down from the operation to each call that it makes.

    Attributes:
        services: the ledger, the limits and the processes of the session.
        breaker: stops an operation in which everything fails; None if the user wants to go on whatever happens.
        owner: the column that the calls are made for, if any.
        is_counted: whether progress counts them.
        stopped: is set when the operation was given up, for threads that cannot be cancelled.
        gatherers: by function, what puts rows of several batches together.
        unkept: by resource pool, how many more calls may be under way whose results are to be kept and are not yet.
        occurrences: tells equal calls apart, of functions that are not deterministic.
    """

    loop: LoopThread
    operation: Operation
    services: Services
    breaker: Breaker | None = None
    owner: Owner = QUERY
    is_counted: bool = True
    stopped: threading.Event = field(default_factory=threading.Event)
    flow: Flow = field(default_factory=Flow)
    gatherers: dict[Any, Gatherer] = field(default_factory=dict)
    unkept: dict[str, asyncio.Semaphore] = field(default_factory=dict)
    occurrences: Occurrences = field(default_factory=Occurrences)

    def of(self, column: str, is_counted: bool) -> Calls:
        """The same for the calls of one column."""
        return replace(self, owner=self.owner._replace(column=column), is_counted=is_counted)

    def of_table(self, table: TableRecord) -> Calls:
        """The same for the calls of columns of a table."""
        return replace(self, owner=Owner(table_id=table.id, path=table.path))

    def keeps(self, function: Function) -> bool:
        """Whether results of `function` are looked up, and kept. To compute again what may differ is to ask for other results."""
        return function.options.cache and (function.is_deterministic or not self.operation.asks_again)

    def advance(self, calls: int) -> None:
        """So many calls more are done."""
        if self.is_counted:
            self.operation.progress.calls(calls)
