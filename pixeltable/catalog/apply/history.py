"""Snapshots, and taking a version out of a table's history."""

from __future__ import annotations

from sqlalchemy import bindparam, select, update

from pixeltable.catalog import documents
from pixeltable.catalog.changes import RequirementFailed
from pixeltable.catalog.read.history import pins
from pixeltable.catalog.returns import AddSnapshot, DropSnapshot, ForgetVersion
from pixeltable.catalog.tables import insert_live, live, snapshots, versions
from pixeltable.catalog.transaction import Transaction
from pixeltable.errors import AlreadyExistsError, ErrorCode, NotFoundError

_VERSION = select(versions.c.version, versions.c.commit_id).where(
    versions.c.table_id == bindparam('table'), versions.c.version == bindparam('number'), live(versions)
)
_END_VERSION = (
    update(versions)
    .where(versions.c.table_id == bindparam('table'), versions.c.version == bindparam('number'), live(versions))
    .values(end=bindparam('commit'))
)
_NAMED = (snapshots.c.table_id == bindparam('table')) & (snapshots.c.name == bindparam('key')) & live(snapshots)
_SNAPSHOT = select(snapshots.c.row).where(_NAMED)
_INSERT_SNAPSHOT = insert_live(snapshots)
_END_SNAPSHOT = update(snapshots).where(_NAMED).values(end=bindparam('commit'))


def add_snapshot(transaction: Transaction, change: AddSnapshot) -> None:
    connection, table_id = transaction.connection, change.table_id
    path = transaction.table(table_id).path
    if connection.row(_SNAPSHOT, {'table': table_id, 'key': change.name}):
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS,
            f'Table {path!r} has a snapshot {change.name!r} already. Drop it first, or choose another name.',
        )
    row = connection.row(_VERSION, {'table': table_id, 'number': change.version})
    if row is None:
        raise NotFoundError(ErrorCode.PATH_NOT_FOUND, f'Table {path!r} has no version {change.version!r}.')
    version, commit_id = row
    connection.execute(
        _INSERT_SNAPSHOT,
        {
            'row': transaction.new_row(),
            'table_id': table_id,
            'name': change.name,
            'commit_id': commit_id,
            'version': version,
            'begin': transaction.commit,
            'tags': documents.tags_text(change.tags),
        },
    )


def drop_snapshot(transaction: Transaction, change: DropSnapshot) -> None:
    key = {'table': change.table_id, 'key': change.name, 'commit': transaction.commit}
    if not transaction.connection.execute(_END_SNAPSHOT, key):
        raise NotFoundError(ErrorCode.PATH_NOT_FOUND, f'The table has no snapshot {change.name!r}.')


def forget_version(transaction: Transaction, change: ForgetVersion) -> None:
    for pin in pins(transaction.connection, change.table_id):
        if pin.version == change.version:
            raise RequirementFailed(f'Snapshot {pin.name!r} needs version {change.version} since a moment ago')
    key = {'table': change.table_id, 'number': change.version, 'commit': transaction.commit}
    if not transaction.connection.execute(_END_VERSION, key):
        raise NotFoundError(ErrorCode.PATH_NOT_FOUND, f'The table has no version {change.version}.')
