from pixeltable.catalog.changes import CreateTable, DropTable
from pixeltable.catalog.records import TableRecord
from pixeltable.catalog.returns import RestoreTable


def test_a_dropped_table_is_known_by_its_path_and_id(bench, table):
    assert bench.catalog.dropped_at('numbers') is None
    assert bench.catalog.dropped(table) is None
    commit = bench.run(DropTable(table)).commit
    assert bench.catalog.dropped_at('numbers') == bench.catalog.dropped(table)
    assert (bench.catalog.dropped(table).table_id, bench.catalog.dropped(table).commit) == (table, commit)


def test_of_several_the_last_one_counts(bench, table):
    bench.run(DropTable(table))
    bench.create('numbers', 'u' * 32)
    assert bench.catalog.dropped_at('numbers').table_id == table
    bench.run(DropTable('u' * 32))
    assert bench.catalog.dropped_at('numbers').table_id == 'u' * 32


def test_snapshots_that_went_with_it(bench, table):
    own = [TableRecord(name * 32, name, kind='snapshot', base=(table, 0)) for name in 'ab']
    bench.run(*(CreateTable(record, ()) for record in own))
    bench.run(DropTable('a' * 32))
    bench.run(DropTable('b' * 32), DropTable(table))
    assert [record.path for record in bench.catalog.dropped(table).derived] == ['b']


def test_what_came_back_is_not_dropped(bench, table):
    bench.run(DropTable(table))
    bench.run(RestoreTable(table))
    assert bench.catalog.dropped_at('numbers') is None
