"""What the catalog stores, as frozen values. Nothing here knows how or where it is stored.

Every record is valid from the commit that began it to the commit that ended it; a `Schema` or `Contents` is the set of
records that one commit sees.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from pixeltable.catalog.index_specs import EmbeddingSpec
from pixeltable.catalog.media_specs import AS_USUAL, MediaSpec
from pixeltable.catalog.retention import Retention
from pixeltable.catalog.views import BASE_ROW, LEVEL, ViewSpec
from pixeltable.types.column_type import ColumnType

ROW_ID = 0
"""The column id that stands for the row's own id."""

KEY_FILTER = -(1 << 30)
"""The column id that stands for the filter over a segment's primary keys (`storage.key_filters`), a file without rows."""


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
    btree: str | None = None
    media: MediaSpec = AS_USUAL

    @property
    def is_computed(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A table, a view, or a snapshot that has a path of its own. With `pin`, media that are referenced are copied to the store.

    `schema_version` is the commit of its last schema change, 0 while it is being created. A snapshot without `view` has no
    columns and no rows; its `base` is the id and the version of the table that it stands for. `data` is the root of its objects,
    a URL, or None for that of the home. Without `retention`, all of its past is kept. `on_error` is what failing cells do unless
    a call says so. With `has_default_indexes`, each eligible column gets a B-tree index. Without `is_versioned` there is no past.
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
    view: ViewSpec | None = None
    pin: bool = False

    @property
    def base_ids(self) -> tuple[str, ...]:
        """The tables that a view or a snapshot is of."""
        return self.view.sources if self.view is not None else () if self.base is None else self.base[:1]

    @property
    def folder(self) -> str:
        """What the keys of the table's objects begin with."""
        return f'tables/{self.id}/' if self.data is None else f'{self.data}/tables/{self.id}/'


class StoredColumn(NamedTuple):
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


@dataclass(frozen=True)
class Schema:
    """A table with its live columns. Of a view of rows, `base` is the schema of its base, and `inherited` are all columns of
    that, by their ids here. `views` are the ids of the views of this table that follow its changes.
    """

    table: TableRecord
    columns: tuple[ColumnRecord, ...]
    base: Schema | None = None
    views: tuple[str, ...] = ()
    inherited: tuple[ColumnRecord, ...] = field(default=(), compare=False)

    def over(self, base: Schema) -> Schema:
        """This schema of a view, with that of its base."""
        return replace(self, base=base, inherited=tuple(map(_raised, (*base.columns, *base.inherited))))

    @property
    def version(self) -> int:
        """Grows with every change of this schema, or of those below it."""
        return self.table.schema_version if self.base is None else max(self.table.schema_version, self.base.version)

    @cached_property
    def visible(self) -> tuple[ColumnRecord, ...]:
        """The columns as users see them: of a view those that its iterator fills, own ones, and those of the base that show."""
        if self.base is None or self.table.view is None:
            return tuple(column for column in self.columns if not column.name.startswith('_'))
        own = {-column.id: column for column in self.columns if column.id != BASE_ROW}
        names = {column.name.lower() for column in own.values()}
        below = {each.id: _raised(each) for each in self.base.visible if each.name.lower() not in names}
        order, made = self.table.view.columns, [-each for each in self.table.view.outputs]
        places = dict.fromkeys((*made, *(own if order is None else order), *own, *(below if order is None else ())))
        return tuple(each for place in places if (each := own.get(place) or below.get(place)) is not None)

    def find(self, name: str) -> ColumnRecord | None:
        """The column of that name (folded to lower case), or None."""
        return self._by_name.get(name.lower())

    @cached_property
    def _by_name(self) -> dict[str, ColumnRecord]:
        return {column.name.lower(): column for column in self.visible}

    def by_id(self, column_id: int) -> ColumnRecord | None:
        columns = self.columns if column_id < LEVEL else self.inherited
        return next((column for column in columns if column.id == column_id), None)

    def local(self, table_id: str, column_id: int) -> int | None:
        """The id, here, of a column of this table or of one that it is a view of; None if it is neither."""
        if table_id == self.table.id:
            return column_id
        below = self.base.local(table_id, column_id) if self.base is not None else None
        return below if below is None else BASE_ROW if below == ROW_ID else below + LEVEL

    @property
    def key(self) -> tuple[ColumnRecord, ...]:
        """The columns of the primary key, in its order; none if the table has no key."""
        return tuple(column for each in self.table.primary_key for column in self.columns if column.id == each)

    @cached_property
    def computed(self) -> tuple[ColumnRecord, ...]:
        """The table's own computed columns."""
        return tuple(column for column in self.columns if column.is_computed)

    @cached_property
    def given(self) -> tuple[ColumnRecord, ...]:
        """The table's own columns whose values users give."""
        return tuple(column for column in self.columns if not column.is_computed)

    @cached_property
    def media(self) -> tuple[ColumnRecord, ...]:
        """Those of `given` that hold media."""
        return tuple(column for column in self.given if column.type.is_media)


def _raised(column: ColumnRecord) -> ColumnRecord:
    spec = column.embedding and replace(column.embedding, column_id=column.embedding.column_id + LEVEL)
    inputs = tuple(each + LEVEL for each in column.depends_on)
    return replace(column, id=column.id + LEVEL, depends_on=inputs, embedding=spec)
