"""Which tables and directories exist. Paths arrive normalised; '' is the root, which always exists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, literal_column, select, union_all

from pixeltable.catalog.apply.paths import DIRECTORY_AT_PATH, TABLE_AT_PATH, subtree
from pixeltable.catalog.database import Database
from pixeltable.catalog.tables import commits, directories, live, tables, visible

_TABLE_IDS = select(tables.c.id).distinct()
LAST_COMMIT = select(commits.c.id).order_by(commits.c.id.desc()).limit(1)
_TABLE_AT = select(tables.c.id).where(tables.c.path == bindparam('path'), visible(tables))
_DIRECTORY_AT = select(directories.c.row).where(directories.c.path == bindparam('path'), visible(directories))
_BELOW = union_all(
    *(
        select(table.c.path, literal_column(f"'{kind}'")).where(
            table.c.path >= bindparam('low'), table.c.path < bindparam('high'), live(table)
        )
        for table, kind in ((tables, 'table'), (directories, 'directory'))
    )
)


def last_commit(database: Database) -> int:
    commit: int = database.connection().row(LAST_COMMIT)[0]
    return commit


def table_id(database: Database, path: str, at: int | None) -> str | None:
    row = _find(database, path, at, TABLE_AT_PATH, _TABLE_AT)
    return None if row is None else row[0]


def table_ids(database: Database) -> set[str]:
    return {row[0] for row in database.connection().rows(_TABLE_IDS)}


def is_directory(database: Database, path: str, at: int | None) -> bool:
    return not path or _find(database, path, at, DIRECTORY_AT_PATH, _DIRECTORY_AT) is not None


def _find(database: Database, path: str, at: int | None, newest: Any, earlier: Any) -> Any:
    if at is None:
        return database.connection().row(newest, {'path': path})
    return database.connection().row(earlier, {'path': path, 'at': at})


def list_paths(database: Database, prefix: str, recursive: bool) -> list[tuple[str, str]]:
    """`(path, 'table' | 'directory')` of what lies below directory `prefix`, sorted."""
    found = sorted((path, kind) for path, kind in database.connection().rows(_BELOW, subtree(prefix)))
    if recursive:
        return found
    start = len(prefix) + 1 if prefix else 0
    return [(path, kind) for path, kind in found if '/' not in path[start:]]
