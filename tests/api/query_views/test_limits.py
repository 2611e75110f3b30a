"""Views of the first rows of what has no order."""

from __future__ import annotations

import pixeltable as pxt
from pixeltable import functions as fn


def test_a_limit_without_an_order_keeps_the_same_rows() -> None:
    t = pxt.create_table('t', {'k': pxt.Int, 's': pxt.String | None})
    t.insert([{'k': k, 's': f's{k * 7919 % 5003}'} for k in range(3000)])
    names = t.select(t.s).distinct().limit(3)
    groups = t.group_by(t.s).select(t.s, n=fn.count(t.k)).limit(3, offset=1)
    views = [pxt.create_view('names', names), pxt.create_view('groups', groups)]
    t.insert([{'k': 1, 's': 'a0'}, {'k': 1, 's': 's1'}])
    for view, query in zip(views, (names, groups), strict=True):
        assert sorted(view.collect()['s']) == query.collect()['s'] == query.collect()['s']
    assert names.collect()['s'] == ['a0', 's0', 's1']
    assert pxt.verify().problems == ()
