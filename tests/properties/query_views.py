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


def nested(t: pxt.Table, u: pxt.Table) -> Iterator[tuple[str, pxt.Query | pxt.Table]]:
    """The same with queries as sources of rows."""
    every = t.select(t.a, t.b).union(u.select(u.k, u.x + 1), t.where(t.b > 3).select(t.b, t.a), all=True)
    yield 'union_all', every
    yield 'union_where', every.where(every.b > 2).select(every.a, twice=every.b * 2)
    yield 'union_groups', every.group_by(every.a).select(every.a, n=fn.count(every.b), s=fn.sum(every.b))
    yield 'union_means', every.group_by(every.b).select(every.b, m=fn.mean(every.a))
    yield 'union', t.select(t.a).union(u.select(u.k))
    different = t.select(t.a, t.b).union(u.select(u.k, u.x))
    yield 'union_distinct_joined', different.join(u, on=different.a == u.k).select(different.b, u.x)
    paired = t.join(u, on=t.a == u.k).select(t.b, u.x).subquery()
    both = paired.union(u.select(u.x, u.k), all=True)
    yield 'union_of_joins', both.where(both.b != 1).select(both.b, both.x)
    yield 'of_join', paired.where(paired.b > paired.x).select(paired.x, d=paired.b - paired.x)
    yield 'union_joined_with_another', _joined(t, u)
    totals = t.group_by(t.a).select(t.a, n=fn.count(t.b), s=fn.sum(t.b)).subquery()
    yield 'some_groups', totals.where(totals.n > 1).select(totals.s, totals.n)
    yield 'groups_joined', totals.join(u, on=totals.a == u.k).select(u.x, totals.s)
    yield 'rows_with_totals', t.join(totals, on=t.a == totals.a, how='left').select(t.b, totals.s)
    yield 'groups_of_groups', totals.group_by(totals.n).select(totals.n, m=fn.max(totals.s))
    yield 'some_of_groups', totals.order_by(totals.s, asc=False).limit(2).select(totals.a, totals.s)
    hidden = t.group_by(t.a, t.b % 2).select(n=fn.count(t.b), s=fn.sum(t.b)).subquery()
    deep = hidden.where(hidden.n > 0).select(hidden.s).subquery()
    yield 'hidden_groups', deep.where(deep.s > 1).select(deep.s)
    first = t.order_by(t.b).limit(4).subquery()
    yield 'of_first', first.where(first.a != None).select(first.b, first.a)  # noqa: E711
    yield 'of_distinct', _of_distinct(t)
    yield 'in_itself', t.join(first, on=t.b == first.a).select(t.a, first.b)
    yield 'over_totals', totals.select(totals.a, share=totals.s / fn.sum(totals.s).over())
    whole = t.select(m=fn.max(t.b)).subquery()
    yield 'of_whole', t.join(whole, on=t.b == whole.m).select(t.b, t.a)
    yield 'sampled_inside', _sampled(t)


def _joined(t: pxt.Table, u: pxt.Table) -> pxt.Query:
    own = t.where(t.b < 5).select(t.a).union(t.where(t.b >= 2).select(t.b), all=True)
    return own.join(u, on=own.a == u.x).select(own.a, u.k)


def _of_distinct(t: pxt.Table) -> pxt.Query:
    different = t.select(t.a, r=t.b % 3).distinct().subquery()
    return different.where(different.r > 0).select(different.a)


def _sampled(t: pxt.Table) -> pxt.Query:
    some = t.sample(n=4, seed=1).select(t.a, t.b).subquery()
    return some.where(some.b > 1).select(some.a, some.b)


def rows(result: pxt.Query | pxt.Table) -> list[str]:
    """In an order of their own."""
    return sorted(repr(tuple(row.values())) for row in result.collect())
