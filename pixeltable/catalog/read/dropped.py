"""Tables that were dropped and can come back."""

from __future__ import annotations

from sqlalchemy import Table, bindparam, exists, select
from sqlalchemy.sql.elements import ColumnElement

from pixeltable.catalog import documents
from pixeltable.catalog.database import Database
from pixeltable.catalog.past import DroppedTable
from pixeltable.catalog.records import TableRecord
from pixeltable.catalog.tables import commits, tables


def was_seen(table: Table) -> ColumnElement[bool]:
    """Rows that ended, and that a commit saw: a commit that drops a table with views begins rows that it ends, too."""
    return table.c.begin < table.c.end


_LATER = tables.alias('later')
_LAST_OF_ITS_TABLE = ~exists().where(_LATER.c.id == tables.c.id, _LATER.c.end.is_(None) | (_LATER.c.end > tables.c.end))
_DROPPED = select(tables.c.id, tables.c.end).where(was_seen(tables), _LAST_OF_ITS_TABLE)
_AT_PATH = _DROPPED.where(tables.c.path == bindparam('path')).order_by(tables.c.end.desc()).limit(1)
_BY_ID = _DROPPED.where(tables.c.id == bindparam('table'))
_ALL_DROPPED = (
    select(tables.c.id, tables.c.path, tables.c.doc, tables.c.end, commits.c.created_at)
    .select_from(tables.join(commits, commits.c.id == tables.c.end))
    .where(was_seen(tables), _LAST_OF_ITS_TABLE)
    .order_by(tables.c.row)
)
_DROPPED_BY = select(tables.c.id, tables.c.path, tables.c.doc).where(
    tables.c.end == bindparam('commit'), was_seen(tables)
)


def dropped_at(database: Database, path: str) -> DroppedTable | None:
    """The table that was dropped last of those that lay at `path`."""
    return _dropped(database, database.connection().row(_AT_PATH, {'path': path}))


def dropped(database: Database, table_id: str) -> DroppedTable | None:
    """None if the table exists."""
    return _dropped(database, database.connection().row(_BY_ID, {'table': table_id}))


def _dropped(database: Database, row: tuple[str, int] | None) -> DroppedTable | None:
    if row is None:
        return None
    table_id, commit = row
    rows = database.connection().rows(_DROPPED_BY, {'commit': commit})
    records = [documents.table_record(id_, path, 0, text) for id_, path, text in rows]
    found: list[TableRecord] = []
    below = {table_id}
    while new := [each for each in records if below.intersection(each.base_ids) and each not in found]:
        found += new
        below |= {each.id for each in new}
    return DroppedTable(table_id, commit, tuple(found))


def all_dropped(database: Database) -> list[tuple[TableRecord, int, int]]:
    """Every dropped table, and path of a snapshot, with the commit that dropped it and the time of that."""
    rows = database.connection().rows(_ALL_DROPPED)
    return [(documents.table_record(id_, path, 0, text), commit, time) for id_, path, text, commit, time in rows]
