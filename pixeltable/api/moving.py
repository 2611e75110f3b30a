"""Moving and renaming what has a path."""

from __future__ import annotations

import dataclasses

from pixeltable.api.default import say, session
from pixeltable.api.names import check_choice, normal_path
from pixeltable.api.naming import IF_NOT_EXISTS
from pixeltable.api.paths import missing
from pixeltable.catalog.changes import Change, Commit, CreateDirectory, DropDirectory, ReplaceTable, SchemaIs
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError
from pixeltable.exec.transaction import until_committed
from pixeltable.session import Session


def move(path: str, new_path: str, *, if_exists: str = 'error', if_not_exists: str = 'error') -> None:
    """Gives a table or a directory another path: renames it, or moves it into another directory with all that is in it.

    What is derived from a moved table goes on working, and so do handles.

    Args:
        if_exists: `'ignore'` does nothing if `new_path` is taken.
        if_not_exists: `'ignore'` does nothing if there is nothing at `path`.

    Raises:
        NotFoundError: PATH_NOT_FOUND, DIRECTORY_NOT_FOUND for a missing parent of `new_path`.
        AlreadyExistsError: PATH_ALREADY_EXISTS.
        RequestError: UNSUPPORTED_OPERATION for the same path, or one below the directory itself; INVALID_PATH.
    """
    check_choice(if_exists, ('error', 'ignore'), 'if_exists')
    check_choice(if_not_exists, IF_NOT_EXISTS, 'if_not_exists')
    current = session()
    old, new = normal_path(path), normal_path(new_path)
    if old == new or new.startswith(f'{old}/'):
        where = 'itself' if old == new else 'a directory below itself'
        raise RequestError(ErrorCode.UNSUPPORTED_OPERATION, f'move(): {old!r} cannot be moved to {where} ({new!r}).')

    def attempt() -> bool:
        commit = _planned(current, old, new, if_exists, if_not_exists)
        if commit is not None:
            current.catalog.commit(commit)
        return commit is not None

    if until_committed(attempt, f'move of {old!r}'):
        say(f'Moved {old!r} to {new!r}.')


def _planned(current: Session, old: str, new: str, if_exists: str, if_not_exists: str) -> Commit | None:
    """The move, as things are now; None if there is nothing to do."""
    catalog = current.catalog
    table_id = catalog.table_id(old)
    if table_id is None and not catalog.is_directory(old):
        if if_not_exists == 'ignore':
            return None
        raise missing(current, old, wanted='table or directory')
    if catalog.table_id(new) is not None or catalog.is_directory(new):
        if if_exists == 'ignore':
            return None
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS, f'move(): {new!r} exists already; drop it first, or choose another path.'
        )
    inside = [(old, 'directory'), *catalog.list_paths(old)] if table_id is None else [(old, 'table')]
    directories = [path for path, kind in inside if kind == 'directory']
    ids = [catalog.table_id(path) for path, kind in inside if kind == 'table']
    tables = [catalog.schema(each).table for each in ids if each is not None]  # those that were not dropped meanwhile

    def moved(path: str) -> str:
        return new + path.removeprefix(old)

    changes: tuple[Change, ...] = (
        *(CreateDirectory(moved(path)) for path in directories),  # first, because that of a table must exist
        *(ReplaceTable(dataclasses.replace(table, path=moved(table.path))) for table in tables),
        *(DropDirectory(path) for path in reversed(directories)),  # deepest first, because they must be empty
    )
    return Commit('move', changes, tuple(SchemaIs(table.id, table.schema_version) for table in tables))
