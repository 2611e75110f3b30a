"""Opens the catalog of a home folder, creating it if there is none. Refuses in words what is not ours, touching nothing."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import Any

from sqlalchemy import Select, bindparam, column, select, table

from pixeltable.catalog.catalog import Catalog
from pixeltable.catalog.commit import insert_commit, now
from pixeltable.catalog.database import Connection, Database
from pixeltable.catalog.sqlite import SqliteDriver
from pixeltable.catalog.tables import METADATA, meta
from pixeltable.errors import ErrorCode, RequestError

FORMAT_VERSION = 1
FILE_NAME = 'catalog.db'

_ELSEWHERE = 'Set PIXELTABLE_HOME, or pass pxt.init() another home folder.'
_SQLITE_HEADER = b'SQLite format 3\0'
_TABLES: Select[Any] = select(column('name')).select_from(table('sqlite_master')).where(column('type') == 'table')
_META = select(meta.c.value).where(meta.c.key == bindparam('key'))
_INSERT_META = meta.insert()


def open_home(folder: Path) -> Catalog:
    """The catalog in `folder`. Raises RequestError INVALID_CONFIGURATION if the folder cannot be a home."""
    _check_folder(folder)
    file = folder / FILE_NAME
    _check_header(file)
    driver = SqliteDriver(file)
    database = Database(driver)
    try:
        connection = database.connection()
        names = _table_names(connection)
        if not names:
            driver.prepare(connection.raw)
            _create(database)
        return Catalog(database, _check_meta(connection, file))
    except BaseException:
        database.close()
        raise


def _refuse(message: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_CONFIGURATION, message)


def _check_folder(folder: Path) -> None:
    if folder.is_dir() and (folder / 'pgdata').exists():
        raise _refuse(
            f'{str(folder)!r} is the home of another program of the same name: it holds a PostgreSQL cluster in '
            f'pgdata. {_ELSEWHERE}'
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refuse(f'{str(folder)!r} cannot be the home folder: {error.strerror}. {_ELSEWHERE}') from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise _refuse(f'The home folder {str(folder)!r} cannot be written. Change its permissions. {_ELSEWHERE}')


def _check_header(file: Path) -> None:
    """A look at the first bytes: SQLite is not let near a file that is not its own."""
    try:
        with file.open('rb') as opened:
            header = opened.read(len(_SQLITE_HEADER))
    except FileNotFoundError:
        return
    except OSError as error:
        raise _refuse(f'{str(file)!r} cannot be read: {error.strerror}. {_ELSEWHERE}') from error
    if header not in (b'', _SQLITE_HEADER):
        raise _not_ours(file)


def _not_ours(file: Path) -> RequestError:
    return _refuse(
        f'{str(file)!r} is not a catalog of this program, or is damaged. Restore it from a backup or move it '
        f'away. {_ELSEWHERE}'
    )


def _table_names(connection: Connection) -> set[str]:
    return {row[0] for row in connection.rows(_TABLES)}


def _create(database: Database) -> None:
    """In one transaction, so that a crash leaves a whole catalog or none."""
    with database.write() as connection:
        if _table_names(connection):
            return  # another process created it meanwhile
        connection.create_all(METADATA)
        connection.execute(_INSERT_META, {'key': 'format_version', 'value': str(FORMAT_VERSION)})
        connection.execute(_INSERT_META, {'key': 'catalog_id', 'value': uuid.uuid4().hex})
        insert_commit(connection, 0, now(), 'create catalog', 0)


def _check_meta(connection: Connection, file: Path) -> str:
    """Checks that the catalog is ours and of a format that we know; returns its id."""
    if not {each.name for each in METADATA.sorted_tables} <= _table_names(connection):
        raise _not_ours(file)
    version, catalog_id = (connection.row(_META, {'key': key}) for key in ('format_version', 'catalog_id'))
    if version is None or catalog_id is None or not version[0].isdigit():
        raise _not_ours(file)
    if int(version[0]) > FORMAT_VERSION:
        raise _refuse(
            f'The catalog {str(file)!r} has format {version[0]}, and this release reads up to {FORMAT_VERSION}. '
            'Upgrade: pip install --upgrade pixeltable'
        )
    identity: str = catalog_id[0]
    return identity
