"""The functions for directories."""

from __future__ import annotations

from dataclasses import dataclass

from pixeltable.api.altering import IF_EXISTS
from pixeltable.api.default import say, session
from pixeltable.api.names import check_choice, normal_path
from pixeltable.api.naming import IF_NOT_EXISTS
from pixeltable.api.paths import derived_first, missing
from pixeltable.catalog.changes import Change, Commit, CreateDirectory, DropDirectory, DropTable
from pixeltable.errors import AlreadyExistsError, ErrorCode, RequestError
from pixeltable.session import Session


@dataclass(frozen=True, slots=True)
class Dir:
    """A directory."""

    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition('/')[2]


def create_dir(path: str, *, if_exists: str = 'error', parents: bool = False) -> Dir | None:
    """Creates a directory, with `parents` also the missing ones above it.

    Args:
        if_exists: `'error'`; `'ignore'` returns the existing one; `'replace'` drops it first if it is empty,
            `'replace_force'` with all that it holds.

    Raises:
        NotFoundError: DIRECTORY_NOT_FOUND for a missing parent. AlreadyExistsError: PATH_ALREADY_EXISTS.
        RequestError: INVALID_PATH.
    """
    check_choice(if_exists, IF_EXISTS, 'if_exists')
    catalog = session().catalog
    path = normal_path(path)
    changes: list[Change] = []
    if catalog.table_id(path) is not None:
        raise AlreadyExistsError(ErrorCode.PATH_ALREADY_EXISTS, f'{path!r} is a table; use another name.')
    if catalog.is_directory(path):
        if if_exists == 'error':
            raise AlreadyExistsError(
                ErrorCode.PATH_ALREADY_EXISTS, f"directory {path!r} exists already; pass if_exists='ignore'."
            )
        if if_exists == 'ignore':
            return Dir(path)
        if if_exists == 'replace' and catalog.list_paths(path):
            raise AlreadyExistsError(
                ErrorCode.PATH_ALREADY_EXISTS,
                f"directory {path!r} exists already and is not empty; if_exists='replace_force' drops all that it holds.",
            )
        changes = _removal(session(), path, True)
    elif parents:
        parts = path.split('/')
        above = ('/'.join(parts[:count]) for count in range(1, len(parts)))
        changes = [
            CreateDirectory(parent)
            for parent in above
            if catalog.table_id(parent) is None and not catalog.is_directory(parent)
        ]
    catalog.commit(Commit('create directory', (*changes, CreateDirectory(path))))
    say(f'Created directory {path!r}.')
    return Dir(path)


def drop_dir(path: str, force: bool = False, if_not_exists: str = 'error') -> None:
    """Drops a directory; with `force` also everything in it.

    Raises:
        NotFoundError: PATH_NOT_FOUND. RequestError: UNSUPPORTED_OPERATION if it is not empty, INVALID_ARGUMENT for a table.
    """
    check_choice(if_not_exists, IF_NOT_EXISTS, 'if_not_exists')
    current = session()
    path = normal_path(path)
    if not current.catalog.is_directory(path):
        if if_not_exists == 'ignore' and current.catalog.table_id(path) is None:
            return
        raise missing(current, path, wanted='directory')
    current.catalog.commit(Commit('drop directory', tuple(_removal(current, path, force))))
    say(f'Dropped directory {path!r}.')


def _removal(current: Session, path: str, force: bool) -> list[Change]:
    """The changes that drop a directory, deepest first, and what is derived elsewhere from the tables in it."""
    inside = current.catalog.list_paths(path)
    if inside and not force:
        names = ', '.join(name for name, _ in inside[:5]) + (', …' if len(inside) > 5 else '')
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'directory {path!r} is not empty ({names}); pass force=True to drop it all.',
        )
    directories: list[Change] = []
    dropped: dict[str, Change] = {}
    for name, kind in sorted(inside, key=lambda item: item[0].count('/'), reverse=True):
        if kind == 'directory':
            directories.append(DropDirectory(name))
        else:
            table_id = current.catalog.table_id(name)
            ids = [] if table_id is None else derived_first(current, table_id)  # dropped meanwhile
            dropped |= {each: DropTable(each, with_snapshots=True) for each in ids if each not in dropped}
    return [*dropped.values(), *directories, DropDirectory(path)]
