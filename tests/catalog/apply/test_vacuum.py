"""What is kept can be read as before, what is not kept is gone, and nobody gets half of it."""

from __future__ import annotations

import dataclasses
import random
import time
import uuid
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixeltable.catalog.changes import (
    AddColumn,
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
from pixeltable.catalog.records import ColumnRecord, Retention
from pixeltable.catalog.removals import Removed, RemoveTable, Vacuum
from pixeltable.errors import ErrorCode, NotFoundError
from pixeltable.types.column_type import INT

KEEP_ALL = Retention()
LAST = Retention(versions=1)
SECOND = 1_000_000


def now() -> int:
    return time.time_ns() // 1000


def vacuum(bench: Any, table: str, retain: Retention = LAST, **options: Any) -> Removed:
    """Without a grace period, unless the options say otherwise."""
    change = Vacuum(table, retain, **({'now': now(), 'quiet_since': None} | options))
    return bench.run(change).removed


def flush(bench: Any, table: str) -> None:
    """Puts all segments into one, in a commit that makes no version."""
    segments = bench.catalog.contents(table).segments
    bench.run(
        *(EndSegment(segment.id) for segment in segments),
        AddSegment(table, sum(segment.rows for segment in segments), (bench.file(b'flushed'),), first_id=1),
    )


def shape(bench: Any, table: str, at: int | None = None) -> Any:
    """What a reader can tell: files by their content, rows by their ids."""
    contents = bench.catalog.contents(table, at)
    rows = [
        (
            [dataclasses.replace(file, id=0, segment_id=0) for file in segment.files],
            segment.min_id,
            segment.rows,
            segment.deletes and segment.deletes.data,
        )
        for segment in contents.segments
    ]
    return rows, [(column.id, column.name) for column in bench.catalog.schema(table, at).columns]


def stored(bench: Any, kind: str) -> int:
    """How many rows a table of the catalog has."""
    return bench.catalog._database.connection().command(f'SELECT count(*) FROM {kind}')[0][0]


def test_versions_that_are_not_kept_go(bench: Any, table: str) -> None:
    commits = [bench.insert().commit for _ in range(3)]
    bench.run(*(EndSegment(id_) for id_ in bench.segment_ids()), version_of=table)
    removed = vacuum(bench, table, Retention(versions=2))
    assert (removed.versions, removed.files, removed.waiting) == (3, 0, 0)
    bench.insert()
    assert vacuum(bench, table, LAST).files == 3
    bench.catalog._contents._newest.clear()
    for commit in commits:
        with pytest.raises(NotFoundError, match='vacuumed'):
            bench.catalog.contents(table, commit)
    assert [each.vacuumed is None for each in bench.catalog.versions(table)] == [True, *[False] * 5]


def test_without_retention_only_what_no_version_needs_goes(bench: Any, table: str) -> None:
    for _ in range(3):
        bench.insert()
    then = shape(bench, table)
    flush(bench, table)
    assert shape(bench, table) != then
    removed = vacuum(bench, table, KEEP_ALL)
    # The last version had what the flush ended for a moment; those before it need all but the last segment.
    assert (removed.versions, removed.files, removed.bytes) == (0, 1, len(b'rows 1'))
    newest = bench.catalog.versions(table)[0]
    assert shape(bench, table, newest.commit) == shape(bench, table)
    assert bench.catalog.row_count(table, newest.commit - 1) == 2


def test_a_version_is_kept_as_it_was_left(bench: Any, table: str) -> None:
    """What a flush ended is gone; the version in which it happened reads the flushed segment."""
    bench.insert(2)
    version = bench.insert(3).commit
    flush(bench, table)
    after = shape(bench, table)
    bench.insert(4)
    vacuum(bench, table, Retention(versions=2))
    assert shape(bench, table, version) == after
    assert stored(bench, 'segments') == 2


def test_snapshots_pin_versions(bench: Any, table: str) -> None:
    bench.insert()
    kept = bench.insert().commit
    bench.run(AddSnapshot('here', table, ()))
    before = shape(bench, table)
    flush(bench, table)
    bench.insert()
    assert vacuum(bench, table).versions == 2
    assert shape(bench, table, kept) != before  # what was left of that version is the flushed segment
    assert bench.catalog.row_count(table, kept) == 2
    bench.run(DropSnapshot(table, 'here'))
    assert vacuum(bench, table).versions == 1
    with pytest.raises(NotFoundError, match='vacuumed'):
        bench.catalog.version(table, 2)


def test_by_age(bench: Any, table: str) -> None:
    for _ in range(3):
        bench.insert()
    assert vacuum(bench, table, Retention(seconds=60)).versions == 0
    assert vacuum(bench, table, Retention(versions=1, seconds=60)).versions == 0
    later = now() + 61 * SECOND
    assert vacuum(bench, table, Retention(versions=2, seconds=60), now=later).versions == 2
    assert vacuum(bench, table, Retention(seconds=60), now=later).versions == 1


def test_what_ended_lately_stays(bench: Any, table: str) -> None:
    commit = bench.insert().commit
    flush(bench, table)
    bench.insert()
    before = shape(bench, table, commit)
    removed = vacuum(bench, table, quiet_since=now() - 60 * SECOND)
    assert (removed.versions, removed.files, removed.waiting) == (2, 0, 2)
    assert shape(bench, table, commit) == before  # for whoever was told of the version before
    with pytest.raises(NotFoundError, match='vacuumed'):
        bench.catalog.version(table, 1)
    removed = vacuum(bench, table, quiet_since=now() + SECOND)
    assert (removed.versions, removed.files, removed.waiting) == (0, 1, 0)


@pytest.mark.parametrize('how', ['lease', 'expired lease', 'in use'])
def test_leases_keep_what_their_commit_sees(bench: Any, table: str, how: str) -> None:
    bench.insert()
    commit = bench.insert().commit
    before = shape(bench, table, commit)
    flush(bench, table)
    bench.insert()
    if how != 'in use':
        bench.catalog.hold('me', [commit], [], now() + (SECOND if how == 'lease' else -1))
    vacuum(bench, table, in_use=(commit,) if how == 'in use' else ())
    if how == 'lease':
        assert shape(bench, table, commit) == before
    assert stored(bench, 'segments') == (2 if how == 'expired lease' else 4)
    bench.catalog.hold('me', [], [], 0)
    vacuum(bench, table)
    assert stored(bench, 'segments') == 2
    assert bench.catalog.row_count(table) == 3


def test_a_cache_that_fell_behind_is_not_believed(bench: Any, table: str) -> None:
    bench.insert()
    bench.catalog.contents(table)
    cached = dict(bench.catalog._contents._newest)
    flush(bench, table)
    vacuum(bench, table)
    bench.catalog._contents._newest.update(cached)
    assert bench.catalog.row_count(table) == 1


def test_what_a_revert_undid_goes(bench: Any, table: str) -> None:
    bench.insert()
    first = bench.catalog.last_commit()
    before = shape(bench, table)
    undone = bench.insert().commit
    bench.run(Restore(table, first), ForgetVersion(table, 2))
    vacuum(bench, table, KEEP_ALL)
    assert stored(bench, 'segments') == 1
    assert shape(bench, table, first) == shape(bench, table) == before
    with pytest.raises(NotFoundError):
        bench.catalog.contents(table, undone)


def test_an_object_that_was_restored_stays(bench: Any, table: str) -> None:
    file = dataclasses.replace(bench.file(b''), path='tables/t/a.parquet', data=None, size=7)
    bench.run(AddSegment(table, 1, (file,)), version_of=table)
    commit = bench.catalog.last_commit()
    bench.run(EndSegment(bench.segment_ids()[0]), version_of=table)
    bench.run(Restore(table, commit), version_of=table)
    assert vacuum(bench, table).paths == ()
    bench.run(EndSegment(bench.segment_ids()[0]), version_of=table)
    removed = vacuum(bench, table)
    assert (removed.paths, removed.bytes) == (('tables/t/a.parquet',), 7)


def test_files_and_deletes_of_a_segment_that_stays(bench: Any, table: str) -> None:
    bench.insert(5)
    (id_,) = bench.segment_ids()
    for number in range(3):
        bench.run(AddFile(id_, bench.file(b'again', 1)), ReplaceDeletes(id_, number, b'%d' % number), version_of=table)
    before = shape(bench, table)
    vacuum(bench, table)
    assert shape(bench, table) == before
    assert (stored(bench, 'files'), stored(bench, 'deletes')) == (4, 1)


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


def _random_operation(bench: Any, table: str, dice: random.Random) -> None:
    segments = bench.segment_ids()
    versions = [each for each in bench.catalog.versions(table) if each.vacuumed is None]
    columns = bench.catalog.schema(table).columns
    match dice.choice(('insert', 'insert', 'flush', 'file', 'deletes', 'end', 'restore', 'revert', 'column')):
        case 'insert':
            bench.insert(dice.randint(1, 3))
        case 'flush' if segments:
            flush(bench, table)
        case 'file' if segments:
            bench.run(AddFile(dice.choice(segments), bench.file(b'%d' % dice.randrange(1000))), version_of=table)
        case 'deletes' if segments:
            bench.run(ReplaceDeletes(dice.choice(segments), 1, b'%d' % dice.randrange(1000)), version_of=table)
        case 'end' if segments:
            bench.run(EndSegment(dice.choice(segments)), version_of=table)
        case 'restore':
            bench.run(Restore(table, dice.choice(versions).commit), version_of=table)
        case 'revert' if len(versions) > 1 and versions[1].version == versions[0].version - 1:
            bench.run(Restore(table, versions[1].commit), ForgetVersion(table, versions[0].version))
        case 'column':
            id_ = bench.catalog.schema(table).table.next_column_id
            bench.run(AddColumn(table, ColumnRecord(id_, f'c{len(columns)}', INT)), version_of=table)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dice=st.randoms(use_true_random=False), retain=st.sampled_from([KEEP_ALL, LAST, Retention(versions=3)]))
def test_every_kept_version_is_as_it_was_left(bench: Any, dice: random.Random, retain: Retention) -> None:
    table = uuid.uuid4().hex
    bench.create(f't{table}', table)
    bench.segment_ids = lambda: [segment.id for segment in bench.catalog.contents(table).segments]
    bench.insert = lambda rows: bench.run(bench.segment(rows, table), version_of=table)
    left: dict[int, Any] = {}
    for _ in range(dice.randint(1, 25)):
        _random_operation(bench, table, dice)
        left[bench.catalog.versions(table, 1)[0].commit] = shape(bench, table)
        if dice.random() < 0.2:
            vacuum(bench, table, retain)
            kept = [each.commit for each in bench.catalog.versions(table) if each.vacuumed is None]
            assert [shape(bench, table, commit) for commit in kept if commit in left] == [
                left[commit] for commit in kept if commit in left
            ]
            assert shape(bench, table) == left[kept[0]]
