from __future__ import annotations

import datetime

import pytest

import pixeltable as pxt


def test_every_operation_is_a_version(t) -> None:
    t.update({'s': 'x'}, where=t.k == 0)
    t.delete(t.k == 1)
    t.add_computed_column(d=t.k * 2)
    t.rename_column('d', 'double')
    t.drop_column('double')
    versions = t.get_versions()
    assert [v['version'] for v in versions] == [6, 5, 4, 3, 2, 1, 0]
    assert [v['change_type'] for v in versions] == ['schema', 'schema', 'schema', 'data', 'data', 'data', 'schema']
    assert [v['schema_change'] for v in versions[:3]] == ['Deleted: double', 'Renamed: d to double', 'Added: d']
    assert [(v['inserts'], v['updates'], v['deletes']) for v in versions[3:6]] == [(0, 0, 1), (0, 1, 0), (5, 0, 0)]
    assert versions[0]['created_at'] <= datetime.datetime.now(datetime.UTC)


def test_history(t) -> None:
    frame = t.history()
    assert list(frame['version']) == [1, 0]
    assert list(t.history(1)['inserts']) == [5]


def test_errors_are_in_the_history(t) -> None:
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(n=t.s.astype(pxt.Int))
    assert t.get_versions(1)[0]['errors'] == 5


def test_revert_rows(t) -> None:
    t.update({'s': 'x'})
    t.delete(t.k > 0)
    t.revert()
    assert t.collect()['s'] == ['x'] * 5
    t.revert()
    assert t.collect()['s'] == list('abcde')
    t.revert()
    assert t.count() == 0
    with pytest.raises(pxt.RequestError, match='first version'):
        t.revert()


def test_revert_columns(t) -> None:
    t.add_computed_column(d=t.k * 2)
    t.drop_column('f')
    t.revert()
    t.revert()
    assert t.columns() == ['k', 's', 'f']
    assert t.collect()['f'] == [0.0, 0.5, 1.0, 1.5, None]
    t.insert(k=9, s='z', f=2.0)
    assert t.get_metadata()['version'] == 2


def test_revert_computes_nothing(calls, t) -> None:
    path = calls.path

    @pxt.udf
    def seen(s: str) -> str:
        with open(path, 'a') as log:
            log.write(s)
        return s + s

    t.add_computed_column(ss=seen(t.s))
    t.update({'s': 'x'})
    calls.take()
    t.revert()
    assert t.collect()['ss'] == ['aa', 'bb', 'cc', 'dd', 'ee']
    assert calls.take() == []


def test_past_versions_can_be_read(t) -> None:
    t.update({'s': 'x'}, where=t.k == 0)
    t.drop_column('f')
    old = pxt.get_table('t:1')
    assert old.columns() == ['k', 's', 'f']
    assert old.where(old.k == 0).collect() == [{'k': 0, 's': 'a', 'f': 0.0}]
    assert old.count() == 5
    assert pxt.get_table('t:0').count() == 0
    assert 'version 1' in repr(old)


def test_snapshots(t) -> None:
    snap = pxt.snapshot('t', name='pre-refactor', tags=['stable'])
    t.delete()
    assert snap.count() == 5
    assert pxt.list_snapshots(t) == [{'name': 'pre-refactor', 'version': 1, 'tags': ['stable']}]
    assert pxt.get_snapshot('t', 'pre-refactor').collect()['s'] == list('abcde')


def test_create_snapshot_has_a_path_of_its_own(t) -> None:
    assert pxt.create_snapshot('before', t).count() == 5
    t.delete()
    assert pxt.get_table('before').count() == pxt.get_table('before:1').count() == 5
    with pytest.raises(pxt.NotFoundError, match="'before' is a snapshot of version 1, and has no version 0"):
        pxt.get_table('before:0')
    assert pxt.list_tables() == ['before', t._path]
    with pytest.raises(pxt.RequestError, match='before'):
        pxt.drop_table(t)
    pxt.drop_table('before')
    pxt.drop_table(t)


def test_snapshot_names(t) -> None:
    pxt.snapshot(t, name='one')
    t.delete()
    with pytest.raises(pxt.AlreadyExistsError, match="if_exists='replace'"):
        pxt.snapshot(t, name='one')
    assert pxt.snapshot(t, name='one', if_exists='ignore').count() == 5
    assert pxt.snapshot(t, name='one', if_exists='replace').count() == 0
    pxt.drop_snapshot(t, 'one')
    assert pxt.list_snapshots(t) == []


def test_restore(t) -> None:
    t.add_computed_column(d=t.k * 2)
    pxt.snapshot('t', name='good')
    t.drop_column('d')
    t.update({'s': 'x'})
    t.delete(t.k == 3)
    t.add_column(more=pxt.Int | None)
    before = len(t.get_versions())
    pxt.restore('t', snapshot='good')
    assert t.columns() == ['k', 's', 'f', 'd']
    assert t.select(t.s, t.d).collect()[3] == {'s': 'd', 'd': 6}
    assert len(t.get_versions()) == before + 1
    assert 'good' in t.get_versions(1)[0]['schema_change']
    t.insert(k=50, s='new')
    assert t.tail(1)['d'] == [100]


def test_restore_a_version_and_undo_it(t) -> None:
    t.delete()
    pxt.restore(t, version=1)
    assert t.count() == 5
    t.revert()
    assert t.count() == 0


def test_a_snapshot_holds_its_version(t) -> None:
    pxt.snapshot(t, name='keep')
    with pytest.raises(pxt.RequestError, match="'keep'"):
        t.revert()


@pytest.mark.parametrize(
    'write',
    [
        lambda old: old.insert(k=1, s='x'),
        lambda old: old.update({'s': 'x'}),
        lambda old: old.delete(),
        lambda old: old.add_column(n=pxt.Int | None),
        lambda old: old.add_computed_column(n=old.k + 1),
        lambda old: old.drop_column('s'),
        lambda old: old.rename_column('s', 'r'),
        lambda old: old.revert(),
        lambda old: old.recompute_columns('s'),
        lambda old: old.add_embedding_index('s'),
        lambda old: old.drop_embedding_index(column='s'),
        lambda old: old.where(old.k == 1).delete(),
    ],
)
def test_past_versions_cannot_be_written(t, write) -> None:
    before = t.get_versions()
    with pytest.raises(pxt.RequestError, match='past version') as caught:
        write(pxt.get_table('t:1'))
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    assert t.get_versions() == before


def test_a_snapshot_with_a_path_describes_itself(t) -> None:
    pxt.create_dir('d')
    own = pxt.create_snapshot('d/before', t, comment='as it was', custom_metadata={'by': 'me'})
    found = own.get_metadata()
    assert (found['path'], found['name'], found['kind'], found['base']) == ('d/before', 'before', 'snapshot', 't:1')
    assert (found['comment'], found['custom_metadata']) == ('as it was', {'by': 'me'})
    assert not t.get_metadata()['is_snapshot']
    past = t.at(1).get_metadata()
    assert (past['path'], past['kind'], past['is_snapshot']) == ('t:1', 'snapshot', True)


def test_create_snapshot_replaces_snapshots_only(t) -> None:
    pxt.create_snapshot('own', t)
    t.delete()
    with pytest.raises(pxt.AlreadyExistsError, match='if_exists'):
        pxt.create_snapshot('own', t)
    assert pxt.create_snapshot('own', t, if_exists='ignore').count() == 5
    assert pxt.create_snapshot('own', t, if_exists='replace').count() == 0
    for if_exists in ('ignore', 'replace', 'replace_force'):
        with pytest.raises(pxt.AlreadyExistsError, match="'t' is a table"):
            pxt.create_snapshot('t', t, if_exists=if_exists)


def test_dropping_a_directory_drops_snapshots_elsewhere_of_its_tables(t) -> None:
    pxt.create_dir('d')
    pxt.create_snapshot('outside', pxt.create_table('d/inner', {'x': pxt.Int}))
    pxt.drop_dir('d', force=True)
    assert pxt.list_tables() == ['t']


def test_tags_may_come_from_anything_iterable(t) -> None:
    pxt.snapshot(t, name='one', tags=(word for word in ('a', 'b')))
    assert pxt.list_snapshots(t)[0]['tags'] == ['a', 'b']


def test_a_revert_does_not_race_a_snapshot(t, monkeypatch) -> None:
    catalog = t._session.catalog
    commit = type(catalog).commit

    def interrupted(self, change):
        monkeypatch.setattr(type(catalog), 'commit', commit)
        pxt.snapshot(t, name='just-in-time')
        return commit(self, change)

    monkeypatch.setattr(type(catalog), 'commit', interrupted)
    with pytest.raises(pxt.RequestError, match='just-in-time'):
        t.revert()
    assert t.count() == 5
