"""What is kept can be read as before, what is not kept is gone, and nobody gets half of it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from pixeltable.catalog.changes import (
    AddFile,
    AddSegment,
    AddSnapshot,
    DropSnapshot,
    DropTable,
    EndSegment,
    ForgetVersion,
    ReplaceDeletes,
    Restore,
    RestoreTable,
)
from pixeltable.catalog.commit import now
from pixeltable.catalog.removals import RemoveTable
from pixeltable.catalog.retention import Retention
from pixeltable.errors import ErrorCode, NotFoundError

KEEP_ALL = Retention()
LAST = Retention(versions=1)
SECOND = 1_000_000


def test_versions_that_are_not_kept_go(bench: Any, table: str) -> None:
    commits = [bench.insert().commit for _ in range(3)]
    bench.run(*(EndSegment(id_) for id_ in bench.segment_ids()), version_of=table)
    removed = bench.vacuum(table, Retention(versions=2))
    assert (removed.versions, removed.files, removed.waiting) == (3, 0, 0)
    bench.insert()
    assert bench.vacuum(table, LAST).files == 3
    bench.catalog._contents._newest.clear()
    for commit in commits:
        with pytest.raises(NotFoundError, match='vacuumed'):
            bench.catalog.contents(table, commit)
    assert [each.vacuumed is None for each in bench.catalog.versions(table)] == [True, *[False] * 5]


def test_without_retention_only_what_no_version_needs_goes(bench: Any, table: str) -> None:
    for _ in range(3):
        bench.insert()
    then = bench.shape(table)
    bench.flush(table)
    assert bench.shape(table) != then
    removed = bench.vacuum(table, KEEP_ALL)
    # The last version had what the flush ended for a moment; those before it need all but the last segment.
    assert (removed.versions, removed.files, removed.bytes) == (0, 1, len(b'rows 1'))
    newest = bench.catalog.versions(table)[0]
    assert bench.shape(table, newest.commit) == bench.shape(table)
    assert bench.catalog.row_count(table, newest.commit - 1) == 2


def test_a_version_is_kept_as_it_was_left(bench: Any, table: str) -> None:
    """What a flush ended is gone; the version in which it happened reads the flushed segment."""
    bench.insert(2)
    version = bench.insert(3).commit
    bench.flush(table)
    after = bench.shape(table)
    bench.insert(4)
    bench.vacuum(table, Retention(versions=2))
    assert bench.shape(table, version) == after
    assert bench.stored('segments') == 2


def test_snapshots_pin_versions(bench: Any, table: str) -> None:
    bench.insert()
    kept = bench.insert().commit
    bench.run(AddSnapshot('here', table, (), 2))
    before = bench.shape(table)
    bench.flush(table)
    bench.insert()
    assert bench.vacuum(table).versions == 2
    assert bench.shape(table, kept) != before  # what was left of that version is the flushed segment
    assert bench.catalog.row_count(table, kept) == 2
    bench.run(DropSnapshot(table, 'here'))
    assert bench.vacuum(table).versions == 1
    with pytest.raises(NotFoundError, match='vacuumed'):
        bench.catalog.version(table, 2)


def test_by_age(bench: Any, table: str) -> None:
    for _ in range(3):
        bench.insert()
    assert bench.vacuum(table, Retention(seconds=60)).versions == 0
    assert bench.vacuum(table, Retention(versions=1, seconds=60)).versions == 0
    later = now() + 61 * SECOND
    assert bench.vacuum(table, Retention(versions=2, seconds=60), now=later).versions == 2
    assert bench.vacuum(table, Retention(seconds=60), now=later).versions == 1


def test_what_ended_lately_stays(bench: Any, table: str) -> None:
    commit = bench.insert().commit
    bench.flush(table)
    bench.insert()
    before = bench.shape(table, commit)
    removed = bench.vacuum(table, quiet_since=now() - 60 * SECOND)
    assert (removed.versions, removed.files, removed.waiting) == (2, 0, 2)
    assert bench.shape(table, commit) == before  # for whoever was told of the version before
    with pytest.raises(NotFoundError, match='vacuumed'):
        bench.catalog.version(table, 1)
    removed = bench.vacuum(table, quiet_since=now() + SECOND)
    assert (removed.versions, removed.files, removed.waiting) == (0, 1, 0)


@pytest.mark.parametrize('how', ['lease', 'expired lease', 'in use'])
def test_leases_keep_what_their_commit_sees(bench: Any, table: str, how: str) -> None:
    bench.insert()
    commit = bench.insert().commit
    before = bench.shape(table, commit)
    bench.flush(table)
    bench.insert()
    if how != 'in use':
        bench.catalog.hold('me', [commit], [], now() + (SECOND if how == 'lease' else -1))
    bench.vacuum(table, in_use=(commit,) if how == 'in use' else ())
    if how == 'lease':
        assert bench.shape(table, commit) == before
    assert bench.stored('segments') == (2 if how == 'expired lease' else 4)
    bench.catalog.hold('me', [], [], 0)
    bench.vacuum(table)
    assert bench.stored('segments') == 2
    assert bench.catalog.row_count(table) == 3


def test_a_cache_that_fell_behind_is_not_believed(bench: Any, table: str) -> None:
    bench.insert()
    bench.catalog.contents(table)
    cached = dict(bench.catalog._contents._newest)
    bench.flush(table)
    bench.vacuum(table)
    bench.catalog._contents._newest.update(cached)
    assert bench.catalog.row_count(table) == 1


def test_what_a_revert_undid_goes(bench: Any, table: str) -> None:
    bench.insert()
    first = bench.catalog.last_commit()
    before = bench.shape(table)
    undone = bench.insert().commit
    bench.run(Restore(table, first), ForgetVersion(table, 2))
    bench.vacuum(table, KEEP_ALL)
    assert bench.stored('segments') == 1
    assert bench.shape(table, first) == bench.shape(table) == before
    with pytest.raises(NotFoundError):
        bench.catalog.contents(table, undone)


def test_an_object_that_was_restored_stays(bench: Any, table: str) -> None:
    file = dataclasses.replace(bench.file(b''), path='tables/t/a.parquet', data=None, size=7)
    bench.run(AddSegment(table, 1, (file,)), version_of=table)
    commit = bench.catalog.last_commit()
    bench.run(EndSegment(bench.segment_ids()[0]), version_of=table)
    bench.run(Restore(table, commit), version_of=table)
    assert bench.vacuum(table).paths == ()
    bench.run(EndSegment(bench.segment_ids()[0]), version_of=table)
    removed = bench.vacuum(table)
    assert (removed.paths, removed.bytes) == (('tables/t/a.parquet',), 7)


def test_files_and_deletes_of_a_segment_that_stays(bench: Any, table: str) -> None:
    bench.insert(5)
    (id_,) = bench.segment_ids()
    for number in range(3):
        bench.run(AddFile(id_, bench.file(b'again', 1)), ReplaceDeletes(id_, number, b'%d' % number), version_of=table)
    before = bench.shape(table)
    bench.vacuum(table)
    assert bench.shape(table) == before
    assert (bench.stored('files'), bench.stored('deletes')) == (4, 1)


def test_a_dropped_table_goes_for_good(bench: Any, table: str) -> None:
    bench.insert()
    bench.create('other', 'o' * 32)
    dropped = bench.run(DropTable(table)).commit
    assert bench.run(RemoveTable(table, dropped, now(), (dropped - 1,))).removed.files == 0
    bench.run(RestoreTable(table))
    assert bench.run(RemoveTable(table, dropped, now())).removed.files == 0
    assert bench.catalog.row_count(table) == 1
    dropped = bench.run(DropTable(table)).commit
    assert bench.run(RemoveTable(table, dropped, now())).removed.files == 1
    for kind in ('tables', 'counters', 'columns', 'versions', 'segments', 'files'):
        rows = bench.catalog._database.connection().command(f'SELECT * FROM {kind}')
        assert not any(table in row for row in rows), kind
    with pytest.raises(NotFoundError) as caught:
        bench.run(RestoreTable(table))
    assert caught.value.error_code is ErrorCode.TABLE_NOT_FOUND
