"""Checks, inside the commit's transaction, that what a commit was planned on is still so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import bindparam, func, select

from pixeltable.catalog.changes import (
    ContentsPass,
    HasVersion,
    NothingSince,
    NoVersionSince,
    Requirement,
    RequirementFailed,
    SchemaIs,
    SegmentIs,
    VersionIs,
)
from pixeltable.catalog.connection import Connection
from pixeltable.catalog.read.contents import newest
from pixeltable.catalog.removals import UntouchedSince
from pixeltable.catalog.tables import deletes, files, live, segments, tables, versions

SCHEMA_VERSION = select(tables.c.schema_version).where(tables.c.id == bindparam('table'), live(tables))
LAST_VERSION = (
    select(versions.c.version, versions.c.commit_id)
    .where(versions.c.table_id == bindparam('table'), live(versions))
    .order_by(versions.c.version.desc())
    .limit(1)
)
_VERSION = select(versions.c.commit_id, versions.c.vacuumed).where(
    versions.c.table_id == bindparam('table'), versions.c.version == bindparam('number'), live(versions)
)
_NEWEST_FILE = (
    select(func.max(files.c.id)).where(files.c.segment_id == bindparam('segment'), live(files)).scalar_subquery()
)
_SEGMENT = (
    select(deletes.c.id, _NEWEST_FILE)
    .select_from(segments.outerjoin(deletes, (deletes.c.segment_id == segments.c.id) & live(deletes)))
    .where(segments.c.id == bindparam('segment'), live(segments))
)
_SEGMENT_SINCE = (
    select(segments.c.id)
    .where(segments.c.table_id == bindparam('table'), live(segments), segments.c.begin > bindparam('since'))
    .limit(1)
)
_VERSIONS_SINCE = [
    select(versions.c.row).where(versions.c.table_id == bindparam('table'), column > bindparam('since')).limit(1)
    for column in (versions.c.begin, versions.c.end)
]
_TOUCHED_SINCE = [
    select(table.c.id).where(table.c.table_id == bindparam('table'), condition).limit(1)
    for table in (segments, files)
    for condition in (live(table) & (table.c.begin > bindparam('since')), table.c.end > bindparam('since'))
]
_SINCE: dict[type, tuple[Sequence[Any], str]] = {
    NothingSince: ([_SEGMENT_SINCE], 'got rows'),
    NoVersionSince: (_VERSIONS_SINCE, 'got or lost a version'),
    UntouchedSince: (_TOUCHED_SINCE, 'got or lost segments or files'),
}
"""Statements of which none may find a row of a table after a commit, and what happened if one does."""


def check(connection: Connection, requirement: Requirement) -> None:
    """Raises `RequirementFailed` if the requirement does not hold."""
    _CHECKS[type(requirement)](connection, requirement)


def _schema_is(connection: Connection, requirement: SchemaIs) -> None:
    row = connection.row(SCHEMA_VERSION, {'table': requirement.table_id})
    if row is None or row[0] != requirement.schema_version:
        found = 'it was dropped' if row is None else f'it is {row[0]}'
        raise RequirementFailed(
            f'The schema of table {requirement.table_id!r} is no longer {requirement.schema_version}: {found}'
        )


def _segment_is(connection: Connection, requirement: SegmentIs) -> None:
    row = connection.row(_SEGMENT, {'segment': requirement.segment_id})
    if row is None:
        raise RequirementFailed(f'Segment {requirement.segment_id} is no longer live')
    if row[0] != requirement.deletes_id:
        raise RequirementFailed(
            f'The delete vector of segment {requirement.segment_id} is {row[0]}, not {requirement.deletes_id}'
        )
    if (row[1] or 0) != requirement.file_id:
        raise RequirementFailed(
            f'The newest file of segment {requirement.segment_id} is {row[1]}, not {requirement.file_id}'
        )


def _since(connection: Connection, requirement: NothingSince | NoVersionSince | UntouchedSince) -> None:
    statements, happened = _SINCE[type(requirement)]
    for statement in statements:
        if connection.row(statement, {'table': requirement.table_id, 'since': requirement.commit}) is not None:
            raise RequirementFailed(f'Table {requirement.table_id!r} {happened} after commit {requirement.commit}')


def _version_is(connection: Connection, requirement: VersionIs) -> None:
    row = connection.row(LAST_VERSION, {'table': requirement.table_id})
    found = None if row is None else row[1]
    if found != requirement.commit:
        raise RequirementFailed(
            f'The version of table {requirement.table_id!r} is of commit {found}, not {requirement.commit}'
        )


def _has_version(connection: Connection, requirement: HasVersion) -> None:
    row = connection.row(_VERSION, {'table': requirement.table_id, 'number': requirement.version})
    if row is None or tuple(row) != (requirement.commit, None):
        raise RequirementFailed(
            f'Version {requirement.version} of table {requirement.table_id!r} is no longer that of commit '
            f'{requirement.commit}'
        )


def _contents_pass(connection: Connection, requirement: ContentsPass) -> None:
    now = newest(connection, requirement.known)
    if now is not requirement.known:
        requirement.check(now)


_CHECKS: dict[type, Callable[[Connection, Any], None]] = {
    SchemaIs: _schema_is,
    SegmentIs: _segment_is,
    NothingSince: _since,
    NoVersionSince: _since,
    VersionIs: _version_is,
    HasVersion: _has_version,
    UntouchedSince: _since,
    ContentsPass: _contents_pass,
}
