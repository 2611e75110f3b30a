"""What is made from a table and has a path of its own: its views, and its snapshots."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from pixeltable.catalog import documents
from pixeltable.catalog.database import Database
from pixeltable.catalog.records import TableRecord
from pixeltable.catalog.tables import live, tables

_DERIVED = (
    select(tables.c.id, tables.c.path, tables.c.schema_version, tables.c.doc)
    .where(tables.c.base == bindparam('table'), live(tables))
    .order_by(tables.c.path)
)


def derived(database: Database, table_id: str) -> list[TableRecord]:
    """The views and the snapshots with paths that are of the table itself, by their paths."""
    rows = database.connection().rows(_DERIVED, {'table': table_id})
    return [documents.table_record(*row) for row in rows]
