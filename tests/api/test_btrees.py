from __future__ import annotations

import pytest

import pixeltable as pxt


def names(t: pxt.Table) -> list[tuple[str, list[str]]]:
    return [(index['name'], index['columns']) for index in t.get_metadata()['indexes'].values()]


def test_added_and_dropped(t: pxt.Table) -> None:
    t.add_btree_index('k')
    t.add_btree_index(t.s, idx_name='by_s')
    assert names(t) == [('idx0', ['k']), ('by_s', ['s'])]
    assert t.get_metadata()['indexes']['idx0']['index_type'] == 'btree'
    assert t.get_versions(1)[0]['schema_change'] == 'Added index: by_s'
    t.drop_index(column=t.k)
    t.drop_index(idx_name='by_s')
    assert names(t) == []
    t.drop_index(column='k', if_not_exists='ignore')


def test_it_goes_with_its_column_and_comes_back_with_it(t: pxt.Table) -> None:
    t.add_btree_index('f')
    t.drop_column('f')
    assert names(t) == []
    t.revert()
    assert names(t) == [('idx0', ['f'])]


def test_if_exists(t: pxt.Table) -> None:
    t.add_btree_index('k')
    t.add_btree_index('k', if_exists='ignore')
    t.add_btree_index('s', idx_name='idx0', if_exists='ignore')
    assert names(t) == [('idx0', ['k'])]


def test_default_indexes() -> None:
    schema = {'k': pxt.Int, 'i': pxt.Image | None, 'j': pxt.Json | None, 'b': pxt.Bool | None, 's': pxt.String | None}
    t = pxt.create_table('d', schema, has_default_idxs=True)
    assert t.get_metadata()['has_default_idxs']
    t.add_column(ts=pxt.Timestamp | None)
    t.add_computed_column(more=t.k + 1)
    assert [columns for _, columns in names(t)] == [['k'], ['i'], ['s'], ['ts'], ['more']]
    assert [name for name, _ in names(t)] == [f'idx{number}' for number in range(5)]


@pytest.mark.parametrize('type_', [pxt.Json, pxt.Bool, pxt.Binary, pxt.Array[(2,), pxt.Float]])
def test_columns_that_cannot_have_one(type_) -> None:
    t = pxt.create_table('u', {'x': type_ | None})
    with pytest.raises(pxt.RequestError, match="'x'") as caught:
        t.add_btree_index('x')
    assert caught.value.error_code is pxt.ErrorCode.TYPE_MISMATCH
