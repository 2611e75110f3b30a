"""Functions stored by value, under the hash of their code.

A function is stored before the commit that uses it, and removed when no column or view, present or past, and no job uses it.
That may come between the two, so the commit looks whether its functions are there (`apply.columns`).
"""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select, update

from pixeltable.catalog import documents
from pixeltable.catalog.commit import now
from pixeltable.catalog.database import Database
from pixeltable.catalog.tables import columns, functions, jobs, tables
from pixeltable.catalog.uses import functions_of
from pixeltable.errors import ErrorCode, NotFoundError

_DATA = select(functions.c.data).where(functions.c.hash == bindparam('hash'))
_KNOWN = select(functions.c.hash).where(functions.c.hash == bindparam('hash'))
_INSERT = functions.insert()
_USED_AGAIN = update(functions).where(functions.c.hash == bindparam('known')).values(created_at=bindparam('now'))
_OLD = select(functions.c.hash).where(functions.c.created_at < bindparam('before'))
_DOCUMENTS = select(columns.c.doc).where(columns.c.doc.like('%"python"%'))
_VIEWS = select(tables.c.doc).where(tables.c.doc.like('%"python"%'))
_JOBS = select(jobs.c.doc).where(jobs.c.ended_at.is_(None))
_DELETE = delete(functions).where(functions.c.hash == bindparam('hash'))


def put_function(database: Database, hash_: str, name: str, data: bytes) -> None:
    """Stores a function, or notes that it is about to be used again. The commit that uses the function comes after."""
    with database.write() as connection:
        if not connection.execute(_USED_AGAIN, {'known': hash_, 'now': now()}):
            connection.execute(_INSERT, {'hash': hash_, 'name': name, 'created_at': now(), 'data': data})


def get_function(database: Database, hash_: str) -> bytes:
    row = database.connection().row(_DATA, {'hash': hash_})
    if row is None:
        raise NotFoundError(ErrorCode.FUNCTION_NOT_FOUND, f'The catalog holds no function with hash {hash_!r}.')
    data: bytes = row[0]
    return data


def remove_unused(database: Database, before: int) -> int:
    """Removes functions that were last stored before that time and that no column, view or job uses; returns how many."""
    with database.write() as connection:
        old = {row[0] for row in connection.rows(_OLD, {'before': before})}
        if old:
            for (text,) in connection.rows(_DOCUMENTS):
                column = documents.column_record(text)
                old -= functions_of(column.value, column.embedding and column.embedding.also)
            for (text,) in connection.rows(_VIEWS):
                view = documents.table_record('', '', 0, text).view
                old -= functions_of(*(view.expressions if view is not None else ()))
            for (text,) in connection.rows(_JOBS):
                old -= functions_of(*documents.job_spec(text).where)
        connection.execute_many(_DELETE, [{'hash': hash_} for hash_ in sorted(old)])
    return len(old)
