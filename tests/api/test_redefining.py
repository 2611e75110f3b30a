from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable.functions import count


def test_a_column_becomes_nullable(t: pxt.Table) -> None:
    t.alter_column('s', type_=pxt.String | None)
    t.insert(k=9)
    assert t.get_metadata()['columns']['s']['type_'] == 'String | None'
    assert t.order_by(t.k).collect()['s'] == ['a', 'b', 'c', 'd', 'e', None]
    assert t.get_versions()[1]['schema_change'] == 'Altered: s'
    t.alter_column(t.s, type_=pxt.String | None)
    assert len(t.get_versions()) == 4


@pytest.fixture
def computed(t: pxt.Table) -> pxt.Table:
    t.add_computed_column(x=t.k + 1)
    t.add_computed_column(y=t.x * 10)
    t.add_computed_column(z=t.x * 100, stored=False)
    return t


def test_another_expression(computed: pxt.Table) -> None:
    status = computed.alter_computed_column(x=computed.k + 2)
    assert (status.updated_cols, status.num_computed_values, status.num_rows) == (['t.x', 't.y'], 10, 5)
    rows = computed.order_by(computed.k).collect()
    assert (rows['x'], rows['y'], rows['z'][0]) == ([2, 3, 4, 5, 6], [20, 30, 40, 50, 60], 200)
    assert computed.get_metadata()['columns']['x']['computed_with'] == 'k + 2'
    computed.insert(k=10, s='z')
    assert computed.where(computed.k == 10).collect()[0]['y'] == 120
    assert len(computed.stale()) == 0
    computed.revert()
    computed.revert()
    assert computed.order_by(computed.k).collect()['y'] == [10, 20, 30, 40, 50]


def test_without_recomputing(computed: pxt.Table) -> None:
    computed.alter_computed_column(x=computed.k + 2, recompute=False)
    assert computed.order_by(computed.k).collect()['x'] == [1, 2, 3, 4, 5]
    assert {row['column']: row['reason'] for row in computed.stale()} == {'x': 'code', 'y': 'input'}
    computed.recompute_columns(only='stale')
    assert computed.order_by(computed.k).collect()['y'] == [20, 30, 40, 50, 60]


def test_without_cascade(computed: pxt.Table) -> None:
    computed.alter_computed_column(x=computed.k + 2, cascade=False)
    rows = computed.order_by(computed.k).collect()
    assert (rows['x'][0], rows['y'][0]) == (2, 10)
    assert [row['column'] for row in computed.stale()] == ['y']


def test_a_column_that_is_not_stored(computed: pxt.Table) -> None:
    computed.add_computed_column(w=computed.z + 1)
    computed.alter_computed_column(z=computed.x * 1000)
    assert computed.order_by(computed.k).collect()[0] | {'s': 'a'} == {
        'k': 0, 's': 'a', 'f': 0.0, 'x': 1, 'y': 10, 'z': 1000, 'w': 1001,
    }  # fmt: skip


def test_a_failing_cell_leaves_everything_as_it_was(computed: pxt.Table) -> None:
    @pxt.udf
    def fail(k: int) -> int:
        raise ValueError('no')

    before = list(computed.collect()), computed.get_versions()
    t = pxt.create_table('strict', {'k': pxt.Int}, on_error='abort')
    t.insert(k=1)
    t.add_computed_column(x=t.k + 1)
    with pytest.raises(pxt.Error, match='no'):
        t.alter_computed_column(x=fail(t.k))
    assert t.collect()['x'] == [2]
    assert (list(computed.collect()), computed.get_versions()) == before


def test_the_order_of_columns_may_turn_round(computed: pxt.Table) -> None:
    computed.add_computed_column(late=computed.k * 7)
    computed.alter_computed_column(x=computed.late + 0)
    computed.insert(k=3, s='x')
    assert computed.order_by(computed.k, computed.id).collect()['y'] == [0, 70, 140, 210, 210, 280]


def test_views_follow_a_new_expression(computed: pxt.Table) -> None:
    v = pxt.create_view('v', computed.where(computed.x > 3))
    v.add_computed_column(twice=v.x * 2)
    groups = pxt.create_view('groups', computed.group_by(computed.y).select(computed.y, n=count(computed.k)))
    status = computed.alter_computed_column(x=computed.k + 2)
    assert sorted(v.collect()['twice']) == [8, 10, 12]
    assert sorted(groups.collect()['y']) == [20, 30, 40, 50, 60]
    assert (status.row_count_stats.num_rows, status.num_rows) == (5, 10)
    assert pxt.verify().ok
    computed.revert()
    assert sorted(v.collect()['twice']) == [8, 10]


def test_views_would_not_follow_what_is_not_stored(computed: pxt.Table) -> None:
    computed.add_computed_column(more=computed.z + 1, stored=False)
    computed.alter_computed_column(z=computed.x * 200)
    pxt.create_view('v', computed.where(computed.more > 300))
    with pytest.raises(
        pxt.RequestError, match="column 'more' of 't' cannot be altered, not being stored: view 'v' needs it"
    ):
        computed.alter_computed_column(z=computed.x * 300)
    assert pxt.get_table('v').count() == 4
