"""Opens the catalog of a home: a file in it, or a PostgreSQL database. Creates it if there is none.

Refuses in words what is not ours, and what would not be safe, touching nothing.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Set
from pathlib import Path

from sqlalchemy import bindparam, select

from pixeltable._support.disk import Disk, make_folder
from pixeltable.catalog.catalog import Catalog
from pixeltable.catalog.commit import insert_commit, now
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.database import Database
from pixeltable.catalog.driver import Driver
from pixeltable.catalog.migrations import FORMAT_VERSION, migrate
from pixeltable.catalog.mounts import network_file_system
from pixeltable.catalog.postgres import PostgresDriver
from pixeltable.catalog.sqlite import SqliteDriver
from pixeltable.catalog.tables import METADATA, meta
from pixeltable.errors import ErrorCode, InternalError, RequestError

FILE_NAME = 'catalog.db'

_SQLITE_HEADER = b'SQLite format 3\0'
_META = select(meta.c.value).where(meta.c.key == bindparam('key'))
_INSERT_META = meta.insert()
_OURS = {each.name for each in METADATA.sorted_tables}
_UPDATE_META = meta.update().where(meta.c.key == bindparam('name')).values(value=bindparam('new'))


def open_home(folder: Path, url: str | None = None, *, create: bool = True) -> Catalog:
    """The catalog of home `folder`: the PostgreSQL database at `url`, or a file. Without `create` it must be there.

    Raises RequestError INVALID_CONFIGURATION if the folder cannot be a home, or what is there cannot be the catalog.
    """
    if url is None and not create and not folder.exists():
        raise _no_catalog(repr(str(folder)))
    _check_folder(folder)
    if url is not None:
        return _open(PostgresDriver(url), create)
    _check_local(folder)
    _check_header(folder / FILE_NAME)
    if not create and not (folder / FILE_NAME).exists():
        raise _no_catalog(repr(str(folder)))
    return _open(SqliteDriver(folder / FILE_NAME), create)


def _open(driver: Driver, create: bool) -> Catalog:
    database = Database(driver)
    try:
        connection = database.connection()
        names = connection.tables(_OURS)
        if not names and not create:
            raise _no_catalog(repr(driver.place))
        if not names:
            connection.prepare()
            _create(database, driver)
        elif _format_version(connection, driver, names) < FORMAT_VERSION:
            _upgrade(database, driver)
        return Catalog(database, _check(connection, driver))
    except BaseException:
        database.close()
        raise


def _refuse(message: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_CONFIGURATION, message)


def _no_catalog(place: str) -> RequestError:
    return _refuse(
        f'there is no home of Pixeltable in {place}. Name another with --home, PIXELTABLE_HOME or PIXELTABLE_CATALOG; '
        'a home is made when a program first uses it.'
    )


def _check_folder(folder: Path) -> None:
    if folder.is_dir() and (folder / 'pgdata').exists():
        raise _refuse(
            f'{str(folder)!r} is the home of another program of the same name: it holds a PostgreSQL cluster in '
            f'pgdata. {SqliteDriver.elsewhere}'
        )
    try:
        if not folder.is_dir():
            make_folder(Disk(), folder)
    except OSError as error:
        raise _refuse(
            f'{str(folder)!r} cannot be the home folder: {error.strerror}. {SqliteDriver.elsewhere}'
        ) from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise _refuse(
            f'The home folder {str(folder)!r} cannot be written. Change its permissions. {SqliteDriver.elsewhere}'
        )


def _check_header(file: Path) -> None:
    """A look at the first bytes: SQLite is not let near a file that is not its own."""
    try:
        with file.open('rb') as opened:
            header = opened.read(len(_SQLITE_HEADER))
    except FileNotFoundError:
        return
    except OSError as error:
        raise _refuse(f'{str(file)!r} cannot be read: {error.strerror}. {SqliteDriver.elsewhere}') from error
    if header not in (b'', _SQLITE_HEADER):
        raise _not_ours(SqliteDriver(file))


def _check_local(folder: Path) -> None:
    kind = network_file_system(folder)
    if kind is not None:
        raise _refuse(
            f'The home folder {str(folder)!r} lies on a network file system ({kind}), where the locks of SQLite do not hold: '
            'the catalog would be destroyed. Set PIXELTABLE_HOME to a folder on a local disk, or PIXELTABLE_CATALOG to a '
            'PostgreSQL database.'
        )


def _not_ours(driver: Driver, names: Set[str] = frozenset()) -> RequestError:
    if driver.is_shared:
        found = ', '.join(sorted(names))
        what = f'holds tables of another program under names that a catalog needs ({found}), or a damaged catalog'
    else:
        what = 'is not a catalog of this program, or is damaged. Restore it from a backup or move it away'
    return _refuse(f'{driver.place!r} {what}. {driver.elsewhere}')


def _create(database: Database, driver: Driver) -> None:
    """In one transaction, so that a crash leaves a whole catalog or none."""
    with database.write() as connection:
        if connection.tables(_OURS):
            return  # another process created it meanwhile
        connection.create_tables(METADATA.sorted_tables)
        connection.execute(_INSERT_META, {'key': 'format_version', 'value': str(FORMAT_VERSION)})
        connection.execute(_INSERT_META, {'key': 'catalog_id', 'value': uuid.uuid4().hex})
        insert_commit(connection, 0, now(), 'create catalog', 0, uuid.uuid4().hex)


def _meta(connection: Connection, driver: Driver, names: set[str], key: str) -> str:
    """The value of `key`. A table `meta` of another program has none, or has other columns."""
    try:
        row = connection.row(_META, {'key': key}) if meta.name in names else None
    except (InternalError, RequestError) as error:
        raise _not_ours(driver, names) from error
    if row is None:
        raise _not_ours(driver, names)
    value: str = row[0]
    return value


def _format_version(connection: Connection, driver: Driver, names: set[str]) -> int:
    text = _meta(connection, driver, names, 'format_version')
    if not text.isdigit():
        raise _not_ours(driver, names)
    return int(text)


def _upgrade(database: Database, driver: Driver) -> None:
    """In one transaction, so that a crash leaves the old format whole; another process may have been faster."""
    with database.write() as connection:
        version = _format_version(connection, driver, {meta.name})
        if version < FORMAT_VERSION:
            migrate(connection, version)
            connection.execute(_UPDATE_META, {'name': 'format_version', 'new': str(FORMAT_VERSION)})


def _check(connection: Connection, driver: Driver) -> str:
    """Checks that the catalog is ours and of a format that we know; returns its id."""
    names = connection.tables(_OURS)
    version = _format_version(connection, driver, names)
    if version > FORMAT_VERSION:  # before a look at the tables, which a newer format may have others of
        raise _refuse(
            f'The catalog {driver.place!r} has format {version}, and this release reads up to {FORMAT_VERSION}. '
            'Upgrade: pip install --upgrade pixeltable'
        )
    if not names >= _OURS:
        raise _not_ours(driver, names)
    return _meta(connection, driver, names, 'catalog_id')
