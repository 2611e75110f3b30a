"""Format 2: tokens of commits, statistics and block digests of files, what was vacuumed, leases of long readers."""

from __future__ import annotations

from pixeltable.catalog.connection import Connection

_STATEMENTS = (
    "ALTER TABLE commits ADD COLUMN token TEXT NOT NULL DEFAULT ''",
    'ALTER TABLE files ADD COLUMN stats TEXT',
    'ALTER TABLE files ADD COLUMN blocks BLOB',
    'ALTER TABLE versions ADD COLUMN vacuumed BIGINT',
    "ALTER TABLE counters ADD COLUMN horizon BIGINT NOT NULL DEFAULT '0'",
    'CREATE TABLE leases (id TEXT NOT NULL, "commit" BIGINT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (id))',
    # Format 1 forgot the counters of dropped tables, and they could not come back. All segments that ever were are still there.
    'INSERT INTO counters (table_id, next_row_id) '
    'SELECT tables.id, -1 - COALESCE(MAX(segments.max_id), 0) '
    'FROM tables LEFT JOIN segments ON segments.table_id = tables.id '
    'WHERE tables.id NOT IN (SELECT table_id FROM counters) GROUP BY tables.id',
)


def migrate(connection: Connection) -> None:
    """Only SQLite had format 1, so its spelling will do."""
    for statement in _STATEMENTS:
        connection.command(statement)
