"""What the calls of one operation share: threads and processes, progress, and what stops all of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pixeltable.exec.calls.breaker import Breaker
from pixeltable.exec.loop import Flow, LoopThread
from pixeltable.exec.progress import Advance, unseen

if TYPE_CHECKING:
    from pixeltable.exec.calls.gathering import Gatherer
    from pixeltable.exec.calls.services import Services


@dataclass(slots=True)
class Calls:
    """Handed down from the operation to each call that it makes.

    Attributes:
        services: the ledger, limits and meters of the session; None where a function is called for its own sake.
        breaker: stops an operation in which everything fails; None if the user wants to go on whatever happens.
        stopped: is set when the operation was given up, for threads that cannot be cancelled.
        gatherers: by function, what puts rows of several batches together.
    """

    loop: LoopThread
    advance: Advance = unseen
    services: Services | None = None
    breaker: Breaker | None = None
    stopped: threading.Event = field(default_factory=threading.Event)
    flow: Flow = field(default_factory=Flow)
    gatherers: dict[Any, Gatherer] = field(default_factory=dict)

    def unseen(self) -> Calls:
        """The same without progress, for calls that nobody waits for."""
        return replace(self, advance=unseen)
