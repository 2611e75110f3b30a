"""Whatever was done to a table, and whenever it was vacuumed: what is kept can be read as before."""

from __future__ import annotations

import random
import uuid
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixeltable.catalog.changes import (
    AddColumn,
    AddFile,
    EndSegment,
    ForgetVersion,
    ReplaceDeletes,
    Restore,
)
from pixeltable.catalog.records import ColumnRecord
from pixeltable.catalog.retention import Retention
from pixeltable.types.column_type import INT

KEEP_ALL = Retention()
LAST = Retention(versions=1)


def _random_operation(bench: Any, table: str, dice: random.Random) -> None:
    segments = bench.segment_ids()
    versions = [each for each in bench.catalog.versions(table) if each.vacuumed is None]
    columns = bench.catalog.schema(table).columns
    match dice.choice(('insert', 'insert', 'flush', 'file', 'deletes', 'end', 'restore', 'revert', 'column')):
        case 'insert':
            bench.insert(dice.randint(1, 3))
        case 'flush' if segments:
            bench.flush(table)
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
        left[bench.catalog.versions(table, 1)[0].commit] = bench.shape(table)
        if dice.random() < 0.2:
            bench.vacuum(table, retain)
            kept = [each.commit for each in bench.catalog.versions(table) if each.vacuumed is None]
            assert [bench.shape(table, commit) for commit in kept if commit in left] == [
                left[commit] for commit in kept if commit in left
            ]
            assert bench.shape(table) == left[kept[0]]
