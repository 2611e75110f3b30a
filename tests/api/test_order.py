"""Rows with equal sort keys, and values that sorting must leave as they are."""

from __future__ import annotations

import uuid

import pixeltable as pxt


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
