"""Rows with equal sort keys."""

from __future__ import annotations

import pixeltable as pxt


def test_equal_keys_keep_the_order_of_insertion(home) -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 'n': pxt.Int})
    t.insert([{'k': n % 2, 'n': n} for n in range(5000)])
    ordered = t.order_by(t.k).select(t.n).collect()['n']
    assert ordered == [*range(0, 5000, 2), *range(1, 5000, 2)]
    assert t.order_by(t.k).select(t.n).tail(3)['n'] == ordered[-3:]
    assert t.order_by(t.k).select(t.n).head(3)['n'] == ordered[:3]
