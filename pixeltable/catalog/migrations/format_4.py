"""Format 4: views. A table says in a column of its own of which other one it is a view or a snapshot."""

from __future__ import annotations

import json

from sqlalchemy import bindparam, column, select, table, update

from pixeltable.catalog.connection import Connection

_STATEMENTS = (
    'ALTER TABLE tables ADD COLUMN base TEXT',
    'CREATE INDEX tables_by_base ON tables (base)',
)
_TABLES = table('tables', column('row'), column('doc'), column('base'))
_DOCUMENTS = select(_TABLES.c.row, _TABLES.c.doc).where(_TABLES.c.doc.like('%"base":[%'))
_SET_BASE = update(_TABLES).where(_TABLES.c.row == bindparam('key')).values(base=bindparam('new'))


def migrate(connection: Connection) -> None:
    """Both databases had format 3; they understand the same words. Of snapshots, only the documents said what they are of."""
    for statement in _STATEMENTS:
        connection.command(statement)
    for row, text in connection.rows(_DOCUMENTS):
        base = json.loads(text)['base']
        if base is not None:
            connection.execute(_SET_BASE, {'key': row, 'new': base[0]})
