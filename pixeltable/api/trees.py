"""What lies in directories, as plain data and as a frame."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

from pixeltable._support.optional import require
from pixeltable.api.default import session
from pixeltable.api.names import normal_path
from pixeltable.api.paths import list_dirs, list_tables, missing, open_table
from pixeltable.session import Session


class DirContents(TypedDict):
    """The full paths of what is in a directory, sorted."""

    dirs: list[str]
    tables: list[str]


class TableNode(TypedDict):
    """A table, view or snapshot in a tree.

    `version` is None for a snapshot, whose `base` has it. `error_count` is the number of cells that failed in the versions of
    the table.
    """

    name: str
    path: str
    kind: str
    version: int | None
    error_count: int
    base: str | None


class DirectoryNode(TypedDict):
    """A directory in a tree, with what is in it."""

    name: str
    path: str
    kind: Literal['directory']
    entries: list[TreeNode]


TreeNode = DirectoryNode | TableNode


def get_dir_contents(dir_path: str = '', recursive: bool = True) -> DirContents:
    """The full paths of the directories and tables in a directory.

    Raises:
        NotFoundError: PATH_NOT_FOUND. RequestError: INVALID_ARGUMENT for a table.
    """
    return {'dirs': list_dirs(dir_path, recursive), 'tables': list_tables(dir_path, recursive)}


def get_dir_tree(path: str = '') -> list[TreeNode]:
    """What is in a directory, as a tree: directories first, then tables, each sorted by name. Raises like `get_dir_contents`."""
    current = session()
    return _entries(current, _directory(current, path))


def ls(path: str = '') -> Any:
    """What is directly in a directory, as a pandas DataFrame with the columns Name, Kind, Version and Base.

    Raises:
        NotFoundError: PATH_NOT_FOUND. RequestError: INVALID_ARGUMENT for a table, INVALID_CONFIGURATION if pandas is missing.
    """
    pandas = require('pandas', 'pandas')
    current = session()
    found = _children(current, _directory(current, path))
    rows = [(_name(child), 'dir', '', '') for child, kind in found if kind == 'directory']
    for child, kind in found:
        if kind == 'table' and (node := _node(current, child)) is not None:
            version = '' if node['version'] is None else str(node['version'])
            rows.append((node['name'], node['kind'], version, node['base'] or ''))
    return pandas.DataFrame(rows, columns=['Name', 'Kind', 'Version', 'Base'], dtype=str)


def _directory(current: Session, path: str) -> str:
    path = normal_path(path, root=True)
    if path and not current.catalog.is_directory(path):
        raise missing(current, path, wanted='directory')
    return path


def _children(current: Session, path: str) -> list[tuple[str, str]]:
    return current.catalog.list_paths(path, recursive=False)


def _entries(current: Session, path: str) -> list[TreeNode]:
    found = _children(current, path)
    directories: list[TreeNode] = [
        {'name': _name(child), 'path': child, 'kind': 'directory', 'entries': _entries(current, child)}
        for child, kind in found
        if kind == 'directory'
    ]
    tables = (_node(current, child) for child, kind in found if kind == 'table')
    return directories + [node for node in tables if node is not None]


def _node(current: Session, path: str) -> TableNode | None:
    """None for a table that was dropped meanwhile."""
    table_id = current.catalog.table_id(path)
    if table_id is None:
        return None
    table = open_table(current, table_id, path)
    kind, base = table._kind_and_base()
    versions = current.catalog.versions(table._table_id, None)
    return {
        'name': _name(path),
        'path': path,
        'kind': kind,
        'version': None if kind == 'snapshot' else versions[0].version,
        'error_count': sum(version.summary.get('errors', 0) for version in versions),
        'base': base,
    }


def _name(path: str) -> str:
    return path.rpartition('/')[2]
