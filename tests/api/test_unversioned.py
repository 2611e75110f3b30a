from __future__ import annotations

import pytest

import pixeltable as pxt


@pytest.fixture
def state() -> pxt.Table:
    t = pxt.create_table('state', {'key': pxt.String, 'n': pxt.Int}, primary_key='key', _is_data_versioned=False)
    t.add_computed_column(twice=t.n * 2)
    t.insert([{'key': 'a', 'n': 1}, {'key': 'b', 'n': 2}])
    return t


def test_rows_change_as_in_other_tables(state: pxt.Table) -> None:
    state.update({'n': 5}, where=state.key == 'a')
    state.batch_update([{'key': 'b', 'n': 7}, {'key': 'c', 'n': 9}], if_not_exists='insert')
    state.delete(state.key == 'b')
    assert list(state.order_by(state.key).collect()) == [
        {'key': 'a', 'n': 5, 'twice': 10},
        {'key': 'c', 'n': 9, 'twice': 18},
    ]
    assert state.get_metadata()['is_data_versioned'] is False


@pytest.mark.parametrize(
    'call',
    [
        lambda t: t.get_versions(),
        lambda t: t.history(),
        lambda t: t.revert(),
        lambda t: t.at(0),
        lambda t: t.diff(0),
        lambda t: t.changes(),
        lambda t: t.set_retention(versions=3),
        lambda t: pxt.get_table('state:0'),
        lambda t: pxt.snapshot(t, name='s'),
        lambda t: pxt.create_snapshot('s', t),
        lambda t: pxt.create_view('v', t),
        lambda t: pxt.create_view('v', t.where(t.n > 1)),
        lambda t: pxt.restore('state', version=0),
    ],
)
def test_it_has_no_past(state: pxt.Table, call) -> None:
    with pytest.raises(pxt.RequestError, match='_is_data_versioned=False') as caught:
        call(state)
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    assert pxt.list_tables() == ['state']


def test_what_is_overwritten_can_go(state: pxt.Table) -> None:
    state.update({'n': 5})
    assert state.vacuum().versions > 0
    assert state.count() == 2
