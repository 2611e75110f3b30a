import dataclasses

import pytest

from pixeltable.catalog.changes import AddColumn, DropColumn, ReplaceColumn
from pixeltable.catalog.index_specs import EmbeddingSpec
from pixeltable.catalog.records import ColumnRecord
from pixeltable.errors import InternalError, NotFoundError
from pixeltable.types.column_type import FLOAT, INT


def names(bench, table, at=None):
    return [column.name for column in bench.catalog.schema(table, at).columns]


def test_add_column(bench, table):
    before = bench.catalog.schema(table)
    record = ColumnRecord(
        3,
        'y',
        FLOAT.with_nullable(True),
        value={'tag': 'call', 'args': [1]},
        fingerprint='f1',
        depends_on=(1, 2),
        stored=False,
        comment='half',
        custom_metadata={'unit': 'm'},
        on_error='abort',
        embedding=EmbeddingSpec('idx', 1, 'cosine', 'fp32'),
    )
    commit = bench.run(AddColumn(table, record)).commit
    schema = bench.catalog.schema(table)
    assert schema.columns == (*before.columns, record)
    assert schema.table.schema_version == commit
    assert schema.table.next_column_id == 4
    assert bench.catalog.schema(table, commit - 1) == before


def test_replace_column_keeps_its_place(bench, table):
    column = bench.catalog.schema(table).columns[0]
    bench.run(ReplaceColumn(table, dataclasses.replace(column, name='z')))
    assert names(bench, table) == ['z', 'name']
    assert bench.catalog.schema(table).columns[0].id == 1


def test_drop_column(bench, table):
    commit = bench.run(DropColumn(table, 1)).commit
    assert names(bench, table) == ['name']
    assert names(bench, table, commit - 1) == ['x', 'name']
    assert bench.catalog.schema(table).table.schema_version == commit


@pytest.mark.parametrize('change', [DropColumn('t' * 32, 9), ReplaceColumn('t' * 32, ColumnRecord(9, 'n', INT))])
def test_a_column_that_is_not_there(bench, table, change):
    with pytest.raises(NotFoundError):
        bench.run(change)


def test_column_ids_are_never_used_again(bench, table):
    bench.run(DropColumn(table, 2))
    with pytest.raises(InternalError):
        bench.run(AddColumn(table, ColumnRecord(2, 'again', INT)))


def test_several_changes_in_one_commit(bench, table):
    bench.run(
        AddColumn(table, ColumnRecord(3, 'a', INT)),
        AddColumn(table, ColumnRecord(4, 'b', INT)),
        ReplaceColumn(table, ColumnRecord(4, 'c', INT)),
        DropColumn(table, 3),
    )
    assert names(bench, table) == ['x', 'name', 'c']


def test_rows_do_not_change_the_schema_version(bench, table):
    before = bench.catalog.schema(table)
    bench.insert()
    assert bench.catalog.schema(table) is before
