"""The verbs of a table for its past: history, revert, snapshots."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple, TypedDict

from pixeltable.api.default import say
from pixeltable.api.handle import Handle
from pixeltable.catalog.changes import Commit, ForgetVersion, Restore, VersionIs
from pixeltable.catalog.records import Version
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.transaction import until_committed
from pixeltable.session import Session


class VersionMetadata(TypedDict):
    """One entry of `Table.get_versions`. Counts are of rows, but `errors`, which is of cells."""

    version: int
    created_at: datetime.datetime
    user: str
    change_type: str
    inserts: int
    updates: int
    deletes: int
    errors: int
    schema_change: str | None


class Versions(Handle):
    """get_versions, history, revert."""

    __slots__ = ()

    def get_versions(self, n: int | None = None) -> list[VersionMetadata]:
        """The versions of the table, newest first; the last `n` of them."""
        if n is not None and (isinstance(n, bool) or not isinstance(n, int) or n < 1):
            raise RequestError(ErrorCode.INVALID_ARGUMENT, f'n must be an int from 1, not {n!r}.')
        zone = self._session.settings.time_zone
        return [_metadata(version, zone) for version in self._session.catalog.versions(self._table_id, n)]

    def history(self, n: int | None = None) -> Any:
        """`get_versions` as a pandas DataFrame."""
        from pixeltable._support.optional import require

        pandas = require('pandas', 'pandas')
        return pandas.DataFrame(self.get_versions(n), columns=list(VersionMetadata.__annotations__))

    def revert(self) -> None:
        """Undoes the last version: rows and columns are as before it, and its number is used again. Nothing is computed again.

        Raises:
            RequestError: UNSUPPORTED_OPERATION for the first version, or if a snapshot needs the last one.
        """
        self._writable('revert')
        catalog = self._session.catalog

        def attempt() -> int:
            newest = catalog.versions(self._table_id, 2)
            last = newest[0]
            if len(newest) < 2:
                raise RequestError(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    f'{self._path!r} is at its first version, which cannot be reverted; use pxt.drop_table().',
                )
            for pin in pins(self._session, self._table_id):
                if pin.version >= last.version:
                    raise RequestError(
                        ErrorCode.UNSUPPORTED_OPERATION,
                        f'version {last.version} of {self._path!r} cannot be reverted: snapshot {pin.name!r} needs it.',
                    )
            changes = (Restore(self._table_id, newest[1].commit), ForgetVersion(self._table_id, last.version))
            catalog.commit(Commit('revert', changes, (VersionIs(self._table_id, last.version),)))
            return last.version

        version = until_committed(attempt, f'revert of {self._path!r}')
        say(f'Reverted version {version} of {self._path!r}.')


class Pin(NamedTuple):
    """A snapshot, which needs a version of its table. `table_id` is its own if it has a path, else None."""

    name: str
    version: int
    table_id: str | None


def pins(session: Session, table_id: str) -> list[Pin]:
    """The snapshots of a table: those that it names, and those that have paths of their own."""
    catalog = session.catalog
    named = [Pin(snapshot.name, snapshot.version, None) for snapshot in catalog.snapshots(table_id)]
    ids = (catalog.table_id(path) for path, kind in catalog.list_paths() if kind == 'table')
    records = (catalog.schema(found).table for found in ids if found is not None)
    own = [Pin(found.path, found.base[1], found.id) for found in records if found.base and found.base[0] == table_id]
    return named + own


def _metadata(version: Version, zone: datetime.tzinfo) -> VersionMetadata:
    summary = version.summary
    parts = [
        f'{label}: {summary[key]}'
        for key, label in (('added', 'Added'), ('renamed', 'Renamed'), ('deleted', 'Deleted'), ('restored', 'Restored'))
        if key in summary
    ]
    created = datetime.datetime.fromtimestamp(version.created_at / 1e6, zone)
    return {
        'version': version.version,
        'created_at': created,
        'user': version.user,
        'change_type': version.kind,
        'inserts': summary.get('inserts', 0),
        'updates': summary.get('updates', 0),
        'deletes': summary.get('deletes', 0),
        'errors': summary.get('errors', 0),
        'schema_change': ', '.join(parts) or None,
    }
