"""Moving and renaming what has a path."""

from __future__ import annotations

import dataclasses

from pixeltable.api.default import say, session
from pixeltable.api.names import check_choice, normal_path
from pixeltable.api.naming import IF_NOT_EXISTS
from pixeltable.api.paths import missing
from pixeltable.catalog.changes import Change, Commit, CreateDirectory, DropDirectory, ReplaceTable
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError
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
    table_id = current.catalog.table_id(old)
    if table_id is None and not current.catalog.is_directory(old):
        if if_not_exists == 'ignore':
            return
        raise missing(current, old, wanted='table or directory')
    if current.catalog.table_id(new) is not None or current.catalog.is_directory(new):
        if if_exists == 'ignore':
            return
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS, f'move(): {new!r} exists already; drop it first, or choose another path.'
        )
    changes = _directory(current, old, new) if table_id is None else [_table(current, table_id, new)]
    current.catalog.commit(Commit('move', tuple(changes)))
    say(f'Moved {old!r} to {new!r}.')


def _table(current: Session, table_id: str, new: str) -> Change:
    return ReplaceTable(dataclasses.replace(current.catalog.schema(table_id).table, path=new))


def _directory(current: Session, old: str, new: str) -> list[Change]:
    """New directories first, because a table's must exist; the old ones go last, deepest first, because they must be empty."""
    created: list[Change] = [CreateDirectory(new)]
    moved: list[Change] = []
    dropped: list[Change] = [DropDirectory(old)]
    for path, kind in current.catalog.list_paths(old):
        target = new + path.removeprefix(old)
        if kind == 'directory':
            created.append(CreateDirectory(target))
            dropped.append(DropDirectory(path))
        else:
            table_id = current.catalog.table_id(path)
            if table_id is not None:  # not dropped meanwhile
                moved.append(_table(current, table_id, target))
    return [*created, *moved, *reversed(dropped)]
