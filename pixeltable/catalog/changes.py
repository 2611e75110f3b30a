"""Intents: what a commit changes, and what must still be true when it does. Plain data that `Catalog.commit` carries out.

Requirements are checked inside the commit's transaction. An append requires only an unchanged schema, so appends never
conflict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pixeltable.catalog.jobs import AdvanceJob, StartJob
from pixeltable.catalog.records import ColumnRecord, Contents, Segment, StoredColumn, TableRecord
from pixeltable.catalog.removals import NOTHING, Purge, Removed, RemoveTable, UntouchedSince, Vacuum
from pixeltable.catalog.repairs import ForgetAside, RaiseCounter, ReplaceFile
from pixeltable.catalog.returns import AddSnapshot, DropSnapshot, ForgetVersion, Restore, RestoreTable


@dataclass(frozen=True, slots=True)
class CreateDirectory:
    path: str


@dataclass(frozen=True, slots=True)
class DropDirectory:
    path: str


@dataclass(frozen=True, slots=True)
class CreateTable:
    table: TableRecord
    columns: tuple[ColumnRecord, ...]


@dataclass(frozen=True, slots=True)
class ReplaceTable:
    """Replaces the table's own record, as moving or commenting does."""

    table: TableRecord


@dataclass(frozen=True, slots=True)
class DropTable:
    table_id: str
    with_snapshots: bool = False


@dataclass(frozen=True, slots=True)
class AddColumn:
    table_id: str
    column: ColumnRecord


@dataclass(frozen=True, slots=True)
class ReplaceColumn:
    """Replaces a column's record and keeps its id and place."""

    table_id: str
    column: ColumnRecord


@dataclass(frozen=True, slots=True)
class DropColumn:
    table_id: str
    column_id: int


@dataclass(frozen=True, slots=True, weakref_slot=True)
class NewFile:
    """A column file that is already durable at `path`, or travels inlined in `data`."""

    columns: tuple[StoredColumn, ...]
    size: int
    checksum: str
    path: str | None = None
    data: bytes | None = None
    stats: str | None = None
    blocks: bytes | None = None


@dataclass(frozen=True, slots=True)
class AddSegment:
    """Adds rows. `id_range` is None for new rows, whose ids the commit assigns, or `(min, max)` of ids stored in a file.

    A flush or compaction of contiguous rows that keep their ids gives `first_id` and needs no stored ids.
    """

    table_id: str
    rows: int
    files: tuple[NewFile, ...]
    id_range: tuple[int, int] | None = None
    first_id: int | None = None


@dataclass(frozen=True, slots=True)
class EndSegment:
    segment_id: int


@dataclass(frozen=True, slots=True)
class AddFile:
    """Adds a column file to a segment that exists: a back-fill or a recomputation."""

    segment_id: int
    file: NewFile


@dataclass(frozen=True, slots=True)
class ReplaceDeletes:
    """Gives a segment a new delete vector, which includes the old one."""

    segment_id: int
    count: int
    data: bytes


Change = (
    CreateDirectory
    | DropDirectory
    | CreateTable
    | ReplaceTable
    | DropTable
    | RestoreTable
    | AddColumn
    | ReplaceColumn
    | DropColumn
    | AddSegment
    | EndSegment
    | AddFile
    | ReplaceDeletes
    | AddSnapshot
    | DropSnapshot
    | Restore
    | ForgetVersion
    | Vacuum
    | Purge
    | RemoveTable
    | ReplaceFile
    | ForgetAside
    | RaiseCounter
    | StartJob
    | AdvanceJob
)


@dataclass(frozen=True, slots=True)
class SchemaIs:
    """The table exists and its last schema change was commit `schema_version`."""

    table_id: str
    schema_version: int


@dataclass(frozen=True, slots=True)
class SegmentIs:
    """The segment is live, its delete vector is still `deletes_id` (None: it has none), and its newest file is `file_id`.

    What copies a segment's rows elsewhere would lose a column file that came in meanwhile, and keep one that was undone.
    """

    segment_id: int
    deletes_id: int | None
    file_id: int

    @staticmethod
    def of(segment: Segment) -> SegmentIs:
        """The segment as it is known now."""
        newest = max((file.id for file in segment.files), default=0)
        return SegmentIs(segment.id, segment.deletes.id if segment.deletes else None, newest)


@dataclass(frozen=True, slots=True)
class NothingSince:
    """No segment of the table began after `commit`: what was computed for all rows still covers all rows."""

    table_id: str
    commit: int


@dataclass(frozen=True, slots=True)
class NoVersionSince:
    """Nothing that users see of the table changed after `commit`: a view changes with its base, whose rows it does not hold."""

    table_id: str
    commit: int


@dataclass(frozen=True, slots=True)
class VersionIs:
    """The table's current version is still the one that `commit` made. Its number would not do: `revert` gives it away."""

    table_id: str
    commit: int


@dataclass(frozen=True, slots=True)
class HasVersion:
    """Version `version` of the table is still the one that `commit` made: neither reverted nor vacuumed meanwhile."""

    table_id: str
    version: int
    commit: int


@dataclass(frozen=True, slots=True)
class ContentsPass:
    """`check` finds nothing against the table's contents as they are now; `known` are those that it has seen.

    It runs while no other commit can happen, so it must be quick; what would take it long it answers with `RequirementFailed`.
    """

    known: Contents
    check: Callable[[Contents], None]


Requirement = (
    SchemaIs | SegmentIs | NothingSince | NoVersionSince | VersionIs | HasVersion | UntouchedSince | ContentsPass
)


@dataclass(frozen=True, slots=True)
class Commit:
    """One operation. `versions` has `(table_id, kind, summary)` for each new version; kind is 'data' or 'schema'.

    A commit that changes no content that users see (a flush) has none.
    """

    operation: str
    changes: tuple[Change, ...]
    requirements: tuple[Requirement, ...] = ()
    versions: tuple[tuple[str, str, dict[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Committed:
    """Its id, the version that each table got, the smallest row id of each new segment, what went for good, the ids of the new
    segments, and the id of the job that it started."""

    commit: int
    versions: dict[str, int]
    first_ids: tuple[int, ...] = ()
    removed: Removed = NOTHING
    segment_ids: tuple[int, ...] = ()
    job: int | None = None


class RequirementFailed(Exception):
    """Raised by `Catalog.commit` when a requirement no longer holds; nothing was changed. Callers plan again."""
