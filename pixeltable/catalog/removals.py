"""Changes that take something out of the past, and what they tell of it. All others only add to it: see `changes`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pixeltable.catalog.retention import Retention

if TYPE_CHECKING:
    from pixeltable.catalog.changes import NewFile


@dataclass(frozen=True, slots=True)
class Vacuum:
    """Takes versions out of reach that `retain` does not keep, and removes what ended and no version needs any more.

    `now` is the time (microseconds since 1970) from which ages count. What ended after `quiet_since`, or is needed by versions
    that were taken out of reach after it, stays for those who still read it; None leaves them nothing. `in_use` are commits that
    readers of this process hold, like leases.
    """

    table_id: str
    retain: Retention
    now: int
    quiet_since: int | None
    in_use: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoveTable:
    """Removes all that is left of a table that commit `dropped` dropped. Does nothing if it came back, or is in use."""

    table_id: str
    dropped: int
    now: int
    in_use: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class PurgedSegment:
    """What takes the places of a segment's files and delete vectors, by their ids; a file may have none, and goes.

    `without_vector` is the count and the data of the vector for commits that saw the segment without one. With `is_emptied`
    nothing is left of the segment, and it goes.
    """

    segment_id: int
    files: tuple[tuple[int, NewFile | None], ...]
    deletes: tuple[tuple[int, int, bytes], ...] = ()
    without_vector: tuple[int, bytes] = (0, b'')
    is_emptied: bool = False


@dataclass(frozen=True, slots=True)
class Purge:
    """Takes rows out of all commits. It must require `UntouchedSince` the commit at which all segments were looked through."""

    table_id: str
    segments: tuple[PurgedSegment, ...]


@dataclass(frozen=True, slots=True)
class UntouchedSince:
    """No segment and no file of the table began or ended after `commit`."""

    table_id: str
    commit: int


@dataclass(frozen=True, slots=True)
class Removed:
    """What a commit removed for good. `paths` are the objects that nothing names any more: whoever committed deletes them.

    `versions` went out of reach; of those and earlier ones, `waiting` versions still have contents, for who may be reading them.
    `files` and `bytes` are of column files, inlined ones included; of an object that another file still names, nothing counts.
    """

    versions: int = 0
    waiting: int = 0
    files: int = 0
    bytes: int = 0
    paths: tuple[str, ...] = ()
    tables: int = 0

    def __add__(self, other: Removed) -> Removed:
        return Removed(
            self.versions + other.versions,
            self.waiting + other.waiting,
            self.files + other.files,
            self.bytes + other.bytes,
            self.paths + other.paths,
            self.tables + other.tables,
        )


NOTHING = Removed()
