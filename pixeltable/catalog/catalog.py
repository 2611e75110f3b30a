"""The catalog as the layers above use it: one method to change it, and methods to read what a commit sees.

Any thread may call any method. What the methods do is in `commit.py`, `apply/` and `read/`. Table data is elsewhere, but
for what is inlined.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Sequence

from pixeltable.catalog import functions, leases, orphans
from pixeltable.catalog.apply import segments
from pixeltable.catalog.changes import Commit, Committed
from pixeltable.catalog.database import Database
from pixeltable.catalog.job_store import JobStore
from pixeltable.catalog.past import DroppedTable, Pin, Snapshot, State, Version
from pixeltable.catalog.read import derived, dropped, history, paths, retention, stored
from pixeltable.catalog.read.audit import Audit
from pixeltable.catalog.read.contents import ContentsCache
from pixeltable.catalog.read.schemas import Schemas, schema_versions
from pixeltable.catalog.read.states import states
from pixeltable.catalog.read.stored import Lived, StoredSegment
from pixeltable.catalog.read.timeline import Timeline
from pixeltable.catalog.records import ColumnRecord, Contents, Schema, TableRecord
from pixeltable.catalog.retention import Retention
from pixeltable.catalog.together import Committer
from pixeltable.errors import NotFoundError


class Catalog:
    """What tables exist and what they hold. `at` is a commit id; None means the newest commit.

    Calls that must agree with each other take the same `at`, from `last_commit`.
    """

    def __init__(self, database: Database, catalog_id: str) -> None:
        self.id = catalog_id
        self._database = database
        self._committer = Committer(database)
        self._schemas = Schemas(database)
        self._contents = ContentsCache(database)
        self.jobs = JobStore(database)

    def commit(self, commit: Commit) -> Committed:
        """Carries out all changes, durably, or none. Raises `RequirementFailed` when a requirement no longer holds."""
        return self._committer.carry_out(commit)

    def take_row_ids(self, table_id: str, count: int) -> int:
        """Keeps ids for so many new rows, which a later commit adds with `first_id`; returns the first one.

        Raises NotFoundError TABLE_NOT_FOUND.
        """
        with self._database.write() as connection:
            return segments.take_row_ids(connection, table_id, count)

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

    def schema_versions(self, table_id: str, commit: int) -> tuple[dict[int, int], int]:
        """The version that added each column, by column id, and the last version up to `commit`."""
        return schema_versions(self._database, table_id, commit)

    def contents(self, table_id: str, at: int | None = None) -> Contents:
        """Raises NotFoundError TABLE_NOT_FOUND if there is no such table at that commit."""
        return self._contents.get(table_id, at)

    def row_count(self, table_id: str, at: int | None = None) -> int:
        return self._contents.get(table_id, at).row_count

    def versions(self, table_id: str, limit: int | None = None, at: int | None = None) -> list[Version]:
        """Newest first; `limit` is for the newest commit only."""
        return history.versions_of(self._database, table_id, limit, at)

    def version(self, table_id: str, number: int, at: int | None = None) -> Version:
        """Raises NotFoundError PATH_NOT_FOUND if the table has no such version, or if it was vacuumed."""
        return history.version(self._database, table_id, number, at)

    def version_at(self, table_id: str, time: datetime.datetime) -> Version:
        """The last version that was committed at `time`, which knows its zone, or before. Raises like `version`."""
        return history.version_at(self._database, table_id, time)

    def vacuumed(self, table_id: str, number: int) -> NotFoundError:
        """The error for a version that was vacuumed."""
        return history.vacuumed(self._database, table_id, number)

    def states(self, table_id: str, since: int) -> tuple[State | None, list[State]]:
        """What the table held at commit `since` (None: nothing), and after each later commit that made or undid a version."""
        return states(self._database, table_id, since)

    def timeline(self, table_id: str, commits: Sequence[int]) -> Timeline:
        """What these commits see of the table's segments, to be compared with each other."""
        return Timeline(self._database, table_id, commits)

    def snapshots(self, table_id: str) -> list[Snapshot]:
        """Oldest first."""
        return history.snapshots_of(self._database, table_id, None)

    def snapshot(self, table_id: str, name: str, at: int | None = None) -> Snapshot:
        """Raises NotFoundError PATH_NOT_FOUND if the table has no such snapshot."""
        return history.snapshot(self._database, table_id, name, at)

    def pins(self, table_id: str) -> list[Pin]:
        """The snapshots that need versions of the table: those that it names, then those that have paths of their own."""
        return history.pins(self._database.connection(), table_id)

    def dropped_at(self, path: str) -> DroppedTable | None:
        """The table that was dropped last of those that lay at `path`; None if there was none."""
        return dropped.dropped_at(self._database, path)

    def dropped(self, table_id: str) -> DroppedTable | None:
        """What is known of a table that was dropped; None if it exists."""
        return dropped.dropped(self._database, table_id)

    def all_dropped(self) -> list[tuple[TableRecord, int, int]]:
        """Every dropped table, and path of a snapshot, with the commit that dropped it and the time of that."""
        return dropped.all_dropped(self._database)

    def derived(self, table_id: str) -> list[TableRecord]:
        """The views and the snapshots with paths that are of the table itself, by their paths."""
        return derived.derived(self._database, table_id)

    def expired(self, table_id: str, retain: Retention, now: int) -> int:
        """How many versions can still be read that a retention does not keep."""
        return retention.expired(self._database, table_id, retain, now)

    def stored_segments(self, table_id: str) -> Iterator[list[StoredSegment]]:
        """All segments of a table, past ones too, a few at a time."""
        return stored.stored_segments(self._database, table_id)

    def every_column(self, table_id: str) -> list[ColumnRecord]:
        """The last record of each column that the table has, or had and could have again."""
        return stored.every_column(self._database, table_id)

    def readable_stretches(self, table_id: str) -> list[Lived]:
        """For each version that can be read, ascending, the commits that see it."""
        return stored.readable_stretches(self._database, table_id)

    def scrub(self) -> list[str]:
        """Overwrites what was deleted from the catalog; returns where it may still be, in words."""
        return self._database.scrub()

    def hold(self, owner: str, commits: Collection[int], written: Collection[int], expires: int) -> None:
        """Replaces the leases of `owner`: see `leases.hold`."""
        leases.hold(self._database, owner, commits, written, expires)

    def table_ids(self) -> set[str]:
        """The ids of all tables that there are, or were and were not removed by a vacuum."""
        return paths.table_ids(self._database)

    def named_objects(self) -> set[str]:
        """The keys of all objects that some commit names."""
        return orphans.named(self._database)

    def possible_bound(self, quiet_since: int, now: int) -> int:
        """How far orphans can be looked for: see `orphans`."""
        return orphans.possible_bound(self._database, quiet_since, now)

    def condemn(self, keys: Iterable[str], bound: int) -> list[str]:
        """Those of `keys` that no commit names, and none will: see `orphans`."""
        return orphans.condemn(self._database, keys, bound)

    def remove_unused_functions(self, before: int) -> int:
        """Removes stored functions that no column uses and nobody stored since `before`; returns how many."""
        return functions.remove_unused(self._database, before)

    def put_function(self, hash_: str, name: str, data: bytes) -> None:
        """Stores a function by value, unless the hash is known."""
        functions.put_function(self._database, hash_, name, data)

    def get_function(self, hash_: str) -> bytes:
        """Raises NotFoundError FUNCTION_NOT_FOUND if the hash is unknown."""
        return functions.get_function(self._database, hash_)

    def audit(self) -> Audit:
        """Everything that the catalog holds, to be checked."""
        return Audit(self._database)

    def close(self) -> None:
        self._database.close()
