from __future__ import annotations

import pytest

import pixeltable as pxt


def test_a_dropped_column_comes_back(calls, t) -> None:
    path = calls.path

    @pxt.udf
    def seen(s: str) -> str:
        with open(path, 'a') as log:
            log.write(s)
        return s + s

    t.add_computed_column(ss=seen(t.s))
    t.drop_column('ss')
    t.delete(t.k == 0)
    calls.take()
    pxt.restore(t, version=2)
    assert t.collect()['ss'] == ['aa', 'bb', 'cc', 'dd', 'ee']
    assert calls.take() == []


def test_a_dropped_table_comes_back(t) -> None:
    t.add_computed_column(double=t.k * 2)
    t.delete(t.k == 0)
    before = list(t.collect()), t.get_versions(), t.get_metadata()['id']
    pxt.drop_table('t')
    with pytest.raises(pxt.NotFoundError, match=r"it was dropped; pxt\.restore\('t'\) brings it back"):
        pxt.get_table('t')
    back = pxt.restore('t')
    assert (list(back.collect()), back.get_versions()[1:], back.get_metadata()['id']) == before
    assert back.get_versions(1)[0]['schema_change'] == 'Restored: the dropped table'
    assert back.at(1).columns() == ['k', 's', 'f']
    back.insert(k=50, s='new')
    assert back.tail(1).to_arrow().to_pylist() == [{'k': 50, 's': 'new', 'f': None, 'double': 100}]
    assert t == back
    assert t.count() == 5


def test_views_of_its_views_come_back(t) -> None:
    v = pxt.create_view('v', t.where(t.k > 1))
    w = pxt.create_view('w', v.where(v.k > 2))
    pxt.create_view('both', v.join(t, on=v.k == t.k).select(t.s))
    pxt.drop_table('t', force=True)
    assert sorted(each['path'] for each in pxt.list_dropped()) == ['both', 't', 'v', 'w']
    pxt.restore('t').insert(k=9, s='new')
    assert pxt.list_dropped() == []
    assert (v.count(), w.count(), pxt.get_table('both').count()) == (4, 3, 4)


def test_it_can_come_back_as_of_a_version_or_a_snapshot(t) -> None:
    pxt.snapshot(t, name='full')
    t.delete()
    pxt.drop_table(t, force=True)
    assert pxt.restore('t', version=0).count() == 0
    pxt.drop_table(t, force=True)
    assert pxt.restore('t', snapshot='full').count() == 5
    assert [each['version'] for each in t.get_versions()] == [6, 5, 4, 3, 2, 1, 0]


def test_its_snapshots_come_back(t) -> None:
    pxt.snapshot(t, name='named', tags=['stable'])
    pxt.create_snapshot('own', t)
    pxt.create_snapshot('taken', t)
    t.delete()
    pxt.drop_table('t', force=True)
    pxt.create_table('taken', {'x': pxt.Int})
    pxt.restore('t')
    assert pxt.list_snapshots('t') == [{'name': 'named', 'version': 1, 'tags': ['stable']}]
    assert pxt.get_table('own').count() == 5
    assert pxt.list_tables() == ['own', 't', 'taken']


def test_a_dropped_snapshot_comes_back_while_its_table_is_there(t) -> None:
    pxt.create_snapshot('own', t)
    t.delete()
    pxt.drop_table('own')
    assert pxt.restore('own').count() == 5
    pxt.drop_table('t', force=True)
    with pytest.raises(pxt.NotFoundError, match="'t' has no version 1: it was dropped"):
        pxt.restore('own')
    assert pxt.list_tables() == []


def test_the_handle_of_a_dropped_table_means_that_table(t) -> None:
    pxt.drop_table(t)
    other = pxt.create_table('t', {'x': pxt.Int})
    pxt.drop_table(other)
    assert pxt.restore('t').columns() == ['x']
    pxt.drop_table(other)
    assert pxt.restore(t).columns() == ['k', 's', 'f']


def test_a_table_that_was_replaced(t) -> None:
    new = pxt.create_table('t', {'x': pxt.Int}, if_exists='replace')
    with pytest.raises(pxt.AlreadyExistsError, match="a table was dropped from 't', and another one lies there now"):
        pxt.restore('t')
    with pytest.raises(pxt.AlreadyExistsError, match="Table 't' exists already"):
        pxt.restore(t)
    pxt.drop_table(new)
    pxt.restore(t)
    assert pxt.get_table('t').count() == 5


def test_its_directory_must_be_there(t) -> None:
    pxt.create_dir('d')
    pxt.create_table('d/t', {'x': pxt.Int}).insert(x=1)
    pxt.drop_dir('d', force=True)
    with pytest.raises(pxt.NotFoundError, match=r"pxt\.create_dir\('d'") as caught:
        pxt.restore('d/t')
    assert caught.value.error_code is pxt.ErrorCode.DIRECTORY_NOT_FOUND
    pxt.create_dir('d')
    assert pxt.restore('d/t').count() == 1


def test_a_wrong_version_brings_nothing_back(t) -> None:
    pxt.drop_table(t)
    for moment in ({'version': 7}, {'snapshot': 'none'}):
        with pytest.raises(pxt.NotFoundError):
            pxt.restore('t', **moment)
    assert pxt.list_tables() == []


def test_a_path_where_nothing_ever_lay() -> None:
    with pytest.raises(pxt.NotFoundError, match="there is no table 'nowhere'"):
        pxt.restore('nowhere')


def test_it_comes_back_in_another_process(t, reopen) -> None:
    pxt.drop_table(t)
    reopen()
    assert pxt.restore('t').count() == 5


def test_a_drop_while_an_insert_computes(t) -> None:
    """What was planned on the table goes on with it once it is back: it is the same table."""
    pxt.drop_table(t)
    with pytest.raises(pxt.NotFoundError):
        t.insert(k=1, s='x')
    pxt.restore('t')
    assert t.insert(k=1, s='x').num_rows == 1


def test_an_earlier_table_of_a_path_comes_back_by_its_id(t) -> None:
    first = t.get_metadata()['id']
    pxt.drop_table('t')
    other = pxt.create_table('t', {'x': pxt.Int})
    second = other.get_metadata()['id']
    with pytest.raises(pxt.AlreadyExistsError, match="'t' exists already"):
        pxt.restore('t', table_id=first)
    pxt.drop_table('t')
    found = pxt.list_dropped()
    assert [(each['table_id'], each['path'], each['version'], each['rows']) for each in found] == [
        (second, 't', 0, 0),
        (first, 't', 1, 5),
    ]
    assert found[0]['dropped_at'] >= found[1]['dropped_at']
    assert pxt.restore('t', table_id=first).count() == 5
    assert [each['table_id'] for each in pxt.list_dropped()] == [second]
    pxt.drop_table('t')
    assert pxt.restore(other).columns() == ['x']


def test_an_id_that_was_not_dropped_from_the_path(t) -> None:
    for table_id in (t._table_id, 'x'):
        with pytest.raises(pxt.NotFoundError, match=r'pxt\.list_dropped\(\) shows all') as error:
            pxt.restore('t', table_id=table_id)
        assert error.value.error_code is pxt.ErrorCode.TABLE_NOT_FOUND


def test_a_dropped_table_has_no_history(t) -> None:
    pxt.drop_table('t')
    for look in (t.history, t.get_versions):
        with pytest.raises(pxt.NotFoundError) as error:
            look()
        assert error.value.error_code is pxt.ErrorCode.TABLE_NOT_FOUND
