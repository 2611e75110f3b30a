"""The verbs of a table for its past: history, revert, snapshots."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, TypedDict

from pixeltable.api.default import say
from pixeltable.api.differences import Differences
from pixeltable.api.names import check_count
from pixeltable.catalog.changes import Commit, HasVersion, VersionIs
from pixeltable.catalog.past import Version
from pixeltable.catalog.returns import ForgetVersion, Restore
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exec.engine import Engine
from pixeltable.exec.views.following import commit_with_views

_CHANGES = {
    'added': 'Added',
    'renamed': 'Renamed',
    'altered': 'Altered',
    'indexed': 'Added index',
    'unindexed': 'Dropped index',
    'deleted': 'Deleted',
    'restored': 'Restored',
    'accepted': 'Accepted',
}


class VersionMetadata(TypedDict):
    """One entry of `Table.get_versions`. Counts are of rows, but `errors`, which is of cells.

    A version that is `vacuumed` can no longer be read.
    """

    version: int
    created_at: datetime.datetime
    user: str
    change_type: str
    inserts: int
    updates: int
    deletes: int
    errors: int
    schema_change: str | None
    vacuumed: bool


class Versions(Differences):
    """get_versions, history, revert."""

    __slots__ = ()

    def get_versions(self, n: int | None = None) -> list[VersionMetadata]:
        """The versions of the table, newest first; the last `n` of them. Raises TABLE_NOT_FOUND if it was dropped."""
        if n is not None:
            check_count(n, 'n', 1)
        self._versioned('get_versions')
        zone = self._session.settings.time_zone
        found = self._session.catalog.versions(self._table_id, n)
        if not found:
            self._schema()  # of a dropped table this raises
        return [_metadata(version, zone) for version in found]

    def history(self, n: int | None = None) -> Any:
        """`get_versions` as a pandas DataFrame."""
        from pixeltable._support.optional import require

        pandas = require('pandas', 'pandas')
        return pandas.DataFrame(self.get_versions(n), columns=list(VersionMetadata.__annotations__))

    def revert(self) -> None:
        """Undoes the last version: rows and columns are as before it, and its number is used again. Nothing is computed again.

        Raises:
            RequestError: UNSUPPORTED_OPERATION for the first version, if a snapshot needs the last one or a view a column that
                it added, or if that of a view follows from a change of its base.
            NotFoundError: PATH_NOT_FOUND if the version before was vacuumed.
        """
        self._writable('revert')
        self._versioned('revert')
        catalog = self._session.catalog

        def attempt(engine: Engine) -> int:
            bases = self._schema().table.base_ids  # of a dropped table this raises
            newest = catalog.versions(self._table_id, 2)
            last = newest[0]
            if len(newest) < 2:
                raise RequestError(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    f'{self._path!r} is at its first version, which cannot be reverted; use pxt.drop_table().',
                )
            for pin in catalog.pins(self._table_id):
                if pin.version >= last.version:
                    raise RequestError(
                        ErrorCode.UNSUPPORTED_OPERATION,
                        f'version {last.version} of {self._path!r} cannot be reverted: snapshot {pin.name!r} needs it.',
                    )
            # A revert is no version of what is reverted, only of its views; and a view that came back has caught up.
            causes = [
                catalog.schema(base).table.path
                for base in bases
                if last.operation in ('revert', 'restore table')
                or any(each.commit == last.commit for each in catalog.versions(base))
            ]
            if causes:
                raise RequestError(
                    ErrorCode.UNSUPPORTED_OPERATION,
                    f'version {last.version} of {self._path!r} follows from a change of '
                    f'{" or ".join(map(repr, causes))}, with which it stays in step; use revert() or restore() there.',
                )
            catalog.version(self._table_id, newest[1].version)  # raises if it was vacuumed
            commit_with_views(engine, taking_back(self._table_id, newest), self._table_id)
            return last.version

        version = self._session.committed('revert', self._table_id, self._path, attempt, f'revert of {self._path!r}')
        say(f'Reverted version {version} of {self._path!r}.')


def taking_back(table_id: str, newest: Sequence[Version]) -> Commit:
    """Undoes the newest versions of a table, newest first, up to the last of these, which becomes the newest again."""
    last, before = newest[0], newest[-1]
    forgotten = (ForgetVersion(table_id, version.version) for version in newest[:-1])
    unchanged = (VersionIs(table_id, last.commit), HasVersion(table_id, before.version, before.commit))
    return Commit('revert', (Restore(table_id, before.commit), *forgotten), unchanged)


def _metadata(version: Version, zone: datetime.tzinfo) -> VersionMetadata:
    summary = version.summary
    parts = [f'{label}: {summary[key]}' for key, label in _CHANGES.items() if key in summary]
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
        'vacuumed': version.vacuumed is not None,
    }
