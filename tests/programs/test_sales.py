"""Orders and customers: joins, groups, windows, versions, mistakes that are mended."""

from __future__ import annotations

import datetime

import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf


@pxt.uda
class joined(pxt.Aggregator):  # noqa: N801
    def __init__(self, separator: str = ','):
        self.separator = separator
        self.parts: list[str] = []

    def update(self, part: str) -> None:
        self.parts.append(part)

    def value(self) -> str:
        return self.separator.join(sorted(self.parts))


@pxt.udf
def halved(amount: int) -> int:
    if amount % 2:
        raise ValueError(f'{amount} is odd')
    return amount // 2


@pytest.fixture
def orders(home) -> pxt.Table:
    types = {'id': pxt.Int, 'customer': pxt.Int, 'amount': pxt.Float | None, 'day': pxt.Date}
    orders = pxt.create_table('orders', types)
    orders.insert(
        {'id': n, 'customer': n % 3 + 1, 'amount': None if n == 4 else n * 1.5, 'day': f'2024-01-{n + 1:02}'}
        for n in range(8)
    )
    return orders


@pytest.fixture
def customers(home) -> pxt.Table:
    customers = pxt.create_table('customers', {'id': pxt.Int, 'name': pxt.String, 'city': pxt.String | None})
    customers.insert(
        [{'id': 1, 'name': 'Ann', 'city': 'X'}, {'id': 2, 'name': 'Bob'}, {'id': 4, 'name': 'Cy', 'city': 'Y'}]
    )
    return customers


def test_joins_and_groups(orders: pxt.Table, customers: pxt.Table) -> None:
    o, c = orders, customers
    pairs = o.join(c, on=o.customer == c.id)
    totals = pairs.group_by(c.name).select(c.name, total=pxtf.sum(o.amount), n=pxtf.count(o.amount)).order_by(c.name)
    assert [tuple(row.values()) for row in totals.collect()] == [('Ann', 13.5, 3), ('Bob', 12.0, 2)]
    assert o.join(c, on=o.customer == c.id, how='full_outer').count() == 9
    parts = o.group_by(o.id % 2).select(odd=o.id % 2, days=pxtf.count(o.day), last=pxtf.max(o.day)).order_by(o.id % 2)
    assert [tuple(row.values()) for row in parts.collect()] == [
        (0, 4, datetime.date(2024, 1, 7)),
        (1, 4, datetime.date(2024, 1, 8)),
    ]
    assert c.select(x=joined(c.name, separator='|')).collect()['x'] == ['Ann|Bob|Cy']
    running = o.where(o.customer == 1).select(o.id, r=pxtf.sum(o.id, group_by=o.customer, order_by=o.id))
    assert running.order_by(o.id).collect()['r'] == [0, 3, 9]
    lists = o.group_by(o.customer).select(ids=pxtf.json.make_list(o.id)).order_by(o.customer)
    assert lists.collect()['ids'] == [[0, 3, 6], [1, 4, 7], [2, 5]]
    assert (o.where(o.amount != 1.5).count(), o.where(o.amount == None).collect()['id']) == (6, [4])  # noqa: E711


def test_errors_are_found_and_mended(home) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String | None}, primary_key='k')
    t.insert({'k': k, 's': f's{k}'} for k in range(6))
    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(half=halved(t.k), on_error='ignore')
    failed = t.where(t.half.errortype != None).order_by(t.k)  # noqa: E711
    assert list(failed.select(t.k, t.half.errortype, t.half.errormsg).limit(1).collect()) == [
        {'k': 1, 'half_errortype': 'ValueError', 'half_errormsg': '1 is odd'}
    ]
    with pytest.raises(pxt.RequestError, match='11 is odd') as caught:
        t.insert([{'k': 11}], on_error='abort')
    assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
    assert t.count() == 6
    t.alter_computed_column(half=t.k // 2)
    assert t.order_by(t.k).collect()['half'] == [0, 0, 1, 1, 2, 2]
    assert failed.count() == 0


def test_versions_and_snapshots(home) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String | None}, primary_key='k')
    t.insert({'k': k, 's': f's{k}'} for k in range(4))
    assert t.update({'s': t.s + '!'}, where=t.k < 2).num_rows == 2
    assert t.batch_update([{'k': 0, 's': 'zero'}, {'k': 77, 's': 'new'}], if_not_exists='insert').num_rows == 2
    assert t.delete(where=t.k > 10).num_rows == 1
    old = pxt.get_table('t:1')
    assert old.order_by(old.k).collect()['s'] == ['s0', 's1', 's2', 's3']
    kinds = [(v['change_type'], v['inserts'], v['updates'], v['deletes']) for v in t.get_versions()]
    assert kinds[::-1] == [
        ('schema', 0, 0, 0),
        ('data', 4, 0, 0),
        ('data', 0, 2, 0),
        ('data', 1, 1, 0),
        ('data', 0, 0, 1),
    ]
    t.revert()
    assert t.count() == 5
    snapshot = pxt.create_snapshot('then', t)
    t.insert([{'k': 500}])
    assert (snapshot.count(), t.count()) == (5, 6)
    for change in (lambda: snapshot.insert([{'k': 1}]), lambda: old.insert([{'k': 1}]), lambda: old.delete()):
        with pytest.raises(pxt.RequestError) as caught:
            change()
        assert caught.value.error_code is pxt.ErrorCode.UNSUPPORTED_OPERATION
