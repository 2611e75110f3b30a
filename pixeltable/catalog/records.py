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

KEY_FILTER = -(1 << 30)
"""The column id that stands for the filter over a segment's primary keys (`storage.key_filters`), a file without rows."""


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
    when a function cannot be found. `fingerprint` identifies the code that computes it. Of each pair of fingerprints in
    `accepted`, a user said that the second code gives what the first one gave. `btree` is the name of a B-tree index that the
    user declared; pruning by the statistics of segments does its work.
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
    accepted: tuple[tuple[str, str], ...] = ()
    media_validation: str | None = None
    destination: str | None = None
    btree: str | None = None

    @property
    def is_computed(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class Retention:
    """How much of a table's past is kept: its last `versions` versions, and those of the last `seconds`. None sets no limit.

    Where both are given, a version goes only when neither keeps it.
    """

    versions: int | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A table, or a snapshot that has a path of its own.

    `schema_version` is the commit of its last schema change, 0 while it is being created. A snapshot has no columns and no
    rows; its `base` is the id and the version of the table that it stands for. `data` is the root of its objects, a URL, or None
    for that of the home. Without `retention`, all of its past is kept. `on_error` is what failing cells do unless a call says so.
    If `has_default_indexes`, each eligible column that comes gets a B-tree index. A table that is not `is_versioned` has no past.
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
    retention: Retention | None = None
    data: str | None = None
    on_error: str | None = None
    has_default_indexes: bool = False
    is_versioned: bool = True

    @property
    def folder(self) -> str:
        """What the keys of the table's objects begin with."""
        return f'tables/{self.id}/' if self.data is None else f'{self.data}/tables/{self.id}/'


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

    @property
    def key(self) -> tuple[ColumnRecord, ...]:
        """The columns of the primary key, in its order; none if the table has no key."""
        by_id = {column.id: column for column in self.columns} if self.table.primary_key else {}
        return tuple(by_id[column_id] for column_id in self.table.primary_key)

    def computed(self) -> Iterator[ColumnRecord]:
        return (column for column in self.columns if column.is_computed)


@dataclass(frozen=True, slots=True)
class StoredColumn:
    """One column inside a column file: its id, its name in the file, and what made it (computed columns): see `fingerprints`."""

    column_id: int
    name: str
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A column file of a segment: Parquet at `path`, or an Arrow IPC stream in `data` while it is inlined.

    `stats` (`storage.stats`) and `blocks` (`storage.blocks`) are kept as they are stored; small or old files have none.
    """

    id: int
    segment_id: int
    columns: tuple[StoredColumn, ...]
    size: int
    checksum: str
    path: str | None = None
    data: bytes | None = None
    stats: str | None = None
    blocks: bytes | None = None

    @property
    def is_key_filter(self) -> bool:
        """Whether it is the filter over its segment's keys, and no column file."""
        return len(self.columns) == 1 and self.columns[0].column_id == KEY_FILTER


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
        return any(file.data is not None and not file.is_key_filter for file in self.files)


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
    """One commit of a table as its history shows it. `summary` holds counts, durations and fingerprints.

    `vacuumed` is the commit that removed what only this version needed: since then it can no longer be read.
    """

    version: int
    commit: int
    created_at: int
    user: str
    operation: str
    kind: str
    summary: dict[str, Any]
    vacuumed: int | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A name, with tags, for a commit of a table."""

    name: str
    table_id: str
    commit: int
    version: int
    created_at: int
    tags: tuple[str, ...] = ()
