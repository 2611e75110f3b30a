"""What a session offers to calls. Nothing of it is opened or started before a call needs it."""

from __future__ import annotations

from dataclasses import dataclass

from pixeltable.exec.calls.processes import Processes
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.limits.limits import Limits
from pixeltable.media.library import Library


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of a session that calls use."""

    processes: Processes
    ledger: Ledger
    limits: Limits
    library: Library

    def close(self) -> None:
        """Ends processes and threads, and gives back what was claimed."""
        self.processes.kill()
        self.ledger.close()
        self.limits.close()
        self.library.close()
