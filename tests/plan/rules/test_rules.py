"""Each rule: the tree before, the tree after."""

from __future__ import annotations

import dataclasses

from pixeltable.exprs import build
from pixeltable.exprs.conditions import conditions
from pixeltable.exprs.nodes import Field
from pixeltable.exprs.windows import Frame, Ordering, Ranking, Window
from pixeltable.plan.logical import (
    POSITION,
    Aggregate,
    Compute,
    CountRows,
    Distinct,
    Fetch,
    Filter,
    Limit,
    Named,
    Nearest,
    Project,
    Sort,
    Windows,
)
from pixeltable.plan.rules.count_rows import count_rows
from pixeltable.plan.rules.extract_computations import extract_computations
from pixeltable.plan.rules.late_fields import late_fields
from pixeltable.plan.rules.nearest import SCORE, nearest
from pixeltable.plan.rules.prune_columns import prune_columns
from pixeltable.plan.rules.scan_conditions import scan_conditions
from pixeltable.plan.rules.short_ids import short_ids
from pixeltable.plan.rules.split_filters import split_filters
from pixeltable.types.column_type import BOOL, INT


def reading(scan, *fields):
    return dataclasses.replace(scan, fields=fields)


def columns(f, *names):
    return tuple(Named(name, f.node(getattr(f, name))) for name in names)


def test_count_rows(f, scan) -> None:
    n = Named('n', build.aggregate('count', None))
    assert count_rows(Aggregate(scan, (), (n,))) == CountRows(scan, 'n')


def test_count_rows_leaves_other_counts_alone(f, scan) -> None:
    n = Named('n', build.aggregate('count', None))
    of_a = Named('n', build.aggregate('count', f.node(f.a)))
    grouped = Aggregate(scan, columns(f, 'a'), (n,))
    filtered = Aggregate(Filter(scan, f.node(f.a > 1)), (), (n,))
    for plan in (grouped, filtered, Aggregate(scan, (), (of_a,)), Aggregate(scan, (), (n, n))):
        assert count_rows(plan) == plan


def test_split_filters(f, scan) -> None:
    cheap, slow, cheap2 = f.node(f.a > 1), f.node(f.slow(f.b) > 2), f.node(f.b < 3)
    before = Filter(Filter(scan, build.operation('and', slow, cheap)), cheap2)
    assert split_filters(before) == Filter(Filter(scan, build.conjunction([cheap, cheap2])), slow)


def test_split_filters_joins_neighbours(f, scan) -> None:
    one, two = f.node(f.a > 1), f.node(f.b > 1)
    assert split_filters(Filter(Filter(scan, one), two)) == Filter(scan, build.conjunction([one, two]))


def test_extract_computations(f, scan) -> None:
    slow = f.node(f.slow(f.a) > 1)
    after = Filter(Compute(scan, (Named('v0', slow),)), Field(slow.type, 'v0'))
    assert extract_computations(Filter(scan, slow)) == after


def test_extract_computations_computes_once(f, scan) -> None:
    slow = f.node(f.slow(f.a))
    before = Project(Sort(scan, (Ordering(slow, True),)), (Named('x', slow), *columns(f, 'b')))
    v0 = Field(INT, 'v0')
    after = Project(
        Sort(Compute(scan, (Named('v0', slow),)), (Ordering(v0, True),)), (Named('x', v0), *columns(f, 'b'))
    )
    assert extract_computations(before) == after


def test_extract_computations_below_an_aggregate(f, scan) -> None:
    total = build.aggregate('sum', f.node(f.slow(f.a)))
    after = extract_computations(Aggregate(scan, (), (Named('s', total),)))
    assert after == Aggregate(
        Compute(scan, (Named('v0', f.node(f.slow(f.a))),)), (), (Named('s', build.aggregate('sum', Field(INT, 'v0'))),)
    )


def test_extract_computations_leaves_sql_alone(f, scan) -> None:
    plan = Project(Filter(scan, f.node(f.a > 1)), columns(f, 'a'))
    assert extract_computations(plan) == plan


def test_nearest(f, scan) -> None:
    sim = f.node(f.similarity)
    kept = Filter(scan, f.node(f.a > 1))
    before = Project(Limit(Sort(kept, (Ordering(sim, False),)), 5, 0), (*columns(f, 's'), Named('similarity', sim)))
    score = Named('similarity', Field(sim.type, SCORE))
    assert nearest(before) == Project(Nearest(kept, sim, SCORE, 5), (*columns(f, 's'), score))


def test_nearest_with_an_offset(f, scan) -> None:
    sim = f.node(f.similarity)
    before = Project(Limit(Sort(scan, (Ordering(sim, False),)), 5, 2), columns(f, 's'))
    assert nearest(before) == Project(Limit(Nearest(scan, sim, SCORE, 7), 5, 2), columns(f, 's'))


def test_nearest_only_for_the_best_first(f, scan) -> None:
    sim = f.node(f.similarity)
    upwards = Sort(scan, (Ordering(sim, True),))
    two_keys = Sort(scan, (Ordering(sim, False), Ordering(f.node(f.a), True)))
    for plan in (Limit(upwards, 5, 0), Limit(two_keys, 5, 0), Sort(scan, (Ordering(sim, False),))):
        assert nearest(Project(plan, columns(f, 's'))) == Project(plan, columns(f, 's'))


def test_late_fields(f, scan) -> None:
    def chain(source):
        return Limit(Sort(Filter(source, f.node(f.a > 1)), (Ordering(f.node(f.a), True),)), 10, 0)

    before = Project(chain(scan), columns(f, 'b', 's'))
    after = Project(Fetch(chain(reading(scan, 'a', POSITION)), ('b', 's')), columns(f, 'b', 's'))
    assert late_fields(before) == after


def test_late_fields_needs_a_step_that_drops_rows(f, scan) -> None:
    plan = Project(Sort(scan, (Ordering(f.node(f.a), True),)), columns(f, 's'))
    assert late_fields(plan) == plan
    grouped = Project(Distinct(Filter(scan, f.node(f.a > 1))), columns(f, 's'))
    assert late_fields(grouped) == grouped


def test_prune_columns(f, scan) -> None:
    plan = Project(Filter(scan, f.node(f.b > 1)), columns(f, 'a'))
    assert prune_columns(plan) == Project(Filter(reading(scan, 'a', 'b'), f.node(f.b > 1)), columns(f, 'a'))
    assert prune_columns(prune_columns(plan)) == prune_columns(plan)


def test_scan_conditions(f, scan) -> None:
    low, high = f.node(f.a > 1), f.node((f.b < 3) & (f.slow(f.a) == 2))
    limited = dataclasses.replace(scan, conditions=(*conditions(low), *conditions(high)))
    assert len(limited.conditions) == 2
    before, after = (Project(Filter(Filter(source, low), high), columns(f, 's')) for source in (scan, limited))
    assert scan_conditions(before) == after


def test_scan_conditions_end_where_rows_are_looked_at_together(f, scan) -> None:
    later = Filter(Limit(scan, 3, 0), f.node(f.a > 1))
    of_groups = Filter(Aggregate(scan, columns(f, 'a'), ()), f.node(f.a > 1))
    computed = Filter(scan, Field(BOOL, 'v0'))
    for plan in (later, of_groups, computed):
        assert scan_conditions(Project(plan, columns(f, 'a'))) == Project(plan, columns(f, 'a'))


def test_short_ids(f, scan) -> None:
    short = dataclasses.replace(scan, has_short_ids=True)
    by_a, by_id = Ordering(f.node(f.a)), Ordering(Field(INT, 'row_id'))

    def plan(source, *keys):
        rank = Window(INT, Ranking(INT, 'row_number'), (), keys, Frame(None, 0))
        return Sort(Windows(source, (Named('rank', rank),)), keys)

    assert short_ids(plan(short, by_a, by_id)) == plan(short, by_a, dataclasses.replace(by_id, is_short=True))
    renamed = Project(short, (Named('row_id', f.node(f.b)),))
    for other in (scan, renamed):
        assert short_ids(plan(other, by_a, by_id)) == plan(other, by_a, by_id)
