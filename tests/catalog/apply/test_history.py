import pytest

from pixeltable.catalog.changes import CreateTable, RequirementFailed
from pixeltable.catalog.records import TableRecord
from pixeltable.catalog.returns import AddSnapshot, DropSnapshot, ForgetVersion
from pixeltable.errors import AlreadyExistsError, ErrorCode, NotFoundError


def test_versions_count_from_zero_newest_first(bench, table):
    commits = [bench.insert().commit for _ in range(3)]
    versions = bench.catalog.versions(table)
    assert [each.version for each in versions] == [3, 2, 1, 0]
    assert [each.commit for each in versions[:3]] == commits[::-1]
    assert bench.catalog.versions(table, limit=2) == versions[:2]
    assert versions[0].operation == 'test'
    assert versions[0].summary == {'changes': 1}
    assert versions[0].user
    assert versions[0].created_at >= versions[1].created_at > 1_600_000_000_000_000


def test_one_version(bench, table):
    bench.insert()
    assert bench.catalog.version(table, 1) == bench.catalog.versions(table)[0]
    with pytest.raises(NotFoundError, match='0 to 1') as caught:
        bench.catalog.version(table, 7)
    assert caught.value.error_code is ErrorCode.PATH_NOT_FOUND


def test_a_forgotten_version_gives_its_number_away(bench, table):
    bench.insert()
    bench.run(ForgetVersion(table, 1))
    assert [each.version for each in bench.catalog.versions(table)] == [0]
    assert bench.insert().versions == {table: 1}
    with pytest.raises(NotFoundError):
        bench.run(ForgetVersion(table, 2))


def test_snapshot_of_the_current_version(bench, table):
    commit = bench.insert().commit
    bench.run(AddSnapshot('pre-refactor', table, ('stable',), 1))
    snapshot = bench.catalog.snapshot(table, 'pre-refactor')
    assert (snapshot.commit, snapshot.version, snapshot.tags) == (commit, 1, ('stable',))
    assert bench.catalog.snapshots(table) == [snapshot]


def test_snapshot_of_an_earlier_version(bench, table):
    first = bench.catalog.last_commit()
    bench.insert()
    bench.run(AddSnapshot('empty', table, (), 0))
    assert bench.catalog.snapshot(table, 'empty').commit == first
    with pytest.raises(NotFoundError, match='version 9'):
        bench.run(AddSnapshot('never', table, (), 9))


def test_snapshot_names_are_unique_until_dropped(bench, table):
    bench.run(AddSnapshot('a', table, (), 0))
    with pytest.raises(AlreadyExistsError) as caught:
        bench.run(AddSnapshot('a', table, (), 0))
    assert caught.value.error_code is ErrorCode.PATH_ALREADY_EXISTS
    bench.run(DropSnapshot(table, 'a'), AddSnapshot('a', table, ('new',), 0))
    assert bench.catalog.snapshot(table, 'a').tags == ('new',)


def test_a_snapshot_that_is_not_there(bench, table):
    bench.run(AddSnapshot('before', table, (), 0))
    with pytest.raises(NotFoundError, match="Did you mean 'before'") as caught:
        bench.catalog.snapshot(table, 'befor')
    assert caught.value.error_code is ErrorCode.PATH_NOT_FOUND
    with pytest.raises(NotFoundError):
        bench.run(DropSnapshot(table, 'befor'))


def test_pins_are_snapshots_by_name_and_by_path(bench, table):
    commit = bench.insert().commit
    bench.run(AddSnapshot('named', table, (), 1))
    bench.run(CreateTable(TableRecord('s' * 32, 'own', kind='snapshot', base=(table, 0)), ()))
    alike = {'base': [table, 1]}
    bench.run(CreateTable(TableRecord('a' * 32, 'alike', custom_metadata=alike, comment=f'"base":["{table}",0]'), ()))
    found = [(pin.name, pin.version, pin.table_id) for pin in bench.catalog.pins(table)]
    assert found == [('named', 1, None), ('own', 0, 's' * 32)]
    assert {pin.commit for pin in bench.catalog.pins(table)} == {
        commit,
        bench.catalog.version(table, 0).commit,
    }


def test_a_version_that_a_snapshot_needs_is_not_forgotten(bench, table):
    bench.insert()
    bench.run(AddSnapshot('new', table, (), 1))
    with pytest.raises(RequirementFailed, match="'new'"):
        bench.run(ForgetVersion(table, 1))
