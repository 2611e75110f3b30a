"""How much of a table's past is kept."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Retention:
    """The last `versions` versions are kept, and those of the last `seconds`. None sets no limit.

    Where both are given, a version goes only when neither keeps it.
    """

    versions: int | None = None
    seconds: float | None = None
