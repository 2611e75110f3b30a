"""The tables of the catalog database, for SQLite and PostgreSQL alike. Statements live where they are used.

Metadata rows are valid in `[begin, end)`, both commit ids; a NULL `end` means live. `row` and the `id` of segments, files
and deletes come from one counter that `commits.last_row` carries on, so that they are known before anything is inserted and
are never used twice. Values are plain integers, text and bytes: statements run on the driver's cursor, without SQLAlchemy's
converters.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    insert,
    select,
    union_all,
)
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import CompoundSelect

METADATA = MetaData()

# Paths are compared by range, which needs the order of their bytes.
_PATH = Text().with_variant(Text(collation='C'), 'postgresql')

# SQLite stores a table in the order of its key only if the key is declared INTEGER.
_KEY = BigInteger().with_variant(Integer(), 'sqlite')


def _key(name: str) -> Column[Any]:
    return Column(name, _KEY, primary_key=True, autoincrement=False)


def _integer(name: str) -> Column[Any]:
    return Column(name, BigInteger, nullable=False)


def _text(name: str) -> Column[Any]:
    return Column(name, Text, nullable=False)


def _lifetime() -> tuple[Column[Any], Column[Any]]:
    return Column('begin', BigInteger, nullable=False), Column('end', BigInteger)


meta = Table('meta', METADATA, Column('key', Text, primary_key=True), _text('value'))

# `token` is new for each attempt: it tells whether a COMMIT of unknown outcome took effect.
commits = Table(
    'commits',
    METADATA,
    _key('id'),
    _integer('created_at'),
    _text('user'),
    _text('operation'),
    _integer('last_row'),
    _text('token'),
)

directories = Table('directories', METADATA, _key('row'), Column('path', _PATH, nullable=False), *_lifetime())
bases = Table('bases', METADATA, _text('table_id'), _text('base'))  # of views and snapshots; they never change

tables = Table(
    'tables',
    METADATA,
    _key('row'),
    _text('id'),
    Column('path', _PATH, nullable=False),
    _integer('schema_version'),
    *_lifetime(),
    _text('doc'),
)

# Mutable. `next_row_id` is below 0 while its table is dropped. What commits before `horizon` see may have been vacuumed in part.
counters = Table(
    'counters',
    METADATA,
    Column('table_id', Text, primary_key=True),
    _integer('next_row_id'),
    Column('horizon', BigInteger, nullable=False, server_default='0'),
)

columns = Table(
    'columns',
    METADATA,
    _key('row'),
    _text('table_id'),
    _integer('column_id'),
    _integer('position'),
    *_lifetime(),
    _text('doc'),
)

segments = Table(
    'segments',
    METADATA,
    _key('id'),
    _text('table_id'),
    _integer('rows'),
    Column('first_id', BigInteger),
    _integer('min_id'),
    _integer('max_id'),
    *_lifetime(),
)

# Blobs are the last columns: what comes before is read without them.
files = Table(
    'files',
    METADATA,
    _key('id'),
    _integer('segment_id'),
    _text('table_id'),
    _text('columns'),
    _integer('size'),
    _text('checksum'),
    *_lifetime(),
    Column('path', Text),
    Column('stats', Text),
    Column('blocks', LargeBinary),
    Column('data', LargeBinary),
)

deletes = Table(
    'deletes',
    METADATA,
    _key('id'),
    _integer('segment_id'),
    _text('table_id'),
    _integer('count'),
    *_lifetime(),
    Column('data', LargeBinary, nullable=False),
)

versions = Table(
    'versions',
    METADATA,
    _key('row'),
    _text('table_id'),
    _integer('version'),
    _integer('commit_id'),
    _text('kind'),
    *_lifetime(),
    _text('summary'),
    Column('vacuumed', BigInteger),
)

snapshots = Table(
    'snapshots',
    METADATA,
    _key('row'),
    _text('table_id'),
    _text('name'),
    _integer('commit_id'),
    _integer('version'),
    *_lifetime(),
    _text('tags'),
)

# Mutable. Readers that run for long say which commit they still need, and until when (microseconds since 1970).
leases = Table('leases', METADATA, Column('id', Text, primary_key=True), _integer('commit'), _integer('expires'))

# Mutable. What is computed in the background, in the rows with ids from `low` to `high`: see `jobs`.
jobs = Table(
    'jobs',
    METADATA,
    Column('id', BigInteger, primary_key=True, autoincrement=False),
    _text('table_id'),
    _text('status'),
    _integer('created_at'),
    Column('ended_at', BigInteger),
    _integer('low'),
    _integer('high'),
    _text('doc'),
    _text('tally'),
    Column('error', Text),
)

# Mutable. Which rows of a table somebody computes for a job, until when (microseconds since 1970) unless it is renewed.
work_leases = Table(
    'work_leases',
    METADATA,
    Column('id', Text, primary_key=True),
    _text('table_id'),
    _integer('job_id'),
    _integer('low'),
    _integer('high'),
    _integer('expires'),
)

functions = Table(
    'functions',
    METADATA,
    Column('hash', Text, primary_key=True),
    _text('name'),
    _integer('created_at'),
    Column('data', LargeBinary, nullable=False),
)

Index('directories_by_path', directories.c.path)
Index('tables_by_id', tables.c.id, tables.c.end)
Index('tables_by_path', tables.c.path)
Index('bases_by_base', bases.c.base)
Index('columns_by_table', columns.c.table_id, columns.c.end)
Index('versions_by_table', versions.c.table_id, versions.c.end, versions.c.version)
Index('jobs_by_end', jobs.c.ended_at)
Index('snapshots_by_table', snapshots.c.table_id, snapshots.c.end)
for _table in (segments, files, deletes):
    Index(f'{_table.name}_by_table', _table.c.table_id, _table.c.end, _table.c.begin)
for _table in (files, deletes):
    Index(f'{_table.name}_by_segment', _table.c.segment_id, _table.c.end)

# The tables with a lifetime whose rows belong to one user table.
OF_TABLE = (columns, segments, files, deletes, versions, snapshots)

_LATER = ('end', 'vacuumed', 'horizon')


def insert_live(table: Table) -> Insert:
    """Inserts a row that has not ended; parameters are the table's other columns."""
    return insert(table).values(
        {column.name: bindparam(column.name) for column in table.c if column.name not in _LATER}
    )


def live(table: Table) -> ColumnElement[bool]:
    """Rows that the newest commit sees."""
    return table.c.end.is_(None)


def visible(table: Table) -> ColumnElement[bool]:
    """Rows that commit `:at` sees."""
    return (table.c.begin <= bindparam('at')) & (live(table) | (table.c.end > bindparam('at')))


def visible_rows(table: Table, *extra: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Rows of user table `:table` that commit `:at` sees: as two range scans, where an OR would scan its history."""
    begun = table.c.begin <= bindparam('at')
    rows: Select[Any] = select(table).where(table.c.table_id == bindparam('table'), begun, *extra)
    return union_all(rows.where(live(table)), rows.where(table.c.end > bindparam('at')))
