"""The functions for snapshots: names, and paths, for versions. The way back to them is in `restoring`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from pixeltable.api.altering import IF_EXISTS
from pixeltable.api.columnspecs import check_notes
from pixeltable.api.default import say, session
from pixeltable.api.mediaspecs import MEDIA_VALIDATION
from pixeltable.api.names import check_choice, check_snapshot_name, normal_path
from pixeltable.api.paths import existing, get_table, handle_of, removal
from pixeltable.api.table import Table
from pixeltable.api.view_creation import created
from pixeltable.catalog.changes import Change, Commit, CreateTable, HasVersion
from pixeltable.catalog.past import Version
from pixeltable.catalog.records import TableRecord
from pixeltable.catalog.returns import AddSnapshot, DropSnapshot
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError
from pixeltable.exec.engine import Engine


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
    words = _words(tags)
    handle = handle_of(table)
    handle._versioned('snapshot')
    catalog, table_id = handle._session.catalog, handle._table_id

    def attempt(engine: Engine) -> tuple[int, bool]:
        known = {found.name: found.version for found in catalog.snapshots(table_id)}
        if name in known and if_exists == 'ignore':
            return known[name], False
        if name in known and if_exists == 'error':
            raise AlreadyExistsError(
                ErrorCode.PATH_ALREADY_EXISTS,
                f"{handle._path!r} has a snapshot {name!r} already; pass if_exists='replace', or use another name.",
            )
        version = _version(handle)
        dropped: tuple[Change, ...] = (DropSnapshot(table_id, name),) if name in known else ()
        changes = (*dropped, AddSnapshot(name, table_id, words, version.version))
        engine.commit(Commit('snapshot', changes, (_unchanged(handle, version),)))
        return version.version, True

    title = f'snapshot of {handle._path!r}'
    version, is_new = handle._session.committed('snapshot', table_id, handle._path, attempt, title)
    if is_new:
        say(f'Created snapshot {name!r} of {handle._path!r} at version {version}.')
    return Table(handle._session, table_id, handle._path, version)


def create_snapshot(
    path_str: str,
    base: Any,
    *,
    additional_columns: Mapping[str, Any] | None = None,
    iterator: Any = None,
    comment: str | None = None,
    custom_metadata: Any = None,
    media_validation: str = 'on_write',
    if_exists: str = 'error',
) -> Table:
    """Gives the current version of a table a path of its own: `pxt.create_snapshot('before', t)`, `pxt.get_table('before')`.

    With columns of its own, with an iterator, or over a query, it is a view that stays as it is: its rows are computed and
    stored. Else nothing is stored.

    Args:
        path_str: where it lies among tables and directories.
        base: the table, or a version or snapshot of it, or a query over one as for `create_view`.
        additional_columns, iterator: as for `create_view`.
        comment, custom_metadata: kept with it; the metadata must be JSON-able.
        media_validation: `'on_write'` or `'on_read'`.
        if_exists: `'error'`, `'ignore'` or `'replace'`, if the path is taken.

    Returns:
        A handle of that version, which can be read and not written.

    Raises:
        NotFoundError: PATH_NOT_FOUND, DIRECTORY_NOT_FOUND. AlreadyExistsError: PATH_ALREADY_EXISTS, also for a table that
            is no snapshot. RequestError: INVALID_PATH, INVALID_ARGUMENT, and what `create_view` raises.
    """
    if additional_columns or iterator is not None or not isinstance(base, (str, Table)):
        options = TableRecord('', '', 'snapshot', (), comment or '', custom_metadata, media_validation)
        whole = get_table(base) if isinstance(base, str) else base
        return created('create_snapshot', path_str, whole, additional_columns, iterator, options, if_exists)
    check_choice(if_exists, IF_EXISTS, 'if_exists')
    check_choice(media_validation, MEDIA_VALIDATION, 'media_validation')
    check_notes(comment, custom_metadata)
    path = normal_path(path_str)
    handle = handle_of(base)
    handle._versioned('create_snapshot')
    found = existing(handle._session, path, if_exists, 'snapshot')
    if found is not None and if_exists == 'ignore':
        return found

    def attempt(engine: Engine) -> int:
        version = _version(handle)
        record = TableRecord(
            uuid.uuid4().hex,
            path,
            kind='snapshot',
            comment=comment or '',
            custom_metadata=custom_metadata,
            base=(handle._table_id, version.version),
        )
        dropped = () if found is None else removal(handle._session, path)
        changes = (*dropped, CreateTable(record, ()))
        engine.commit(Commit('create snapshot', changes, (_unchanged(handle, version),)))
        return version.version

    title = f'snapshot of {handle._path!r}'
    version = handle._session.committed('create snapshot', handle._table_id, handle._path, attempt, title)
    say(f'Created snapshot {path!r} of {handle._path!r} at version {version}.')
    return Table(handle._session, handle._table_id, path, version)


def list_snapshots(table: str | Table) -> list[dict[str, Any]]:
    """The snapshots of a table, oldest first, as dicts with `name`, `version` and `tags`."""
    found = session().catalog.snapshots(handle_of(table)._table_id)
    return [{'name': each.name, 'version': each.version, 'tags': list(each.tags)} for each in found]


def get_snapshot(table: str | Table, name: str) -> Table:
    """The table as of a snapshot: a handle that can be read and not written. Raises PATH_NOT_FOUND if there is none."""
    check_snapshot_name(name)
    handle = handle_of(table)
    found = session().catalog.snapshot(handle._table_id, name)
    return Table(handle._session, handle._table_id, handle._path, found.version)


def drop_snapshot(table: str | Table, name: str) -> None:
    """Forgets a snapshot; the version that it named stays. Raises PATH_NOT_FOUND if there is none."""
    check_snapshot_name(name)
    handle = handle_of(table)
    handle._session.catalog.snapshot(handle._table_id, name)
    handle._session.catalog.commit(Commit('drop snapshot', (DropSnapshot(handle._table_id, name),)))


def _words(tags: Any) -> tuple[str, ...]:
    words = tuple(tags) if isinstance(tags, Iterable) and not isinstance(tags, str) else (None,)
    if not all(isinstance(word, str) for word in words):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'tags is a list of strings, not {tags!r}.')
    return words


def _version(handle: Table) -> Version:
    """The version that a handle reads."""
    if handle._version is not None:
        return handle._session.catalog.version(handle._table_id, handle._version)
    handle._schema()  # of a dropped table this raises
    return handle._session.catalog.versions(handle._table_id, 1)[0]


def _unchanged(handle: Table, version: Version) -> HasVersion:
    return HasVersion(handle._table_id, version.version, version.commit)
