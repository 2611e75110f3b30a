"""Rows with equal sort keys, and values that sorting must leave as they are."""

from __future__ import annotations

import uuid

import pixeltable as pxt
from pixeltable.functions import count


def test_equal_keys_keep_the_order_of_insertion(home) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'n': pxt.Int})
    t.insert([{'k': n % 2, 'n': n} for n in range(5000)])
    ordered = t.order_by(t.k).select(t.n).collect()['n']
    assert ordered == [*range(0, 5000, 2), *range(1, 5000, 2)]
    assert t.order_by(t.k).select(t.n).tail(3)['n'] == ordered[-3:]
    assert t.order_by(t.k).select(t.n).head(3)['n'] == ordered[:3]


def test_uuids_come_back_from_sorting_as_uuids() -> None:
    u = pxt.create_table('u', {'k': pxt.Int, 'u': pxt.UUID | None})
    ids = [uuid.UUID(int=5), None, uuid.UUID(int=2**127)]
    u.insert({'k': k, 'u': each} for k, each in enumerate(ids))
    u.update({'u': ids[2]}, where=u.k == 0)
    assert u.collect()['u'] == [ids[2], None, ids[2]]
    assert u.order_by(u.k, asc=False).collect()['u'] == [ids[2], None, ids[2]]
    assert u.group_by(u.u).select(u.u).order_by(u.u).collect()['u'] == [ids[2], None]


def test_a_limit_without_an_order_gives_the_same_rows_each_time() -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String | None})
    t.insert([{'k': k % 7, 's': f's{k * 7919 % 5003}' if k else None} for k in range(5000)])
    groups = t.group_by(t.s).select(t.s, n=count(t.k)).subquery()
    queries = {
        'distinct': t.select(t.s).distinct(),
        'groups': t.group_by(t.s).select(t.s),
        'sub-query': groups.select(groups.s),
        'union': t.select(t.s).union(t.select(t.s)),
        'by count': groups.order_by(groups.n).select(groups.s),
    }
    for name, query in queries.items():
        assert query.limit(2).collect()['s'] == ['s1', 's10'], name
        assert query.limit(1, offset=1).collect()['s'] == ['s10'], name
    every = t.select(t.s).union(t.select(t.s), all=True)
    assert every.limit(2).collect()['s'] == t.select(t.s).limit(2).collect()['s']
    joined = t.join(groups, on=t.s == groups.s).select(t.k, groups.s)
    assert joined.limit(2).collect() == joined.order_by(t.id).limit(2).collect()
