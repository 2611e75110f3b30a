"""What is made from a table and has a path of its own: its views, and its snapshots."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.sql.elements import ColumnElement

from pixeltable.catalog import documents
from pixeltable.catalog.database import Database
from pixeltable.catalog.records import TableRecord
from pixeltable.catalog.tables import bases, live, tables


def derived_from(base: str) -> ColumnElement[bool]:
    """Tables that are views or snapshots of the one whose id is the parameter `base`."""
    return tables.c.id.in_(select(bases.c.table_id).where(bases.c.base == bindparam(base)))


_DERIVED = (
    select(tables.c.id, tables.c.path, tables.c.schema_version, tables.c.doc)
    .where(derived_from('table'), live(tables))
    .order_by(tables.c.path)
)


def derived(database: Database, table_id: str) -> list[TableRecord]:
    """The views and the snapshots with paths that are of the table itself, by their paths."""
    rows = database.connection().rows(_DERIVED, {'table': table_id})
    return [documents.table_record(*row) for row in rows]
