"""Deletes what writers left in the object store and no commit names: those that crashed, and those that lost a race.

How it is known that nobody is about to name such an object is told in `catalog.orphans`. Only objects with names of ours are
looked at: what a user put beside them stays.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass

from pixeltable.catalog.orphans import written_at
from pixeltable.exec.engine import Engine

UNFINISHED_S = 60.0
"""A file that is being written is touched much more often than that."""


@dataclass(frozen=True, slots=True)
class Orphans:
    """How many objects were deleted, unfinished ones included, and the bytes of those that were whole."""

    objects: int = 0
    bytes: int = 0

    def __add__(self, other: Orphans) -> Orphans:
        return Orphans(self.objects + other.objects, self.bytes + other.bytes)


def remove_orphans(engine: Engine, folders: Iterable[str], grace_s: float, unfinished: int) -> Orphans:
    """Of the objects whose keys begin with one of `folders`. `unfinished` is what `remove_unfinished` returned."""
    objects = engine.context.store.objects
    now = time.time_ns() // 1000
    quiet_since = now - int(grace_s * 1e6)
    writing_since = engine.leases.writing_since()
    bound = engine.catalog.possible_bound(min(quiet_since, writing_since or quiet_since), now)
    named = engine.catalog.named_objects()
    sizes = {}
    for found in (each for folder in folders for each in objects.list(folder)):
        made = written_at(found.key)
        if found.key not in named and made is not None and made < bound and found.modified * 1e6 < quiet_since:
            sizes[found.key] = found.size
    orphans = engine.catalog.condemn(sizes, bound) if sizes else []
    objects.delete(*orphans)
    return Orphans(len(orphans) + unfinished, sum(sizes[key] for key in orphans))


def remove_unfinished(engine: Engine, grace_s: float) -> int:
    """Deletes what was never finished; returns how many. Raises INVALID_CONFIGURATION if the root is another catalog's.

    So who removes from the catalog, too, calls it first.
    """
    return engine.context.store.objects.remove_unfinished(max(grace_s, UNFINISHED_S))
