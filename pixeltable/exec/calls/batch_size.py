"""How many rows a batched function gets at once: as many as it was declared to take, and fewer where that is faster.

Larger batches cost less overhead, but what is padded to the longest of its texts, or falls out of a processor's cache, goes
faster in smaller ones. So half of the size is tried once some batches were measured, and kept if it is clearly better.
"""

from __future__ import annotations

LEAST_SECONDS = 0.01
"""Batches that take no longer are not worth the trouble, and cannot be measured well."""

MEASURED = 4
"""So many full batches of a size are measured before it is judged."""

BETTER = 1.15
"""A smaller size must be faster by this factor: measurements vary, and a machine does other things, too."""


class BatchSize:
    """The size of the next batch."""

    def __init__(self, declared: int, *, may_adapt: bool) -> None:
        self.rows = declared
        self._may_adapt = may_adapt
        self._larger: tuple[int, float] | None = None
        """The size that was halved to see what comes of it, and its rows a second."""
        self._measured: list[float] = []

    def took(self, rows: int, seconds: float) -> None:
        """After a batch of `rows`."""
        if not self._may_adapt or rows != self.rows or rows == 1:
            return
        if seconds < LEAST_SECONDS:
            self._may_adapt = self._larger is not None  # so small a batch of a size that is being tried is a good sign
        self._measured.append(rows / max(seconds, 1e-9))
        if len(self._measured) < MEASURED:
            return
        rate = sorted(self._measured)[MEASURED // 2]
        self._measured.clear()
        if self._larger is not None and rate < BETTER * self._larger[1]:
            self.rows, self._may_adapt = self._larger[0], False
        else:
            self._larger = rows, rate
            self.rows = max(1, rows // 2)

    def was_too_much(self, rows: int) -> None:
        """After a batch of `rows` for which the memory was not enough."""
        self.rows = max(1, min(self.rows, rows // 2))
        self._may_adapt = False
