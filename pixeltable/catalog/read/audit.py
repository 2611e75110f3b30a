"""Every row that the catalog holds, past ones included, as it is stored: what verification looks at.

Unlike the rest of `read`, nothing is parsed or trusted here, and the data of inlined files comes apart from their rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, func, select

from pixeltable.catalog.connection import Connection
from pixeltable.catalog.database import Database
from pixeltable.catalog.tables import (
    columns,
    commits,
    counters,
    deletes,
    directories,
    files,
    functions,
    segments,
    snapshots,
    tables,
    versions,
)

BLOBS_AT_ONCE = 256


class TableRow(NamedTuple):
    row: int
    id: str
    path: str
    schema_version: int
    begin: int
    end: int | None
    doc: str


class ColumnRow(NamedTuple):
    row: int
    table_id: str
    column_id: int
    position: int
    begin: int
    end: int | None
    doc: str


class SegmentRow(NamedTuple):
    id: int
    table_id: str
    rows: int
    first_id: int | None
    min_id: int
    max_id: int
    begin: int
    end: int | None


class FileRow(NamedTuple):
    """`data_size` is the number of bytes of an inlined file, None for one that is an object."""

    id: int
    segment_id: int
    table_id: str
    columns: str
    size: int
    checksum: str
    begin: int
    end: int | None
    path: str | None
    stats: str | None
    blocks: bytes | None
    data_size: int | None


class DeletesRow(NamedTuple):
    id: int
    segment_id: int
    table_id: str
    deleted: int
    begin: int
    end: int | None
    data: bytes


class VersionRow(NamedTuple):
    row: int
    table_id: str
    version: int
    commit_id: int
    kind: str
    begin: int
    end: int | None
    summary: str
    vacuumed: int | None


class SnapshotRow(NamedTuple):
    row: int
    table_id: str
    name: str
    commit_id: int
    version: int
    begin: int
    end: int | None
    tags: str


class TableAudit(NamedTuple):
    """All rows that belong to one table, as one transaction saw them, in the order of their keys."""

    table_id: str
    last_commit: int
    commits: frozenset[int]
    next_row_id: int | None
    records: list[TableRow]
    columns: list[ColumnRow]
    segments: list[SegmentRow]
    files: list[FileRow]
    deletes: list[DeletesRow]
    versions: list[VersionRow]
    snapshots: list[SnapshotRow]


_SPELLED = {'deleted': 'count'}  # which tuples have as a method


def _rows_of(table: Table, fields: Sequence[str], key: str = 'table_id') -> Any:
    chosen = [
        func.length(table.c.data) if name == 'data_size' else table.c[_SPELLED.get(name, name)] for name in fields
    ]
    return select(*chosen).where(table.c[key] == bindparam('table')).order_by(table.primary_key.columns[0])


_RECORDS = _rows_of(tables, TableRow._fields, 'id')
_COLUMNS = _rows_of(columns, ColumnRow._fields)
_SEGMENTS = _rows_of(segments, SegmentRow._fields)
_FILES = _rows_of(files, FileRow._fields)
_DELETES = _rows_of(deletes, DeletesRow._fields)
_VERSIONS = _rows_of(versions, VersionRow._fields)
_SNAPSHOTS = _rows_of(snapshots, SnapshotRow._fields)
_LAST_COMMIT = select(func.max(commits.c.id))
_COMMITS = select(commits.c.id).where(
    commits.c.id.in_(select(versions.c.commit_id).where(versions.c.table_id == bindparam('table')))
)
_COUNTER = select(counters.c.next_row_id).where(counters.c.table_id == bindparam('table'))
_TABLE_IDS = select(tables.c.id).group_by(tables.c.id).order_by(func.min(tables.c.row))
_BLOBS = (
    select(files.c.id, files.c.data)
    .where(files.c.table_id == bindparam('table'), files.c.data.is_not(None), files.c.id > bindparam('after'))
    .order_by(files.c.id)
    .limit(BLOBS_AT_ONCE)
)
_FILE_EXISTS = select(files.c.id).where(files.c.id == bindparam('file'))
_FUNCTIONS = select(functions.c.hash, functions.c.name).order_by(functions.c.hash)
_FUNCTION = select(functions.c.data).where(functions.c.hash == bindparam('hash'))
_DIRECTORIES = select(directories.c.path).where(directories.c.end.is_(None))
_LIVE_TABLES = select(tables.c.path).where(tables.c.end.is_(None))
_BYTES = select(func.sum(files.c.size))
_BYTES_OF_TABLE = _BYTES.where(files.c.table_id == bindparam('table'))
_PATHS = select(files.c.path).where(files.c.path.is_not(None)).distinct()


class Audit:
    """Reads all rows of one catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def integrity(self) -> list[str]:
        """What the database itself says is wrong with it; nothing if it is sound, or cannot tell."""
        return self._database.integrity()

    def table_ids(self) -> list[str]:
        """Of all tables that left a trace, dropped ones too, in the order of their creation."""
        return [row[0] for row in self._database.connection().rows(_TABLE_IDS)]

    def total_bytes(self, table_id: str | None = None) -> int:
        """How many bytes all files have, or those of one table."""
        statement, of_table = (_BYTES, {}) if table_id is None else (_BYTES_OF_TABLE, {'table': table_id})
        return int(self._database.connection().row(statement, of_table)[0] or 0)

    def table(self, table_id: str) -> TableAudit:
        with self._database.read() as connection:
            of_table = {'table': table_id}
            counter = connection.row(_COUNTER, of_table)
            return TableAudit(
                table_id,
                connection.row(_LAST_COMMIT)[0],
                frozenset(row[0] for row in connection.rows(_COMMITS, of_table)),
                None if counter is None else counter[0],
                *(
                    [kind._make(row) for row in connection.rows(statement, of_table)]
                    for kind, statement in _KINDS.items()
                ),
            )

    def blobs(self, table_id: str) -> Iterator[tuple[int, bytes]]:
        """The ids and the data of all inlined files of a table, a few at a time."""
        after = 0
        while rows := self._database.connection().rows(_BLOBS, {'table': table_id, 'after': after}):
            for file_id, data in rows:
                yield file_id, bytes(data)
            after = rows[-1][0]

    def has_file(self, file_id: int) -> bool:
        """Whether the row of a file is still there: a vacuum may have removed it meanwhile."""
        return self._database.connection().row(_FILE_EXISTS, {'file': file_id}) is not None

    def objects(self) -> set[str]:
        """The keys of all objects that some commit names."""
        return {row[0] for row in self._database.connection().rows(_PATHS)}

    def paths(self) -> tuple[list[str], list[str]]:
        """The paths of live tables, and of live directories."""
        with self._database.read() as connection:
            return _first(connection, _LIVE_TABLES), _first(connection, _DIRECTORIES)

    def damaged_functions(self) -> list[str]:
        """Names of stored functions whose code is not what their hash says."""
        found = []
        for digest, name in self._database.connection().rows(_FUNCTIONS):
            row = self._database.connection().row(_FUNCTION, {'hash': digest})
            if row is not None and hashlib.sha256(row[0]).hexdigest() != digest:
                found.append(str(name))
        return found


def _first(connection: Connection, statement: Any) -> list[str]:
    return [row[0] for row in connection.rows(statement)]


_KINDS: dict[type[Any], Any] = {
    TableRow: _RECORDS,
    ColumnRow: _COLUMNS,
    SegmentRow: _SEGMENTS,
    FileRow: _FILES,
    DeletesRow: _DELETES,
    VersionRow: _VERSIONS,
    SnapshotRow: _SNAPSHOTS,
}
"""In the order of the last fields of `TableAudit`."""
