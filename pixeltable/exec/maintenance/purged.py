"""What a purge is going to do to each table, and what it cannot reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixeltable.catalog.changes import Change, Requirement
from pixeltable.catalog.removals import Purge
from pixeltable.exec.maintenance.purge_results import Results

Positions = NDArray[np.int64]

NOT_REACHED = (
    'backups and other copies of the home, and earlier versions of objects where a bucket keeps them',
    'other tables and files that values were copied to, and logs, of this home too, where messages of errors hold them',
    'what writers left that crashed less than vacuum_grace_s ago, and media stored since then, until the next vacuum',
    'past versions of views of queries, and dropped views, of what the past of the table itself does not hold: see Table.vacuum',
    'results in the ledger of calls that queries made, or that were under way: pxt.ledger.clear() removes them',
)


@dataclass(frozen=True, slots=True)
class Planned:
    """What a purge does to one table: `change` takes rows out, those with `ids`, and `added` puts others in their places.
    `summary` is for the history, to which what happens to a dropped table adds nothing."""

    path: str
    change: Purge
    requirements: tuple[Requirement, ...]
    summary: Mapping[str, object] | None
    versions: int
    ids: Positions
    results: Results
    added: tuple[Change, ...] = ()
