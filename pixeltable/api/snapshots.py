"""The functions for snapshots: names for versions, and the way back to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pixeltable.api.default import say, session
from pixeltable.api.names import check_choice, check_snapshot_name
from pixeltable.api.table import Table
from pixeltable.api.tables import get_table
from pixeltable.catalog.changes import AddSnapshot, Change, Commit, DropSnapshot, Restore, VersionIs
from pixeltable.errors import AlreadyExistsError, ErrorCode, NotFoundError, RequestError
from pixeltable.exec.transaction import until_committed


def snapshot(table: str | Table, *, name: str, tags: Iterable[str] = (), if_exists: str = 'error') -> Table:
    """Names the current version of a table, so that it can be read and restored later. Copies nothing.

    Args:
        name: letters, digits, `_`, `.` and `-`; unique for the table.
        tags: words to find it by.
        if_exists: `'error'`, `'ignore'` or `'replace'`, if the table has a snapshot of that name.

    Returns:
        A handle of that version, which can be read and not written.

    Raises:
        NotFoundError: PATH_NOT_FOUND. AlreadyExistsError: PATH_ALREADY_EXISTS. RequestError: INVALID_ARGUMENT.
    """
    check_snapshot_name(name)
    check_choice(if_exists, ('error', 'ignore', 'replace'), 'if_exists')
    if isinstance(tags, str) or not all(isinstance(tag, str) for tag in tags):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'tags is a list of strings, not {tags!r}.')
    handle = _table(table)
    catalog = session().catalog
    known = {found.name: found for found in catalog.snapshots(handle._table_id)}
    drop: tuple[Change, ...] = ()
    if name in known:
        if if_exists == 'error':
            raise AlreadyExistsError(
                ErrorCode.PATH_ALREADY_EXISTS,
                f"{handle._path!r} has a snapshot {name!r} already; pass if_exists='replace', or use another name.",
            )
        if if_exists == 'ignore':
            return Table(handle._session, handle._table_id, handle._path, known[name].version)
        drop = (DropSnapshot(handle._table_id, name),)

    def attempt() -> int:
        version = handle._version if handle._version is not None else catalog.versions(handle._table_id, 1)[0].version
        changes = (*drop, AddSnapshot(name, handle._table_id, tuple(tags), version))
        catalog.commit(Commit('snapshot', changes))
        return version

    version = until_committed(attempt, f'snapshot of {handle._path!r}')
    say(f'Created snapshot {name!r} of {handle._path!r} at version {version}.')
    return Table(handle._session, handle._table_id, handle._path, version)


def create_snapshot(path_str: str, base: str | Table, *, tags: Iterable[str] = (), if_exists: str = 'error') -> Table:
    """`snapshot`, with the name first: `pxt.create_snapshot('before', t)`."""
    return snapshot(base, name=path_str, tags=tags, if_exists=if_exists)


def list_snapshots(table: str | Table) -> list[dict[str, Any]]:
    """The snapshots of a table, oldest first, as dicts with `name`, `version` and `tags`."""
    found = session().catalog.snapshots(_table(table)._table_id)
    return [{'name': each.name, 'version': each.version, 'tags': list(each.tags)} for each in found]


def get_snapshot(table: str | Table, name: str) -> Table:
    """The table as of a snapshot: a handle that can be read and not written. Raises PATH_NOT_FOUND if there is none."""
    handle = _table(table)
    found = session().catalog.snapshot(handle._table_id, name)
    return Table(handle._session, handle._table_id, handle._path, found.version)


def drop_snapshot(table: str | Table, name: str) -> None:
    """Forgets a snapshot; the version that it named stays. Raises PATH_NOT_FOUND if there is none."""
    handle = _table(table)
    session().catalog.snapshot(handle._table_id, name)
    session().catalog.commit(Commit('drop snapshot', (DropSnapshot(handle._table_id, name),)))


def restore(table: str | Table, *, snapshot: str | None = None, version: int | None = None) -> Table:
    """Makes rows and columns what they were at a snapshot or version. This is a new version: nothing leaves the history.

    Nothing is computed again, because what was stored then is still stored.

    Raises:
        RequestError: MISSING_REQUIRED for neither, INVALID_ARGUMENT for both. NotFoundError: PATH_NOT_FOUND.
    """
    if (snapshot is None) == (version is None):
        code = ErrorCode.MISSING_REQUIRED if snapshot is None else ErrorCode.INVALID_ARGUMENT
        raise RequestError(code, 'restore() takes either snapshot or version.')
    handle = _table(table)
    handle._writable('restore')
    catalog = session().catalog
    if snapshot is not None:
        version = catalog.snapshot(handle._table_id, snapshot).version
    assert version is not None
    commit = catalog.version(handle._table_id, version).commit
    what = f'snapshot {snapshot} (version {version})' if snapshot is not None else f'version {version}'

    def attempt() -> None:
        newest = catalog.versions(handle._table_id, 1)[0].version
        versions = ((handle._table_id, 'schema', {'restored': what}),)
        changes = (Restore(handle._table_id, commit),)
        catalog.commit(Commit('restore', changes, (VersionIs(handle._table_id, newest),), versions))

    until_committed(attempt, f'restore of {handle._path!r}')
    say(f'Restored {handle._path!r} to {what}.')
    return handle


def _table(table: str | Table) -> Table:
    found = get_table(table) if isinstance(table, str) else table
    if not isinstance(found, Table):
        raise NotFoundError(ErrorCode.PATH_NOT_FOUND, f'{table!r} is neither a table nor the path of one.')
    return found
