"""Objects of this process that no commit names yet, as far as it still wants to name them.

Whoever removes orphans must know since when writers are at work. A name is taken before its object is written, and counts until
the write fails or nobody holds the `NewFile` any more: then it was committed, or its operation gave up.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from pixeltable._support.time_ids import made_at, new_id
from pixeltable.catalog.changes import NewFile


class Uncommitted:
    """Safe to share between threads."""

    def __init__(self) -> None:
        self._held: dict[str, weakref.ref[NewFile] | None] = {}

    @contextmanager
    def named(self) -> Iterator[str]:
        """A new name for an object that is written inside the block."""
        name = new_id()
        self._held[name] = None
        try:
            yield name
        except BaseException:
            del self._held[name]
            raise

    def follow(self, name: str, file: NewFile) -> NewFile:
        """From now on the name counts as long as `file` is in use."""
        self._held[name] = weakref.ref(file, lambda _: self._held.pop(name, None))
        return file

    def times(self) -> list[int]:
        """When the names that count were made, in microseconds since 1970."""
        # A copy is made in one step, whatever other threads do.
        return [made_at(name) or 0 for name in self._held.copy()]
