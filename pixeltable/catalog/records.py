"""What the catalog stores, as frozen values. Nothing here knows how or where it is stored.

Every record is valid from the commit that began it to the commit that ended it; a `Schema` or `Contents` is the set of
records that one commit sees.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pixeltable.types.column_type import ColumnType

ROW_ID = 0
"""The column id that stands for the row's own id."""


@dataclass(frozen=True, slots=True)
class EmbeddingSpec:
    """Makes a computed column an embedding index on `column_id`."""

    index_name: str
    column_id: int
    metric: str
    precision: str


@dataclass(frozen=True, slots=True)
class ColumnRecord:
    """A column of a table. `id` is unique in its table, from 1, and never used again.

    `value` is the expression document of a computed column (`exprs.codec`), kept undecoded so that a table opens even
    when a function cannot be found. `fingerprint` identifies the code that computes it.
    """

    id: int
    name: str
    type: ColumnType
    value: dict[str, Any] | None = None
    fingerprint: str | None = None
    depends_on: tuple[int, ...] = ()
    stored: bool = True
    comment: str = ''
    custom_metadata: Any = None
    on_error: str | None = None
    embedding: EmbeddingSpec | None = None

    @property
    def is_computed(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A table, or a snapshot that has a path of its own.

    `schema_version` is the commit of its last schema change, 0 while it is being created. A snapshot has no columns and no
    rows; its `base` is the id and the version of the table that it stands for.
    """

    id: str
    path: str
    kind: str = 'table'
    primary_key: tuple[int, ...] = ()
    comment: str = ''
    custom_metadata: Any = None
    media_validation: str = 'on_write'
    schema_version: int = 0
    next_column_id: int = 1
    base: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """A table with its live columns, in the order in which users see them."""

    table: TableRecord
    columns: tuple[ColumnRecord, ...]

    def find(self, name: str) -> ColumnRecord | None:
        """The column of that name (folded to lower case), or None."""
        folded = name.lower()
        return next((column for column in self.columns if column.name.lower() == folded), None)

    def by_id(self, column_id: int) -> ColumnRecord | None:
        return next((column for column in self.columns if column.id == column_id), None)

    def computed(self) -> Iterator[ColumnRecord]:
        return (column for column in self.columns if column.is_computed)


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One column inside a column file: its id, its name in the file, and the code that made it (computed columns)."""

    column_id: int
    name: str
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A column file of a segment: Parquet at `path`, or an Arrow IPC stream in `data` while it is inlined."""

    id: int
    segment_id: int
    columns: tuple[StoredColumn, ...]
    size: int
    checksum: str
    path: str | None = None
    data: bytes | None = None


@dataclass(frozen=True, slots=True)
class DeleteVector:
    """Which positions of a segment are deleted: `data` as `storage.deletes` encodes it, `count` of them."""

    id: int
    segment_id: int
    count: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Segment:
    """An immutable run of rows. Row ids are `first_id …` in order, or stored in a file (then `first_id` is None).

    Of several files that hold one column, the last one counts: recomputing a column adds a file and rewrites nothing.
    """

    id: int
    table_id: str
    rows: int
    first_id: int | None
    min_id: int
    max_id: int
    files: tuple[FileRecord, ...]
    deletes: DeleteVector | None = None

    @property
    def live_rows(self) -> int:
        return self.rows - (self.deletes.count if self.deletes else 0)

    @property
    def is_inlined(self) -> bool:
        return any(file.data is not None for file in self.files)


@dataclass(frozen=True, slots=True)
class Contents:
    """The segments of a table that one commit sees, ordered by `(min_id, id)`."""

    table_id: str
    commit: int
    segments: tuple[Segment, ...]

    @property
    def row_count(self) -> int:
        return sum(segment.live_rows for segment in self.segments)


@dataclass(frozen=True, slots=True)
class Version:
    """One commit of a table as its history shows it. `summary` holds counts, durations and fingerprints."""

    version: int
    commit: int
    created_at: int
    user: str
    operation: str
    kind: str
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A name, with tags, for a commit of a table."""

    name: str
    table_id: str
    commit: int
    version: int
    created_at: int
    tags: tuple[str, ...] = ()
