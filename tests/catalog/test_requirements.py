import pytest

from pixeltable.catalog.changes import (
    AddColumn,
    AddFile,
    ContentsPass,
    DropTable,
    EndSegment,
    HasVersion,
    NewFile,
    NothingSince,
    ReplaceDeletes,
    RequirementFailed,
    SchemaIs,
    SegmentIs,
    VersionIs,
)
from pixeltable.catalog.records import ColumnRecord, StoredColumn
from pixeltable.catalog.returns import ForgetVersion
from pixeltable.types.column_type import INT


def holds(bench, requirement):
    try:
        bench.run(requires=(requirement,))
    except RequirementFailed:
        return False
    return True


def test_schema_is(bench, table):
    requirement = SchemaIs(table, bench.catalog.schema(table).table.schema_version)
    bench.insert()
    assert holds(bench, requirement)
    bench.run(AddColumn(table, ColumnRecord(3, 'y', INT)))
    assert not holds(bench, requirement)
    bench.run(DropTable(table))
    assert not holds(bench, requirement)


def test_segment_is(bench, table):
    bench.insert(3)
    before = SegmentIs.of(bench.catalog.contents(table).segments[0])
    assert holds(bench, before)
    bench.run(ReplaceDeletes(before.segment_id, 1, b'x'))
    assert not holds(bench, before)
    after = SegmentIs.of(bench.catalog.contents(table).segments[0])
    assert holds(bench, after)
    bench.run(EndSegment(after.segment_id))
    assert not holds(bench, after)


def test_segment_is_notices_a_new_file(bench, table):
    bench.insert(3)
    before = SegmentIs.of(bench.catalog.contents(table).segments[0])
    bench.run(AddFile(before.segment_id, NewFile((StoredColumn(2, 'y'),), 1, 'x', data=b'x')))
    assert not holds(bench, before)


def test_nothing_since(bench, table):
    commit = bench.insert().commit
    assert holds(bench, NothingSince(table, commit))
    assert not holds(bench, NothingSince(table, commit - 1))


def test_version_is(bench, table):
    commit = bench.catalog.versions(table)[0].commit
    assert holds(bench, VersionIs(table, commit))
    bench.insert()
    assert not holds(bench, VersionIs(table, commit))
    assert not holds(bench, VersionIs('unknown', commit))


def test_a_version_number_that_is_used_again_is_another_version(bench, table):
    reverted = bench.insert().commit
    assert holds(bench, HasVersion(table, 1, reverted))
    bench.run(ForgetVersion(table, 1))
    assert not holds(bench, HasVersion(table, 1, reverted))
    again = bench.insert().commit
    assert not holds(bench, VersionIs(table, reverted))
    assert not holds(bench, HasVersion(table, 1, reverted))
    assert holds(bench, HasVersion(table, 1, again))


def test_contents_pass(bench, table):
    known = bench.catalog.contents(table)
    seen = []

    def at_most_one(contents):
        seen.append(len(contents.segments))
        if len(contents.segments) > 1:
            raise RequirementFailed('two segments')

    assert holds(bench, ContentsPass(known, at_most_one))
    assert seen == []  # nothing was committed since
    bench.insert()
    assert holds(bench, ContentsPass(known, at_most_one))
    bench.insert()
    assert not holds(bench, ContentsPass(known, at_most_one))
    assert seen == [1, 2]


def test_a_failed_requirement_changes_nothing(bench, table):
    before = bench.catalog.last_commit()
    with pytest.raises(RequirementFailed, match='schema'):
        bench.run(bench.segment(), requires=(SchemaIs(table, 99),), version_of=table)
    assert bench.catalog.last_commit() == before
    assert bench.catalog.row_count(table) == 0
