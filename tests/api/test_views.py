"""Views of rows: what they show, and how they follow their base."""

from __future__ import annotations

import numpy as np
import pytest

import pixeltable as pxt

CALLS: list[int] = []


@pxt.udf
def costly(k: int) -> int:
    CALLS.append(k)
    return k * 10


@pytest.fixture(autouse=True)
def _no_calls() -> None:
    CALLS.clear()


@pytest.fixture
def v(t) -> pxt.Table:
    """The rows of `t` with an even `k`, and `tens`, which is ten times as much."""
    return pxt.create_view(
        'v', t.where(t.k % 2 == 0), additional_columns={'tens': costly(t.k), 'note': pxt.String | None}
    )


def test_columns_and_rows(t, v) -> None:
    assert v.columns() == ['tens', 'note', 'k', 's', 'f']
    assert v.collect() == [{'tens': k * 10, 'note': None, **row} for k, row in enumerate(t.collect()) if k % 2 == 0]
    assert (v.count(), CALLS) == (3, [0, 2, 4])


def test_an_insert_computes_the_new_rows_only(t, v) -> None:
    CALLS.clear()
    status = t.insert([{'k': 6, 's': 'g'}, {'k': 7, 's': 'h'}])
    assert (v.select(v.tens).collect()['tens'], CALLS) == ([0, 20, 40, 60], [6])
    assert (status.row_count_stats.ins_rows, status.cascade_row_count_stats.ins_rows) == (2, 1)
    assert v.get_versions()[0]['inserts'] == 1


def test_a_delete_takes_the_rows_away(t, v) -> None:
    t.delete(t.k < 3)
    assert v.collect()['k'] == [4]


def test_an_update_of_other_columns_calls_nothing(t, v) -> None:
    CALLS.clear()
    ids = v.select(i=v.id).collect()['i']
    t.update({'s': 'new'})
    assert (v.collect()['s'], CALLS) == (['new'] * 3, [])
    assert v.select(i=v.id).collect()['i'] == ids


def test_an_update_moves_rows_in_and_out(t, v) -> None:
    CALLS.clear()
    t.update({'k': t.k + 1}, where=t.k >= 3)
    assert (sorted(v.collect()['tens']), CALLS) == ([0, 20, 40], [4])


def test_an_update_computes_what_depends_on_it(t, v) -> None:
    CALLS.clear()
    t.update({'k': 8}, where=t.k == 4)
    assert (v.collect()['tens'], CALLS) == ([0, 20, 80], [8])


def test_a_batch_update_and_an_upsert() -> None:
    t = pxt.create_table('keyed', {'k': pxt.Int, 'x': pxt.Int}, primary_key='k')
    t.insert([{'k': k, 'x': k} for k in range(4)])
    v = pxt.create_view('v', t.where(t.x > 1), additional_columns={'y': costly(t.x)})
    CALLS.clear()
    t.batch_update([{'k': 0, 'x': 5}, {'k': 3, 'x': 3}])
    t.upsert([{'k': 2, 'x': 0}, {'k': 9, 'x': 9}])
    assert v.select(v.k, v.y).order_by(v.k).collect() == [{'k': 0, 'y': 50}, {'k': 3, 'y': 30}, {'k': 9, 'y': 90}]
    assert CALLS == [5, 9]


def test_recomputed_columns_of_the_base_are_followed(t) -> None:
    t.add_computed_column(twice=t.k * 2)
    v = pxt.create_view('v', t.where(t.twice > 3), additional_columns={'more': t.twice + 1})
    t.recompute_columns('twice')
    assert v.collect()['more'] == [5, 7, 9]


def test_own_columns_can_be_set(t, v) -> None:
    v.update({'note': 'small'}, where=v.tens < 30)
    assert v.collect()['note'] == ['small', 'small', None]
    t.update({'s': 'x'})
    assert v.collect()['note'] == ['small', 'small', None]


def test_computed_columns_can_be_added(t, v) -> None:
    v.add_computed_column(label=v.s + '!')
    t.insert([{'k': 8, 's': 'z'}])
    assert v.collect()['label'] == ['a!', 'c!', 'e!', 'z!']


def test_a_projection(t) -> None:
    v = pxt.create_view('v', t.where(t.k > 2).select(t.s, double=t.k * 2))
    assert v.columns() == ['s', 'double']
    assert v.collect() == [{'double': 6, 's': 'd'}, {'double': 8, 's': 'e'}]
    assert v.where(t.k == 3).select(v.s).collect() == [{'s': 'd'}]


def test_a_view_of_a_view(t, v) -> None:
    w = pxt.create_view('w', v.where(v.tens > 10), additional_columns={'sum': v.tens + t.k})
    t.insert([{'k': 10, 's': 'n'}])
    t.update({'k': 12}, where=t.k == 4)
    t.delete(t.k == 2)
    assert w.select(w.sum, w.s).collect() == [{'sum': 132, 's': 'e'}, {'sum': 110, 's': 'n'}]
    assert (t.list_views(), t.list_views(recursive=False)) == (['v', 'w'], ['v'])
    assert (w.get_base_table(), v.get_base_table(), t.get_base_table()) == (v, t, None)


def test_versions_of_a_view_read_the_base_of_then(t, v) -> None:
    t.update({'s': 'new'})
    assert pxt.get_table('v:0').collect()['s'] == ['a', 'c', 'e']
    assert v.collect()['s'] == ['new'] * 3


def test_nulls_are_in_no_view(t) -> None:
    assert pxt.create_view('v', t.where(t.f > 0.4)).collect()['f'] == [0.5, 1.0, 1.5]


def test_a_failing_condition_is_not_true(t) -> None:
    @pxt.udf
    def picky(k: int) -> bool:
        return 1 // (k - 2) > 0

    with pytest.warns(pxt.PixeltableWarning, match='1 cell failed'):
        assert pxt.create_view('v', t.where(picky(t.k))).collect()['k'] == [3]


REFUSED = [
    (lambda t, v: v.insert(k=1), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda t, v: v.delete(), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda t, v: v.where(v.k > 1).delete(), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda t, v: v.update({'k': 1}), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda t, v: v.update({'tens': 1}), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda t, v: v.drop_column('k'), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda t, v: v.rename_column('k', 'l'), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda t, v: t.drop_column('k'), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda t, v: pxt.drop_table('t'), pxt.ErrorCode.CONSTRAINT_VIOLATION),
    (lambda t, v: pxt.create_view('v', t), pxt.ErrorCode.PATH_ALREADY_EXISTS),
    (lambda t, v: pxt.create_view('t', t, if_exists='ignore'), pxt.ErrorCode.PATH_ALREADY_EXISTS),
    (lambda t, v: pxt.create_view('no/w', t), pxt.ErrorCode.DIRECTORY_NOT_FOUND),
    (lambda t, v: pxt.create_view('w', 7), pxt.ErrorCode.TYPE_MISMATCH),
    (lambda t, v: pxt.create_view('w', t.order_by(t.k)), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda t, v: pxt.create_view('w', t.where(v.tens > 1)), pxt.ErrorCode.UNSUPPORTED_OPERATION),
    (lambda t, v: pxt.create_view('w', t, additional_columns={'k': t.k}), pxt.ErrorCode.COLUMN_ALREADY_EXISTS),
    (lambda t, v: pxt.create_view('w', t, additional_columns={'n': pxt.Int}), pxt.ErrorCode.INVALID_ARGUMENT),
    (lambda t, v: pxt.create_view('w', t, iterator=7), pxt.ErrorCode.INVALID_EXPRESSION),
]


@pytest.mark.parametrize(('call', 'code'), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_done_changes_nothing(t, v, call, code) -> None:
    before = v.collect()
    with pytest.raises(pxt.Error) as refused:
        call(t, v)
    assert refused.value.error_code is code
    assert (v.collect(), pxt.list_tables()) == (before, ['t', 'v'])


def test_dropping_all_of_it(t, v) -> None:
    pxt.drop_table('t', force=True)
    assert pxt.list_tables() == []
    pxt.restore('t')
    t.insert(k=6, s='g')


def test_a_dropped_view_is_not_followed(t, v) -> None:
    pxt.drop_table(v)
    CALLS.clear()
    t.insert(k=6, s='g')
    assert CALLS == []


def test_replacing(t, v) -> None:
    assert pxt.create_view('v', t, if_exists='ignore').columns() == v.columns()
    assert pxt.create_view('v', t.where(t.k == 1), if_exists='replace').collect()['k'] == [1]


def test_metadata(t, v) -> None:
    found = v.get_metadata()
    assert (found['kind'], found['is_view'], found['base'], found['view_filter']) == ('view', True, 't', 'k % 2 == 0')
    assert found['columns']['tens']['depends_on'] == [('t', 'k')]
    assert (found['columns']['k']['defined_in'], found['columns']['tens']['defined_in']) == ('t', 'v')
    assert repr(v).startswith("view 'v' (of 't')\nWhere: k % 2 == 0\n")


def test_a_purge_of_the_base_reaches_every_version_of_its_views(t, v) -> None:
    w = pxt.create_view('w', v.where(v.tens >= 0), additional_columns={'label': v.s + '!'})
    s = pxt.create_snapshot('s', v.where(v.k > 1), additional_columns={'twice': v.tens * 2})
    t.update({'s': 'new'})
    t.purge(t.k == 2)
    assert (v.collect()['k'], w.collect()['label'], s.collect()['twice']) == ([0, 4], ['new!', 'new!'], [80])
    assert pxt.get_table('w:0').collect()['label'] == ['a!', 'e!']
    assert pxt.verify().problems == ()
    with pytest.raises(pxt.RequestError):
        v.purge(v.k == 0)


def test_searching_by_own_and_by_inherited_indexes(t) -> None:
    @pxt.udf
    def embed(text: str) -> pxt.Array[(2,), pxt.Float]:
        return np.array([ord(text[0]), 1.0], np.float32)

    t.add_embedding_index('s', string_embed=embed, metric='l2')
    v = pxt.create_view('v', t.where(t.k > 0), additional_columns={'loud': t.s.upper()})
    v.add_embedding_index('loud', string_embed=embed, metric='l2')
    assert v.order_by(v.s.similarity('e'), asc=False).limit(2).select(v.k).collect()['k'] == [4, 3]
    assert v.order_by(v.loud.similarity('B'), asc=False).limit(1).select(v.k).collect()['k'] == [1]
    t.update({'s': 'z'}, where=t.k == 1)
    assert v.order_by(v.s.similarity('z'), asc=False).limit(1).select(v.k).collect()['k'] == [1]
    assert v.order_by(v.loud.similarity('Z'), asc=False).limit(1).select(v.k).collect()['k'] == [1]


def test_an_existing_view_of_another_table_is_not_the_one_that_is_meant(home) -> None:
    t, u = (pxt.create_table(name, {'k': pxt.Int}) for name in 'tu')
    pxt.create_view('v', t)
    assert pxt.create_view('v', t.where(t.k > 1), if_exists='ignore').get_metadata()['base'] == 't'
    with pytest.raises(pxt.AlreadyExistsError, match='of another table'):
        pxt.create_view('v', u, if_exists='ignore')
