from __future__ import annotations

from functools import partial

import pandas as pd
import pyarrow as pa
import pytest

import pixeltable as pxt


def test_schema() -> None:
    t = pxt.create_table('t', {'title': pxt.String, 'score': pxt.Float | None}, comment='a few titles')
    assert t.columns() == ['title', 'score']
    metadata = t.get_metadata()
    assert metadata['comment'] == 'a few titles'
    assert [c['type_'] for c in metadata['columns'].values()] == ['String', 'Float | None']
    assert (t.count(), metadata['version']) == (0, 0)


def test_column_specs() -> None:
    t = pxt.create_table('t', {'k': {'type': pxt.Int, 'primary_key': True, 'comment': 'key'}, 's': pxt.String})
    assert t.get_metadata()['primary_key'] == ['k']
    assert t.get_metadata()['columns']['k']['comment'] == 'key'
    assert t.get_metadata()['columns']['s']['type_'] == 'String'


def test_source_rows() -> None:
    t = pxt.create_table('t', source=[{'a': 1, 'b': 'x'}, {'a': 2, 'b': None}])
    assert t.collect() == [{'a': 1, 'b': 'x'}, {'a': 2, 'b': None}]
    assert t.get_metadata()['columns']['a']['type_'] == 'Int | None'


def test_source_generator_and_overrides() -> None:
    t = pxt.create_table('t', source=({'a': n} for n in range(3)), schema_overrides={'a': pxt.Float}, primary_key='a')
    assert t.select(t.a).collect()['a'] == [0.0, 1.0, 2.0]
    assert t.get_metadata()['columns']['a']['type_'] == 'Float'


@pytest.mark.parametrize('make', [pd.DataFrame, pa.table])
def test_source_frames(make) -> None:
    t = pxt.create_table('t', source=make({'a': [1, 2], 'b': ['x', 'y']}))
    assert t.collect() == [{'a': 1, 'b': 'x'}, {'a': 2, 'b': 'y'}]


def test_source_query(t) -> None:
    u = pxt.create_table('u', source=t.where(t.k > 2).select(t.k, up=t.s.upper()))
    assert u.collect() == [{'k': 3, 'up': 'D'}, {'k': 4, 'up': 'E'}]


def test_paths_fold_case() -> None:
    pxt.create_dir('Team')
    pxt.create_table('Team.Docs', {'a': pxt.Int})
    assert pxt.list_tables() == ['team/docs']
    assert pxt.get_table('TEAM/docs') == pxt.get_table('team.docs')


def test_if_exists(t) -> None:
    assert pxt.create_table('t', {'other': pxt.Int}, if_exists='ignore') == t
    assert t.count() == 5
    replaced = pxt.create_table('t', {'other': pxt.Int}, if_exists='replace')
    assert replaced.columns() == ['other']
    assert pxt.get_table('t') == replaced


def test_primary_key() -> None:
    t = pxt.create_table('t', {'a': pxt.Int, 'b': pxt.String, 'v': pxt.Int | None}, primary_key=['a', 'b'])
    t.insert([{'a': 1, 'b': 'x'}, {'a': 1, 'b': 'y'}])
    with pytest.raises(pxt.RequestError, match="a = 1, b = 'x'"):
        t.insert([{'a': 2, 'b': 'x'}, {'a': 1, 'b': 'x'}])
    with pytest.raises(pxt.RequestError, match='primary key'):
        t.insert([{'a': 3, 'b': 'x'}, {'a': 3, 'b': 'x'}])
    assert t.count() == 2


def test_a_computed_key() -> None:
    uuid7 = pxt.functions.uuid.uuid7
    t = pxt.create_table('t', {'id': uuid7(), 'name': pxt.String}, primary_key='id')
    t.insert([{'name': 'a'}, {'name': 'b'}])
    first, second = t.collect()['id']
    t.batch_update([{'id': second, 'name': 'c'}])
    assert t.where(t.id == second).collect()['name'] == ['c']
    for change in (t.insert, t.upsert):
        with pytest.raises(pxt.Error, match='computed') as caught:
            change([{'id': first, 'name': 'd'}])
        assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    for again in (partial(t.recompute_columns, 'id'), partial(t.alter_computed_column, id=uuid7())):
        with pytest.raises(pxt.RequestError, match="'id' is part of the primary key"):
            again()
    t.recompute_columns(only='stale')
    assert t.collect()['id'] == [first, second]
    with pytest.raises(pxt.Error, match='nullable'):
        pxt.create_table('u', {'n': pxt.functions.math.sqrt(None)}, primary_key='n')


def test_a_deleted_key_is_free_again() -> None:
    t = pxt.create_table('t', {'a': pxt.Int}, primary_key='A')
    assert t.get_metadata()['primary_key'] == ['a']
    t.insert(a=1)
    t.delete(t.a == 1)
    t.insert(a=1)
    assert t.count() == 1


def test_drop_table(t) -> None:
    pxt.drop_table('t')
    assert pxt.list_tables() == []
    assert pxt.get_table('t', if_not_exists='ignore') is None
    pxt.drop_table('t', if_not_exists='ignore')
    with pytest.raises(pxt.NotFoundError):
        t.count()


def test_a_table_with_snapshots_is_dropped_by_force(t) -> None:
    pxt.snapshot(t, name='keep')
    with pytest.raises(pxt.RequestError, match='keep') as caught:
        pxt.drop_table(t)
    assert caught.value.error_code is pxt.ErrorCode.CONSTRAINT_VIOLATION
    pxt.drop_table(t, force=True)
    assert pxt.list_tables() == []


def test_a_dropped_name_is_free_again(t) -> None:
    pxt.drop_table(t)
    again = pxt.create_table('t', {'x': pxt.Int})
    assert again.count() == 0
    assert again != t


def test_a_computed_column_without_inputs() -> None:
    t = pxt.create_table('t', {'key': pxt.functions.uuid.uuid4(), 'n': pxt.Int})
    t.insert([{'n': 1}, {'n': 2}])
    assert t.columns() == ['key', 'n']
    assert len(set(t.collect()['key'])) == 2


def test_a_load_that_fails_leaves_no_table() -> None:
    with pytest.raises(pxt.RequestError):
        pxt.create_table('t', source=[{'a': 1}, {'a': 'x'}], schema_overrides={'a': pxt.Int})
    assert pxt.list_tables() == []


def test_replace_force_drops_views_too() -> None:
    t = pxt.create_table('t', {'k': pxt.Int})
    pxt.create_view('v', t)
    with pytest.raises(pxt.RequestError, match='would be lost'):
        pxt.create_table('t', {'s': pxt.String}, if_exists='replace')
    assert pxt.create_table('t', {'s': pxt.String}, if_exists='replace_force').columns() == ['s']
    assert pxt.list_tables() == ['t']
