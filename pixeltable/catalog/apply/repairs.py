"""Repairs, which change rows that earlier commits see.

The horizon of the table rises with them, so that no process goes on with what it remembers of these rows.
"""

from __future__ import annotations

from sqlalchemy import bindparam, case, null, update

from pixeltable.catalog import documents
from pixeltable.catalog.changes import RequirementFailed
from pixeltable.catalog.orphans import check_bound
from pixeltable.catalog.repairs import ForgetAside, RaiseCounter, ReplaceFile
from pixeltable.catalog.tables import counters, files, insert_live
from pixeltable.catalog.transaction import Transaction

_FILE = (files.c.id == bindparam('file')) & (files.c.table_id == bindparam('table'))
_REPLACE = (
    update(files)
    .where(_FILE)
    .values({name: bindparam(name) for name in ('columns', 'size', 'checksum', 'path', 'stats', 'blocks', 'data')})
)
_FORGET = update(files).where(_FILE).values(stats=null(), blocks=null())
_OF_TABLE = counters.c.table_id == bindparam('table')
_RAISE_HORIZON = update(counters).where(_OF_TABLE).values(horizon=bindparam('commit'))
_RAISE_COUNTER = (
    update(counters)
    .where(_OF_TABLE)
    .values(next_row_id=case((counters.c.next_row_id < 0, -bindparam('least')), else_=bindparam('least')))
)
_INSERT_COUNTER = insert_live(counters)


def replace_file(transaction: Transaction, change: ReplaceFile) -> None:
    file = change.file
    if file.path is not None:
        check_bound(transaction.connection, file.path)
    values = {
        'columns': documents.stored_columns_text(file.columns),
        'size': file.size,
        'checksum': file.checksum,
        'path': file.path,
        'stats': file.stats,
        'blocks': file.blocks,
        'data': file.data,
    }
    for file_id in change.file_ids:
        if not transaction.connection.execute(_REPLACE, {**values, 'file': file_id, 'table': change.table_id}):
            raise RequirementFailed(f'File {file_id} of table {change.table_id!r} is gone')
    _raise_horizon(transaction, change.table_id)


def forget_aside(transaction: Transaction, change: ForgetAside) -> None:
    for file_id in change.file_ids:
        transaction.connection.execute(_FORGET, {'file': file_id, 'table': change.table_id})
    _raise_horizon(transaction, change.table_id)


def raise_counter(transaction: Transaction, change: RaiseCounter) -> None:
    key = {'table': change.table_id}
    if not transaction.connection.execute(_RAISE_COUNTER, {**key, 'least': change.at_least}):
        transaction.connection.execute(_INSERT_COUNTER, {'table_id': change.table_id, 'next_row_id': change.at_least})


def _raise_horizon(transaction: Transaction, table_id: str) -> None:
    transaction.connection.execute(_RAISE_HORIZON, {'table': table_id, 'commit': transaction.commit})
