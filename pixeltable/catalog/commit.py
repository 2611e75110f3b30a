"""Carries out a commit: one write transaction that checks what is required, applies what changes and records it."""

from __future__ import annotations

import functools
import getpass
import time
from typing import Any

from sqlalchemy import select

from pixeltable.catalog import documents
from pixeltable.catalog.apply import apply
from pixeltable.catalog.changes import Commit, Committed
from pixeltable.catalog.database import Connection, Database
from pixeltable.catalog.requirements import LAST_VERSION, check
from pixeltable.catalog.tables import commits, insert_live, versions
from pixeltable.catalog.transaction import Transaction

_LAST_COMMIT = select(commits.c.id, commits.c.last_row, commits.c.created_at).order_by(commits.c.id.desc()).limit(1)
_INSERT_COMMIT = insert_live(commits)
_INSERT_VERSION = insert_live(versions)


@functools.cache
def user() -> str:
    """Who commits. A container may have no name for the user that it runs as."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return 'unknown'


def carry_out(database: Database, commit: Commit) -> Committed:
    """Returns when the commit is durable. Raises `RequirementFailed`, or an error, if nothing was changed."""
    with database.write() as connection:
        last_commit, last_row, last_time = connection.row(_LAST_COMMIT)
        transaction = Transaction(connection, last_commit + 1, last_row)
        for requirement in commit.requirements:
            check(connection, requirement)
        for change in commit.changes:
            apply(transaction, change)
        numbers = {
            table_id: _add_version(transaction, table_id, kind, summary) for table_id, kind, summary in commit.versions
        }
        # A clock set back must not put a commit before the one that it follows.
        insert_commit(connection, transaction.commit, max(now(), last_time), commit.operation, transaction.last_row)
    return Committed(transaction.commit, numbers, tuple(transaction.first_ids))


def now() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def insert_commit(connection: Connection, commit: int, created_at: int, operation: str, last_row: int) -> None:
    connection.execute(
        _INSERT_COMMIT,
        {'id': commit, 'created_at': created_at, 'user': user(), 'operation': operation, 'last_row': last_row},
    )


def _add_version(transaction: Transaction, table_id: str, kind: str, summary: dict[str, Any]) -> int:
    last = transaction.connection.row(LAST_VERSION, {'table': table_id})
    number = 0 if last is None else int(last[0]) + 1
    transaction.connection.execute(
        _INSERT_VERSION,
        {
            'row': transaction.new_row(),
            'table_id': table_id,
            'version': number,
            'commit_id': transaction.commit,
            'kind': kind,
            'begin': transaction.commit,
            'summary': documents.summary_text(summary),
        },
    )
    return number
