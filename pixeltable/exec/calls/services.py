"""What a session offers to calls, each part made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pixeltable.exec.calls.processes import Processes


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a session that calls use. `ledger` and `limits` are opened by calling them."""

    processes: Processes
    ledger: Callable[[], Any] | None = None
    limits: Callable[[], Any] | None = None

    def close(self) -> None:
        """Ends processes."""
        self.processes.kill()
