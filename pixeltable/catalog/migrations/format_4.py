"""Format 4: views. What views and snapshots are of is in a table of its own."""

from __future__ import annotations

import json

from sqlalchemy import column, select, table

from pixeltable.catalog.connection import Connection

_STATEMENTS = (
    'CREATE TABLE bases (table_id TEXT NOT NULL, base TEXT NOT NULL)',
    'CREATE INDEX bases_by_base ON bases (base)',
)
_TABLES = table('tables', column('id'), column('doc'))
_DOCUMENTS = select(_TABLES.c.id, _TABLES.c.doc).where(_TABLES.c.doc.like('%"base":[%'))
_INSERT_BASE = table('bases', column('table_id'), column('base')).insert()


def migrate(connection: Connection) -> None:
    """Both databases had format 3; they understand the same words. Of snapshots, only the documents said what they are of."""
    for statement in _STATEMENTS:
        connection.command(statement)
    found = {id_: json.loads(text)['base'] for id_, text in connection.rows(_DOCUMENTS)}
    below = [{'table_id': id_, 'base': base[0]} for id_, base in found.items() if base is not None]
    connection.execute_many(_INSERT_BASE, below)
