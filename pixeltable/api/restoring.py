"""The way back: to an earlier state of a table, and to a table that was dropped."""

from __future__ import annotations

import dataclasses
import datetime
import uuid
from collections.abc import Iterator
from typing import TypedDict

from pixeltable.api.default import say, session
from pixeltable.api.names import check_snapshot_name, normal_path
from pixeltable.api.paths import get_table, handle_of
from pixeltable.api.table import Table
from pixeltable.catalog.changes import Change, Commit, HasVersion, ReplaceColumn, Requirement, SchemaIs
from pixeltable.catalog.past import DroppedTable
from pixeltable.catalog.records import Schema, TableRecord
from pixeltable.catalog.returns import Restore, RestoreTable
from pixeltable.errors import AlreadyExistsError, ErrorCode, NotFoundError, RequestError
from pixeltable.exec.engine import Engine
from pixeltable.exec.views.following import commit_with_views
from pixeltable.exec.views.returning import caught_up
from pixeltable.session import Session


class DroppedTableMetadata(TypedDict):
    """A table that was dropped, as it was then."""

    path: str
    table_id: uuid.UUID
    dropped_at: datetime.datetime
    version: int
    rows: int


def list_dropped() -> list[DroppedTableMetadata]:
    """The tables that were dropped and can be restored, the one that was dropped last first."""
    current = session()
    catalog, zone = current.catalog, current.settings.time_zone
    return [
        DroppedTableMetadata(
            path=record.path,
            table_id=uuid.UUID(record.id),
            dropped_at=datetime.datetime.fromtimestamp(time / 1e6, zone),
            version=catalog.versions(record.id, at=commit - 1)[0].version,
            rows=catalog.row_count(record.id, commit - 1),
        )
        for record, commit, time in sorted(catalog.all_dropped(), key=lambda each: each[1], reverse=True)
        if record.base is None  # those are paths of snapshots
    ]


def restore(
    table: str | Table,
    *,
    snapshot: str | None = None,
    version: int | None = None,
    table_id: uuid.UUID | str | None = None,
) -> Table:
    """Makes rows and columns what they were at a snapshot or version. This is a new version: nothing leaves the history.

    Nothing is computed again, because what was stored then is still stored. Of a path at which nothing lies now, the table that
    was dropped from it last comes back, with its history and snapshots: as it was when it was dropped, unless a snapshot or
    version says otherwise. `table_id` names an earlier one of those that were dropped from the path (see `list_dropped`);
    a handle of a dropped table does that by itself.

    Raises:
        RequestError: MISSING_REQUIRED for neither snapshot nor version of a table that exists, INVALID_ARGUMENT for both,
            UNSUPPORTED_OPERATION for one of a view, and if views need a column that was not there then.
        NotFoundError: PATH_NOT_FOUND, also for what was vacuumed; TABLE_NOT_FOUND for a wrong `table_id`; DIRECTORY_NOT_FOUND if
            the dropped table's directory is gone.
        AlreadyExistsError: PATH_ALREADY_EXISTS if the dropped table's path is taken.
    """
    if snapshot is not None and version is not None:
        raise RequestError(ErrorCode.INVALID_ARGUMENT, 'restore() takes either snapshot or version, not both.')
    if version is not None and (isinstance(version, bool) or not isinstance(version, int)):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'version is a number, not {version!r}.')
    if snapshot is not None:
        check_snapshot_name(snapshot)
    current = session()
    dropped = _dropped(current, table) if table_id is None else _dropped_from(current, table, table_id)
    if dropped is not None:
        handle = _bring_back(current, dropped, snapshot, version)
    else:
        handle = _existing(current, table, no_moment=snapshot is None and version is None)
    if snapshot is not None or version is not None:
        _go_back(handle, snapshot, version)
    return handle


def _dropped(current: Session, table: str | Table) -> DroppedTable | None:
    """The dropped table that is meant; None if the table exists, or never did."""
    if isinstance(table, Table):
        return current.catalog.dropped(table._table_id)
    if not isinstance(table, str) or ':' in table:
        return None
    path = normal_path(table)
    return None if current.catalog.table_id(path) is not None else current.catalog.dropped_at(path)


def _dropped_from(current: Session, table: str | Table, table_id: uuid.UUID | str) -> DroppedTable:
    """The table with that id, which was dropped from the path `table`."""
    path = table._path if isinstance(table, Table) else normal_path(table)
    ids = {record.id for record, _, _ in current.catalog.all_dropped() if record.path == path}
    id_ = str(table_id).replace('-', '')
    found = current.catalog.dropped(id_) if id_ in ids else None
    if found is None:
        raise NotFoundError(
            ErrorCode.TABLE_NOT_FOUND,
            f'no table with table_id={str(table_id)!r} was dropped from {path!r}, or it was vacuumed; '
            'pxt.list_dropped() shows all that can come back.',
        )
    return found


def _existing(current: Session, table: str | Table, *, no_moment: bool) -> Table:
    handle = handle_of(table)
    handle._writable('restore')
    handle._versioned('restore')
    if no_moment and current.catalog.dropped_at(handle._path) is not None:
        raise AlreadyExistsError(
            ErrorCode.PATH_ALREADY_EXISTS,
            f'a table was dropped from {handle._path!r}, and another one lies there now; drop that to bring it back (both can be '
            'brought back by the table_id in pxt.list_dropped()), or pass snapshot or version.',
        )
    if no_moment:
        raise RequestError(ErrorCode.MISSING_REQUIRED, 'restore() takes either snapshot or version.')
    return handle


def _go_back(handle: Table, snapshot: str | None, version: int | None) -> None:
    catalog, table_id = handle._session.catalog, handle._table_id

    def attempt(engine: Engine) -> str:
        number = catalog.snapshot(table_id, snapshot).version if snapshot is not None else version
        assert number is not None
        state = catalog.version(table_id, number)
        what = f'version {number}' if snapshot is None else f'snapshot {snapshot} (version {number})'
        versions = ((table_id, 'schema', {'restored': what}),)
        now = catalog.schema(table_id)
        unchanged: list[Requirement] = [HasVersion(table_id, number, state.commit)]
        accepted = list(_accepted(now, catalog.schema(table_id, state.commit)))
        if accepted:
            unchanged.append(SchemaIs(table_id, now.table.schema_version))
        changes: list[Change] = [Restore(table_id, state.commit), *accepted]
        commit = Commit('restore', tuple(changes), tuple(unchanged), versions)
        commit_with_views(engine, commit, table_id)
        return what

    what = handle._session.committed('restore', table_id, handle._path, attempt, f'restore of {handle._path!r}')
    say(f'Restored {handle._path!r} to {what}.')


def _accepted(now: Schema, then: Schema) -> Iterator[ReplaceColumn]:
    """Keeps what was accepted of code since: that is said of the code, and not of the contents of a version."""
    for column in then.columns:
        later = now.by_id(column.id)
        pairs = tuple(dict.fromkeys([*column.accepted, *(later.accepted if later else ())]))
        if pairs != column.accepted:
            yield ReplaceColumn(then.table.id, dataclasses.replace(column, accepted=pairs))


def _bring_back(current: Session, dropped: DroppedTable, snapshot: str | None, version: int | None) -> Table:
    """The table as it was when it was dropped. A snapshot or version is looked up first: a wrong one brings nothing back."""
    catalog, table_id = current.catalog, dropped.table_id
    before = dropped.commit - 1
    if snapshot is not None:
        catalog.snapshot(table_id, snapshot, before)
    if version is not None:
        catalog.version(table_id, version, before)
    record = catalog.schema(table_id, before).table
    if record.view is not None and (snapshot, version) != (None, None):
        raise RequestError(
            ErrorCode.UNSUPPORTED_OPERATION,
            f'restore(): {record.path!r} is a {record.kind}, whose rows follow from its base: leave snapshot and version '
            'out.',
        )
    if record.base is not None:
        catalog.version(*record.base)
    back, away = _coming_back(current, record, dropped)
    changes = [RestoreTable(each.id) for each in back]
    # A snapshot without columns has no versions of its own.
    versions = tuple((each.id, 'schema', {'restored': 'the dropped table'}) for each in back if each.base is None)

    def attempt(engine: Engine) -> None:
        if catalog.dropped(table_id) is not None:
            missed = caught_up(engine, record, dropped.commit)
            more, needed = ((), ()) if missed is None else (missed.changes, missed.requirements)
            engine.commit(Commit('restore table', (*changes, *more), tuple(needed), versions))

    current.committed('restore', table_id, record.path, attempt, f'restore of {record.path!r}')
    left = [each for each in away if not _comes_later(current, each)]
    why = ''.join(
        f'; its {each.kind} {each.path!r} stays away: its path is taken, or a base is missing' for each in left
    )
    say(f'Brought {record.path!r} back{why}.')
    return get_table(record.path) or Table(current, table_id, record.path)


def _coming_back(
    current: Session, record: TableRecord, dropped: DroppedTable
) -> tuple[list[TableRecord], list[TableRecord]]:
    """The table with what was dropped with it and has missed nothing, as far as their paths are free; and the rest."""
    back: list[TableRecord] = [record]
    away: list[TableRecord] = []
    for each in dropped.derived:
        goes_along = record.view is None and {other.id for other in back}.issuperset(each.base_ids)
        (back if goes_along and _is_free(current, each.path) else away).append(each)
    return back, away


def _comes_later(current: Session, record: TableRecord) -> bool:
    """Brings back a view that may have missed something, of other tables or of the one that came back, if it can come."""
    dropped = current.catalog.dropped(record.id)
    if dropped is None:
        return True  # with another one
    if not _is_free(current, record.path) or any(map(current.catalog.dropped, record.base_ids)):
        return False
    _bring_back(current, dropped, None, None)
    return True


def _is_free(current: Session, path: str) -> bool:
    """Whether a table can lie at `path`."""
    catalog = current.catalog
    return (
        catalog.table_id(path) is None
        and not catalog.is_directory(path)
        and catalog.is_directory(path.rpartition('/')[0])
    )
