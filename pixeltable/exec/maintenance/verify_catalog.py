"""Checks that the rows of the catalog that belong to one table agree with each other. It reads no data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, TypeVar

from pixeltable.catalog import documents
from pixeltable.catalog.read.audit import TableAudit
from pixeltable.catalog.records import KEY_FILTER, ColumnRecord, TableRecord
from pixeltable.catalog.views import LEVEL
from pixeltable.errors import Error
from pixeltable.exec.maintenance.findings import REPAIR, REPORT, RESTORE, Findings, LowCounter
from pixeltable.storage import deletes

Value = TypeVar('Value')

RESTORE_CATALOG = 'restore the catalog from a backup'


class TableCheck:
    """One table under verification: its rows, its path, and where problems go."""

    def __init__(self, audit: TableAudit, found: Findings) -> None:
        self.audit = audit
        self.found = found
        self.newest = audit.records[-1]
        self.is_live = self.newest.end is None
        self.label = self.newest.path if self.is_live else f'{self.newest.path} (dropped)'
        self.record: TableRecord | None = self.parse(
            'record', documents.table_record, audit.table_id, self.newest.path, self.newest.schema_version, self.newest.doc
        )  # fmt: skip

    def problem(self, what: str, remedy: str = RESTORE_CATALOG, **more: Any) -> None:
        self.found.problem(self.label, what, remedy, **more)

    def parse(self, what: str, parser: Callable[..., Value], *arguments: Any) -> Value | None:
        """What `parser` makes of a stored document; None, and a problem, if it cannot."""
        try:
            return parser(*arguments)
        except Error as error:
            self.problem(f'its {what} cannot be read: {error.message}')
            return None


def _lifetimes(check: TableCheck) -> None:
    """No row begins after the last commit, ends before it begins, or outlives its table."""
    audit = check.audit
    kinds: dict[str, list[Any]] = {
        'record': audit.records,
        'column': audit.columns,
        'segment': audit.segments,
        'file': audit.files,
        'delete vector': audit.deletes,
        'version': audit.versions,
        'snapshot': audit.snapshots,
    }
    for kind, rows in kinds.items():
        for row in rows:
            if row.begin > audit.last_commit or (row.end is not None and not row.begin <= row.end <= audit.last_commit):
                check.problem(
                    f'{kind} {row[0]} is valid from commit {row.begin} to {row.end}, and the last commit is {audit.last_commit}'
                )
            elif row.end is None and not check.is_live:
                check.problem(f'{kind} {row[0]} is live, though the table was dropped')


def _overlap(rows: Iterable[Any]) -> tuple[Any, Any] | None:
    """The first two rows, if any, that are valid at the same commit. A row may begin and end in one commit."""
    lasting = sorted((row for row in rows if row.end != row.begin), key=lambda row: row.begin)
    for earlier, later in pairwise(lasting):
        if earlier.end is None or earlier.end > later.begin:
            return earlier, later
    return None


def _records(check: TableCheck) -> None:
    for row in check.audit.records[:-1]:
        check.parse(f'record {row.row}', documents.table_record, row.id, row.path, row.schema_version, row.doc)
    both = _overlap(check.audit.records)
    if both:
        check.problem(f'its records {both[0].row} and {both[1].row} are both valid at commit {both[1].begin}')


def _columns(check: TableCheck) -> None:
    audit, next_id = check.audit, check.record.next_column_id if check.record else 1 << 62
    by_id, live = defaultdict(list), []
    for row in audit.columns:
        by_id[row.column_id].append(row)
        record: ColumnRecord | None = check.parse(f'column {row.column_id}', documents.column_record, row.doc)
        if record is None:
            continue
        if record.id != row.column_id or record.id >= next_id:
            check.problem(f'column {record.name!r} has the id {record.id} in row {row.row} for {row.column_id}')
        if row.end is None:
            live.append(record)
    for column_id, rows in by_id.items():
        both = _overlap(rows)
        if both:
            check.problem(f'its column {column_id} is there twice, in rows {both[0].row} and {both[1].row}')
    names = [column.name.lower() for column in live]
    for name in sorted({name for name in names if names.count(name) > 1}):
        check.problem(f'several columns are named {name!r}')
    ids = {column.id for column in live}
    needed = {id_: f'column {column.name!r}' for column in live for id_ in column.depends_on if id_ != 0}
    needed |= dict.fromkeys(check.record.primary_key if check.record and check.is_live else (), 'the primary key')
    inherited = {id_ for id_ in needed if id_ >= LEVEL} if check.record is not None and check.record.view else set()
    for column_id in needed.keys() - ids - inherited:
        check.problem(f'{needed[column_id]} reads column {column_id}, which does not exist')


def _segments(check: TableCheck) -> None:
    audit = check.audit
    for row in audit.segments:
        count, length = row.rows, row.max_id - row.min_id + 1
        is_whole = row.first_id is None or (row.first_id == row.min_id and length == count)
        if count < 1 or row.min_id < 1 or length < count or not is_whole:
            check.problem(
                f'segment {row.id} has {count} rows with ids {row.min_id} to {row.max_id}, the first {row.first_id}'
            )
    newest = max((row.max_id for row in audit.segments), default=0)
    if audit.next_row_id is None:
        if check.is_live:
            check.problem('it has no counter of row ids', REPAIR, cause=LowCounter(audit.table_id, newest + 1))
    elif abs(audit.next_row_id) <= newest:
        check.problem(
            f'its next row would get the id {abs(audit.next_row_id)}, and there are rows up to {newest}',
            REPAIR,
            cause=LowCounter(audit.table_id, newest + 1),
        )


def _files(check: TableCheck) -> None:
    """Each file belongs to a segment and is not valid without it; each live segment has what columns require."""
    segments = {row.id: row for row in check.audit.segments}
    for row in check.audit.files:
        segment = segments.get(row.segment_id)
        if segment is None:
            check.problem(f'file {row.id} belongs to segment {row.segment_id}, which does not exist')
        elif row.begin < segment.begin or (segment.end is not None and (row.end is None or row.end > segment.end)):
            check.problem(f'file {row.id} is valid while its segment {row.segment_id} is not')
        if (row.path is None) == (row.data_size is None):
            check.problem(f'file {row.id} must have either a path or data', REPORT)
        stored = check.parse(f'list of the columns of file {row.id}', documents.stored_columns, row.columns)
        for column in stored or ():
            if column.column_id != KEY_FILTER and check.record and abs(column.column_id) >= check.record.next_column_id:
                check.problem(f'file {row.id} holds column {column.column_id}, which the table never had')


def _deletes(check: TableCheck) -> None:
    segments = {row.id: row for row in check.audit.segments}
    by_segment = defaultdict(list)
    for row in check.audit.deletes:
        by_segment[row.segment_id].append(row)
        segment = segments.get(row.segment_id)
        if segment is None:
            check.problem(f'delete vector {row.id} belongs to segment {row.segment_id}, which does not exist')
            continue
        keep = check.parse(f'delete vector {row.id} (segment {row.segment_id})', deletes.decode, row.data, segment.rows)
        if keep is not None and int((~keep).sum()) != row.deleted:
            check.problem(
                f'delete vector {row.id} deletes {int((~keep).sum())} rows of segment {row.segment_id} where the catalog '
                f'counts {row.deleted}'
            )
    for segment_id, rows in by_segment.items():
        both = _overlap(rows)
        if both:
            check.problem(f'segment {segment_id} has two delete vectors at once, {both[0].id} and {both[1].id}')


def _versions(check: TableCheck) -> None:
    live = sorted((row for row in check.audit.versions if row.end is None), key=lambda row: row.version)
    for row in check.audit.versions:
        check.parse(f'summary of version {row.version}', documents.summary, row.summary)
        if row.commit_id not in check.audit.commits:
            check.problem(f'version {row.version} names commit {row.commit_id}, which does not exist')
    if [row.version for row in live] != list(range(len(live))):
        check.problem(f'its versions are not numbered 0 to {len(live) - 1}')
    if any(later.commit_id <= earlier.commit_id for earlier, later in pairwise(live)):
        check.problem('the commits of its versions are not in their order')
    if check.is_live and check.record and check.record.kind == 'table' and not live:
        check.problem('it has no version')


def _snapshots(check: TableCheck) -> None:
    versions = {row.version: row for row in check.audit.versions if row.end is None}
    names = set()
    for row in check.audit.snapshots:
        check.parse(f'tags of snapshot {row.name!r}', documents.tags, row.tags)
        if row.end is not None:
            continue
        version = versions.get(row.version)
        if version is None or version.commit_id != row.commit_id:
            check.problem(
                f'snapshot {row.name!r} is of version {row.version} at commit {row.commit_id}, which does not exist'
            )
        elif version.vacuumed is not None:
            check.problem(f'snapshot {row.name!r} needs version {row.version}, which was vacuumed', RESTORE)
        if row.name in names:
            check.problem(f'there are two snapshots named {row.name!r}')
        names.add(row.name)


CHECKS = (_lifetimes, _records, _columns, _segments, _files, _deletes, _versions, _snapshots)
"""All checks of one table's rows. What a damaged database holds may be of another type, which makes a check raise."""


def check_paths(tables: list[str], directories: list[str], found: Findings) -> None:
    """Each path is taken once and lies in a directory that exists."""
    taken: set[str] = set()
    for path in [*directories, *tables]:
        if path in taken:
            found.problem(None, f'{path!r} is there twice', RESTORE_CATALOG)
        taken.add(path)
    for path in taken:
        parent = path.rpartition('/')[0]
        if parent and parent not in directories:
            found.problem(None, f'{path!r} lies in {parent!r}, which is no directory', RESTORE_CATALOG)
