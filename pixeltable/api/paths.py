"""Finding, listing and dropping what has a path."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from pixeltable.api.default import say, session
from pixeltable.api.names import check_choice, normal_path, split_version
from pixeltable.api.naming import IF_NOT_EXISTS
from pixeltable.api.table import Table
from pixeltable.catalog.changes import Change, Commit, DropTable
from pixeltable.errors import (
    AlreadyExistsError,
    Error,
    ErrorCode,
    NotFoundError,
    PixeltableWarning,
    RequestError,
    did_you_mean,
)
from pixeltable.session import Session

_LISTS = {'table': 'list_tables', 'directory': 'list_dirs', 'table or directory': 'get_dir_contents'}


def get_table(path: str, if_not_exists: str = 'error') -> Table | None:
    """The table at `path`; `'docs:3'` is its version 3, which can be read and not written.

    A warning names computed columns whose functions are gone, or have another signature than when they were added.

    Raises:
        NotFoundError: PATH_NOT_FOUND, also for a version that does not exist. RequestError: INVALID_ARGUMENT for a directory.
    """
    check_choice(if_not_exists, IF_NOT_EXISTS, 'if_not_exists')
    current = session()
    name, version = split_version(path)
    name = normal_path(name)
    table_id = current.catalog.table_id(name)
    if table_id is None:
        if if_not_exists == 'ignore' and not current.catalog.is_directory(name):
            return None
        raise missing(current, name)
    try:
        found = open_table(current, table_id, name, version)
    except NotFoundError:
        if if_not_exists == 'ignore':
            return None
        raise
    for problem in _lost(current, table_id):
        text = f'{problem} Its values can be read; rows are inserted again when that is mended, or the column dropped.'
        warnings.warn(PixeltableWarning(text), stacklevel=2)
    return found


def _lost(current: Session, table_id: str) -> Iterator[str]:
    """Which columns of a table cannot be computed, and why, when it is opened first."""
    schema, resolver = current.catalog.schema(table_id), current.engine.resolver
    for column in schema.computed if resolver.opens(schema) else ():
        try:
            resolver.unbound(schema, column)
        except Error as error:
            yield f'column {column.name!r} of {schema.table.path!r} cannot be computed: {error.message}'


def open_table(current: Session, table_id: str, path: str, version: int | None = None) -> Table:
    """A handle; that of a snapshot with a path of its own is one of the version it stands for."""
    base = current.catalog.schema(table_id).table.base
    if base is not None:
        if version is not None and version != base[1]:
            raise NotFoundError(
                ErrorCode.PATH_NOT_FOUND, f'{path!r} is a snapshot of version {base[1]}, and has no version {version}.'
            )
        return Table(current, base[0], path, base[1])
    if version is not None:
        Table(current, table_id, path)._versioned(f'{path}:{version}')
        current.catalog.version(table_id, version)
    return Table(current, table_id, path, version)


def handle_of(table: str | Table) -> Table:
    """The table itself, or the one at that path. Raises PATH_NOT_FOUND for what is neither."""
    found = get_table(table) if isinstance(table, str) else table
    if not isinstance(found, Table):
        raise NotFoundError(ErrorCode.PATH_NOT_FOUND, f'{table!r} is neither a table nor the path of one.')
    return found


def drop_table(table: str | Table, force: bool = False, if_not_exists: str = 'error') -> None:
    """Drops a table with its versions and snapshots; `pxt.restore` brings it back until it is vacuumed.

    `force` drops it even if snapshots name it.

    Raises:
        NotFoundError: PATH_NOT_FOUND. RequestError: INVALID_ARGUMENT for a directory, CONSTRAINT_VIOLATION if snapshots need it.
    """
    check_choice(if_not_exists, IF_NOT_EXISTS, 'if_not_exists')
    current = session()
    if isinstance(table, Table):
        path = table._schema().table.path if table._version is None else table._path  # it may have been moved
    else:
        path = normal_path(table)
    table_id = current.catalog.table_id(path)
    if table_id is None:
        if if_not_exists == 'ignore' and not current.catalog.is_directory(path):
            return
        raise missing(current, path)
    current.catalog.commit(Commit('drop table', removal(current, path, force=force)))
    say(f'Dropped table {path!r}.')


def removal(current: Session, path: str, *, force: bool = False) -> tuple[Change, ...]:
    """The changes that drop the table at `path`, and with `force` what is derived from it, first.

    Raises CONSTRAINT_VIOLATION without `force` if views or snapshots would be lost.
    """
    table_id = current.catalog.table_id(path)
    if table_id is None:
        return ()  # dropped meanwhile
    views = current.catalog.derived(table_id)
    snapshots = [pin for pin in current.catalog.pins(table_id) if pin.table_id is None]
    if (views or snapshots) and not force:
        names = ', '.join(
            [*(f'{each.kind} {each.path!r}' for each in views), *(f'snapshot {pin.name!r}' for pin in snapshots)]
        )
        raise RequestError(
            ErrorCode.CONSTRAINT_VIOLATION,
            f'table {path!r} cannot be dropped: {names} would be lost; drop them first, or pass force=True to drop it all.',
        )
    return tuple(DropTable(each, with_snapshots=force) for each in derived_first(current, table_id))


def derived_first(current: Session, table_id: str) -> list[str]:
    """The ids of everything that is derived from a table and has a path, each after what is derived from it, and of itself."""
    below = (derived_first(current, record.id) for record in current.catalog.derived(table_id))
    return list(dict.fromkeys([*(each for ids in below for each in ids), table_id]))


def list_tables(dir_path: str = '', recursive: bool = True) -> list[str]:
    """The full paths of the tables in a directory, sorted.

    Raises:
        NotFoundError: PATH_NOT_FOUND. RequestError: INVALID_ARGUMENT for a table.
    """
    return _listed(dir_path, recursive, 'table')


def list_dirs(path: str = '', recursive: bool = True) -> list[str]:
    """The full paths of the directories in a directory, sorted. Raises like `list_tables`."""
    return _listed(path, recursive, 'directory')


def _listed(path: str, recursive: bool, kind: str) -> list[str]:
    current = session()
    path = normal_path(path, root=True)
    if path and not current.catalog.is_directory(path):
        raise missing(current, path, wanted='directory')
    return [found for found, what in current.catalog.list_paths(path, recursive) if what == kind]


def missing(current: Session, path: str, wanted: str = 'table') -> NotFoundError | RequestError:
    """The error for a path that is not what was asked for."""
    catalog = current.catalog
    found = 'directory' if catalog.is_directory(path) else 'table' if catalog.table_id(path) is not None else None
    if found is not None:
        return RequestError(ErrorCode.INVALID_ARGUMENT, f'{path!r} is a {found}, not a {wanted}.')
    if wanted == 'table' and catalog.dropped_at(path) is not None:
        return NotFoundError(
            ErrorCode.PATH_NOT_FOUND,
            f'there is no table {path!r}: it was dropped; pxt.restore({path!r}) brings it back.',
        )
    names = [name for name, kind in catalog.list_paths() if kind in wanted]
    return NotFoundError(
        ErrorCode.PATH_NOT_FOUND,
        f'there is no {wanted} {path!r}.{did_you_mean(path, names)} See pxt.{_LISTS[wanted]}().',
    )


def existing(current: Session, path: str, if_exists: str, kind: str) -> Table | None:
    """The table, view or snapshot at `path`, if there is one and `if_exists` allows it. Raises PATH_ALREADY_EXISTS for another
    kind of thing too."""
    table_id = current.catalog.table_id(path)
    if table_id is None:
        if current.catalog.is_directory(path):
            raise AlreadyExistsError(ErrorCode.PATH_ALREADY_EXISTS, f'{path!r} is a directory; use another name.')
        return None
    if if_exists == 'error':
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS,
            f"a table {path!r} exists already; get it with pxt.get_table({path!r}), or pass if_exists='ignore' or 'replace'.",
        )
    found = current.catalog.schema(table_id).table.kind
    if found != kind:
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS, f'{path!r} is a {found}, and no {kind}; use another path.'
        )
    return open_table(current, table_id, path)
