"""Functions stored by value, under the hash of their code."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from pixeltable.catalog.commit import now
from pixeltable.catalog.database import Database
from pixeltable.catalog.tables import functions
from pixeltable.errors import ErrorCode, NotFoundError

_DATA = select(functions.c.data).where(functions.c.hash == bindparam('hash'))
_KNOWN = select(functions.c.hash).where(functions.c.hash == bindparam('hash'))
_INSERT = functions.insert()


def put_function(database: Database, hash_: str, name: str, data: bytes) -> None:
    """Does nothing if the hash is known. The commit that uses the function comes after."""
    if database.connection().row(_KNOWN, {'hash': hash_}):
        return
    with database.write() as connection:
        if not connection.row(_KNOWN, {'hash': hash_}):
            connection.execute(_INSERT, {'hash': hash_, 'name': name, 'created_at': now(), 'data': data})


def get_function(database: Database, hash_: str) -> bytes:
    row = database.connection().row(_DATA, {'hash': hash_})
    if row is None:
        raise NotFoundError(ErrorCode.FUNCTION_NOT_FOUND, f'The catalog holds no function with hash {hash_!r}.')
    data: bytes = row[0]
    return data
