"""Views of every kind of query, over two tables; and the queries, to be run from scratch."""

from __future__ import annotations

from collections.abc import Iterator

import pixeltable as pxt
from pixeltable import functions as fn

CALLS: list[int] = []


@pxt.udf
def priced(a: int | None) -> int | None:
    CALLS.append(0 if a is None else a)
    return None if a is None else a * 7


def queries(t: pxt.Table, u: pxt.Table) -> Iterator[tuple[str, pxt.Query]]:
    """By name; the first column of each is a number or NULL."""
    paired = t.join(u, on=t.a == u.k)
    yield 'inner', paired.where(t.b + u.x > 4).select(t.a, t.b, u.x, s=t.b + u.x)
    yield 'left', t.join(u, on=t.a == u.k, how='left').select(t.a, u.x, t.c)
    yield 'left_where', t.join(u, on=t.a == u.k, how='left').where((u.x == None) | (u.x > 3)).select(t.b, u.x)  # noqa: E711
    yield 'right', t.join(u, on=t.a == u.k, how='right').select(u.k, u.x, t.b)
    yield 'full', t.join(u, on=(t.a == u.k) & (t.b > 2), how='full_outer').select(t.a, u.k)
    yield 'cross', t.join(u, how='cross').where(t.b < u.x).select(t.b, u.x)
    yield (
        'groups',
        t.group_by(t.a).select(t.a, n=fn.count(t.b), s=fn.sum(t.b), low=fn.min(t.b), high=fn.max(t.c), m=fn.mean(t.b)),
    )
    yield (
        'added',
        t.where(t.b > 1).group_by(t.a).select(t.a, n=fn.count(t.b), s=fn.sum(t.b), low=fn.min(t.b), high=fn.max(t.c)),
    )
    yield 'having', t.group_by(t.a).having(fn.count(t.b) > 1).select(t.a, s=fn.sum(t.b))
    yield 'whole', t.select(s=fn.sum(t.b), n=fn.count(t.a))
    yield 'joined_groups', paired.group_by(u.x).select(u.x, n=fn.count(t.b), s=fn.sum(t.b))
    yield 'left_groups', t.join(u, on=t.a == u.k, how='left').group_by(u.x).select(u.x, n=fn.count(t.b))
    yield 'hidden_key', t.group_by(t.a % 3).select(s=fn.sum(t.b), twice=fn.sum(t.b) * 2)
    yield 'distinct', t.select(t.a, r=t.b % 2).distinct()
    yield 'top', t.order_by(t.b, asc=False).limit(3).select(t.b, t.a)
    yield 'top_where', t.where(t.b % 2 == 0).order_by(t.a).limit(2).select(t.a, t.b, t.c)
    yield 'second', t.order_by(t.b).limit(2, offset=1).select(t.b)
    yield 'top_groups', t.group_by(t.a).order_by(fn.sum(t.b)).order_by(t.a).limit(2).select(t.a, s=fn.sum(t.b))
    yield 'called', paired.select(t.a, p=priced(t.a), q=priced(u.x) + t.b)
    yield 'called_groups', t.group_by(t.a).select(t.a, p=priced(fn.sum(t.b)))
    yield 'ranked', t.select(t.b, before=fn.sum(t.b).over(order_by=t.b, partition_by=t.a))


def rows(result: pxt.Query | pxt.Table) -> list[str]:
    """In an order of their own."""
    return sorted(repr(tuple(row.values())) for row in result.collect())
