"""Format 3: background jobs, and leases of their parts."""

from __future__ import annotations

from pixeltable.catalog.connection import Connection

_STATEMENTS = (
    'CREATE TABLE jobs (id BIGINT NOT NULL, table_id TEXT NOT NULL, status TEXT NOT NULL, created_at BIGINT NOT NULL, '
    'ended_at BIGINT, low BIGINT NOT NULL, high BIGINT NOT NULL, doc TEXT NOT NULL, tally TEXT NOT NULL, error TEXT, '
    'PRIMARY KEY (id))',
    'CREATE TABLE work_leases (id TEXT NOT NULL, table_id TEXT NOT NULL, job_id BIGINT NOT NULL, low BIGINT NOT NULL, '
    'high BIGINT NOT NULL, expires BIGINT NOT NULL, PRIMARY KEY (id))',
    'CREATE INDEX jobs_by_end ON jobs (ended_at)',
)


def migrate(connection: Connection) -> None:
    """Both databases had format 2; they understand the same words."""
    for statement in _STATEMENTS:
        connection.command(statement)
