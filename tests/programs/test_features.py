"""Features out of events: views of views, running sums, vectors, samples of groups."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable import functions as pxtf

START = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def events(home) -> pxt.Table:
    types = {'eid': pxt.Int, 'uid': pxt.Int, 'kind': pxt.String, 'amount': pxt.Float | None, 'ts': pxt.Timestamp}
    events = pxt.create_table('events', types | {'vec': pxt.Array[(3,), pxt.Float]}, primary_key='eid')
    events.insert(
        {
            'eid': n,
            'uid': n % 4,
            'kind': 'view' if n % 3 else 'buy',
            'amount': None if n % 3 else n * 1.25,
            'ts': START + datetime.timedelta(hours=7 * n),
            'vec': np.array([n, n / 2, -n], np.float32),
        }
        for n in range(12)
    )
    events.add_computed_column(is_buy=events.kind == 'buy')
    events.add_computed_column(bucket=(events.amount // 5).astype(pxt.Int))
    events.add_computed_column(hour=events.ts.hour, stored=False)
    return events


def test_views_of_views_follow(events: pxt.Table) -> None:
    buys = pxt.create_view('buys', events.where(events.is_buy), additional_columns={'note': pxt.String | None})
    buys.add_computed_column(double=buys.amount * 2)
    big = pxt.create_view('big', buys.where(buys.double > 10))
    assert (buys.count(), big.order_by(big.eid).collect()['eid']) == (4, [6, 9])
    buys.update({'note': 'seen'}, where=buys.eid == 6)
    events.insert([{'eid': 100, 'uid': 2, 'kind': 'buy', 'amount': 50, 'ts': START, 'vec': [1, 2, 3]}])
    events.update({'amount': 1.0}, where=events.eid == 9)
    assert big.order_by(big.eid).select(big.eid, big.note).collect() == [
        {'eid': 6, 'note': 'seen'},
        {'eid': 100, 'note': None},
    ]
    events.update({'kind': 'view'}, where=events.eid == 100)
    events.rename_column('amount', 'price')
    assert big.select(big.eid, big.price, big.double).collect() == [{'eid': 6, 'price': 7.5, 'double': 15.0}]
    with pytest.raises(pxt.Error, match='buys'):
        pxt.drop_table('events')


def test_features_of_users(events: pxt.Table) -> None:
    e = events
    spent = e.group_by(e.uid).select(e.uid, n=pxtf.count(e.eid), spend=pxtf.sum(e.amount), last=pxtf.max(e.ts))
    first = spent.order_by(e.uid).collect()[0]
    assert first == {'uid': 0, 'n': 3, 'spend': 0.0, 'last': START + datetime.timedelta(hours=56)}
    running = e.select(e.eid, sum=pxtf.sum(e.eid, group_by=e.uid, order_by=e.ts)).order_by(e.eid).collect()
    assert running['sum'] == [0, 1, 2, 3, 4, 6, 8, 10, 12, 15, 18, 21]
    row = e.where(e.eid == 9).select(e.vec[0], e.bucket, e.hour, tail=e.vec[1:]).collect()[0]
    assert (row['bucket'], row['hour'], row['tail'].tolist()) == (2, 15, [4.5, -9.0])
    assert sorted(e.sample(n_per_stratum=2, stratify_by=[e.uid], seed=1).collect()['uid']) == [0, 0, 1, 1, 2, 2, 3, 3]
