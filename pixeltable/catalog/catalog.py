"""The catalog as the layers above use it: one method to change it, and methods to read what a commit sees.

Any thread may call any method. What the methods do is in `commit.py`, `apply/` and `read/`. Table data is elsewhere, but
for what is inlined.
"""

from __future__ import annotations

from pixeltable.catalog import functions
from pixeltable.catalog.changes import Commit, Committed
from pixeltable.catalog.commit import carry_out
from pixeltable.catalog.database import Database
from pixeltable.catalog.read import history, paths
from pixeltable.catalog.read.contents import ContentsCache
from pixeltable.catalog.read.schemas import Schemas
from pixeltable.catalog.records import Contents, Schema, Snapshot, Version


class Catalog:
    """What tables exist and what they hold. `at` is a commit id; None means the newest commit.

    Calls that must agree with each other take the same `at`, from `last_commit`.
    """

    def __init__(self, database: Database, catalog_id: str) -> None:
        self.id = catalog_id
        self._database = database
        self._schemas = Schemas(database)
        self._contents = ContentsCache(database)

    def commit(self, commit: Commit) -> Committed:
        """Carries out all changes, durably, or none. Raises `RequirementFailed` when a requirement no longer holds."""
        return carry_out(self._database, commit)

    def last_commit(self) -> int:
        return paths.last_commit(self._database)

    def table_id(self, path: str, at: int | None = None) -> str | None:
        """The id of the table at `path`, or None."""
        return paths.table_id(self._database, path, at)

    def is_directory(self, path: str, at: int | None = None) -> bool:
        return paths.is_directory(self._database, path, at)

    def list_paths(self, prefix: str = '', recursive: bool = True) -> list[tuple[str, str]]:
        """`(path, 'table' | 'directory')` of what lies below directory `prefix`, sorted."""
        return paths.list_paths(self._database, prefix, recursive)

    def schema(self, table_id: str, at: int | None = None) -> Schema:
        """Raises NotFoundError TABLE_NOT_FOUND if there is no such table at that commit."""
        return self._schemas.get(table_id, at)

    def contents(self, table_id: str, at: int | None = None) -> Contents:
        """Raises NotFoundError TABLE_NOT_FOUND if there is no such table at that commit."""
        return self._contents.get(table_id, at)

    def row_count(self, table_id: str, at: int | None = None) -> int:
        return self._contents.get(table_id, at).row_count

    def versions(self, table_id: str, limit: int | None = None) -> list[Version]:
        """Newest first."""
        return history.versions_of(self._database, table_id, limit)

    def version(self, table_id: str, number: int) -> Version:
        """Raises NotFoundError PATH_NOT_FOUND if the table has no such version."""
        return history.version(self._database, table_id, number)

    def snapshots(self, table_id: str) -> list[Snapshot]:
        """Oldest first."""
        return history.snapshots_of(self._database, table_id)

    def snapshot(self, table_id: str, name: str) -> Snapshot:
        """Raises NotFoundError PATH_NOT_FOUND if the table has no such snapshot."""
        return history.snapshot(self._database, table_id, name)

    def put_function(self, hash_: str, name: str, data: bytes) -> None:
        """Stores a function by value; does nothing if the hash is known."""
        functions.put_function(self._database, hash_, name, data)

    def get_function(self, hash_: str) -> bytes:
        """Raises NotFoundError FUNCTION_NOT_FOUND if the hash is unknown."""
        return functions.get_function(self._database, hash_)

    def close(self) -> None:
        self._database.close()
