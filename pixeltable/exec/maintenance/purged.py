"""What a purge is going to do to each table, and what it did."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixeltable.catalog.removals import Purge, UntouchedSince
from pixeltable.exec.maintenance.purge_results import Results

Positions = NDArray[np.int64]

NOT_REACHED = (
    'backups and other copies of the home, and earlier versions of objects where a bucket keeps them',
    'other tables and files that values were copied to, and logs, of this home too, where messages of errors hold them',
    'what writers left that crashed less than vacuum_grace_s ago, and media stored since then, until the next vacuum',
    'results in the ledger of calls that queries made, or that were under way: pxt.ledger.clear() removes them',
)


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge did: rows that went, versions that had some, files written anew, objects deleted, results of functions removed
    from the ledger, and what it cannot reach."""

    rows: int = 0
    versions: int = 0
    files: int = 0
    objects: int = 0
    results: int = 0
    not_reached: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Planned:
    """What a purge does to one table."""

    change: Purge
    requirement: UntouchedSince
    live: int
    versions: int
    ids: Positions
    results: Results
