"""Carries out a commit: one write transaction that checks what is required, applies what changes and records it."""

from __future__ import annotations

import functools
import getpass
import os
import random
import time
from typing import Any

from sqlalchemy import bindparam, delete, select

from pixeltable.catalog import documents
from pixeltable.catalog.apply import apply
from pixeltable.catalog.changes import Commit, Committed
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.database import Database
from pixeltable.catalog.driver import OutcomeUnknownError
from pixeltable.catalog.migrations import FORMAT_VERSION
from pixeltable.catalog.requirements import LAST_VERSION, check
from pixeltable.catalog.tables import commits, insert_live, meta, versions
from pixeltable.catalog.transaction import Transaction
from pixeltable.errors import ConcurrencyError, Error, ErrorCode, RequestError, ServiceUnavailableError

ATTEMPTS = 5
"""How often a commit is tried that the database refuses in favour of another session, which is no writer of ours."""
LOOK_UP_S = 20.0
"""How long a commit whose COMMIT went unanswered is looked for."""

_FORMAT = select(meta.c.value).where(meta.c.key == 'format_version').scalar_subquery()
_LAST_COMMIT = (
    select(commits.c.id, commits.c.last_row, commits.c.created_at, _FORMAT).order_by(commits.c.id.desc()).limit(1)
)
_OUR_FORMAT = str(FORMAT_VERSION)
_TOKEN = select(commits.c.token).where(commits.c.id == bindparam('id'))
_INSERT_META = meta.insert()
_DELETE_META = delete(meta).where(meta.c.key == bindparam('name'))
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
    """Returns when the commit is durable. Raises `RequirementFailed`, or an error, if nothing was changed.

    Only OutcomeUnknownError says that it cannot be told whether something was.
    """
    for number in range(ATTEMPTS - 1):
        try:
            return _carry_out_once(database, commit)
        except ConcurrencyError:  # the database chose this transaction to give way to another session
            time.sleep(random.uniform(0, 0.01 * 2**number))
    return _carry_out_once(database, commit)


def _carry_out_once(database: Database, commit: Commit) -> Committed:
    token = os.urandom(16).hex()
    try:
        with database.write() as connection:
            committed = apply_to(connection, commit, token)
    except OutcomeUnknownError as unknown:
        if not took_effect(database, committed.commit, token, unknown):
            raise ServiceUnavailableError(
                ErrorCode.DATABASE_UNAVAILABLE, f'Nothing was changed: {unknown.cause.message}'
            ) from unknown
    return committed


def apply_to(connection: Connection, commit: Commit, token: str) -> Committed:
    """Checks what a commit requires and makes its changes, in a transaction that is under way."""
    last_commit, last_row, last_time, format_version = connection.row(_LAST_COMMIT)
    if format_version != _OUR_FORMAT:
        raise _newer_format(format_version)
    transaction = Transaction(connection, last_commit + 1, last_row)
    for requirement in commit.requirements:
        check(connection, requirement)
    apply(transaction, commit.changes)
    numbers = {
        table_id: _add_version(transaction, table_id, kind, summary) for table_id, kind, summary in commit.versions
    }
    # A clock set back must not put a commit before the one that it follows.
    time_ = max(now(), last_time)
    insert_commit(connection, transaction.commit, time_, commit.operation, transaction.last_row, token)
    first_ids, segment_ids = tuple(transaction.first_ids), tuple(transaction.segment_ids)
    return Committed(transaction.commit, numbers, first_ids, transaction.removed, segment_ids, transaction.job)


def _newer_format(found: str) -> RequestError:
    """The error for a catalog that a process with a newer release has brought to its own format since this one opened it."""
    return RequestError(
        ErrorCode.INVALID_CONFIGURATION,
        f'The catalog was brought to format {found} by another process, and this release writes format {_OUR_FORMAT}; '
        'nothing was changed. Upgrade, and start again: pip install --upgrade pixeltable',
    )


def took_effect(database: Database, commit: int, token: str, unknown: OutcomeUnknownError) -> bool:
    """Whether a commit is there whose COMMIT went unanswered. Raises `unknown` if that cannot be found out either.

    A COMMIT that is still on its way holds the writers' lock, so this waits until it has arrived or is given up. What is
    written takes the place of what a COMMIT that failed may have left at the end of SQLite's log, where a crash would revive
    it. (An update that sets what is there already would write nothing.)
    """
    deadline = time.monotonic() + LOOK_UP_S
    while True:
        try:
            with database.write() as connection:
                row = connection.row(_TOKEN, {'id': commit})
                connection.execute(_INSERT_META, {'key': token, 'value': ''})
                connection.execute(_DELETE_META, {'name': token})
            return row is not None and row[0] == token
        except Error as error:
            if time.monotonic() > deadline:
                raise unknown from error
            time.sleep(random.uniform(0.05, 0.2))


def now() -> int:
    """Microseconds since 1970, UTC."""
    return time.time_ns() // 1000


def insert_commit(
    connection: Connection, commit: int, created_at: int, operation: str, last_row: int, token: str
) -> None:
    connection.send(
        _INSERT_COMMIT,
        {
            'id': commit,
            'created_at': created_at,
            'user': user(),
            'operation': operation,
            'last_row': last_row,
            'token': token,
        },
    )


def _add_version(transaction: Transaction, table_id: str, kind: str, summary: dict[str, Any]) -> int:
    last = transaction.connection.row(LAST_VERSION, {'table': table_id})
    number = 0 if last is None else int(last[0]) + 1
    transaction.connection.send(
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
