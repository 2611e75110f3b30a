from __future__ import annotations

import dataclasses

from pixeltable.exprs import build
from pixeltable.exprs.nodes import Field
from pixeltable.exprs.windows import Ordering
from pixeltable.plan.cut import cut
from pixeltable.plan.explain import explain
from pixeltable.plan.logical import (
    POSITION,
    Compute,
    CountRows,
    Fetch,
    Filter,
    Limit,
    Named,
    Nearest,
    Project,
    Sort,
)
from pixeltable.plan.rules.scan_conditions import scan_conditions
from pixeltable.plan.stages import (
    ArrangeStage,
    CountStage,
    EvaluateStage,
    FetchStage,
    FilterStage,
    ReadStage,
    RelationalStage,
    RenameStage,
    SearchStage,
    SliceStage,
)
from pixeltable.types.column_type import INT


def kinds(plan) -> list[type]:
    return [type(stage) for stage in cut(plan)]


def out(f, *names):
    return tuple(Named(name, f.node(getattr(f, name))) for name in names)


def test_a_plain_select_needs_no_sql(f, scan) -> None:
    plan = Project(Limit(dataclasses.replace(scan, fields=('a', 's')), 5, 1), out(f, 'a', 's'))
    assert cut(plan) == (ReadStage(('a', 's')), SliceStage(5, 1), RenameStage((('a', 'a'), ('s', 's'))))


def test_neighbouring_relational_steps_are_one_statement(f, scan) -> None:
    source = dataclasses.replace(scan, fields=('a',))
    plan = Project(
        Limit(Sort(Filter(source, f.node(f.a > 1)), (Ordering(f.node(f.a), False),)), 3, 0),
        (Named('x', f.node(f.a + 1)),),
    )
    read, relational = cut(plan)
    assert isinstance(relational, RelationalStage)
    for part in ('WHERE', 'ORDER BY "a" DESC NULLS FIRST', 'LIMIT 3', 'AS "x"'):
        assert part in relational.sql
    assert read == ReadStage(('a',))


def test_a_filter_above_a_limit_is_nested(f, scan) -> None:
    plan = Project(Filter(Limit(Filter(scan, f.node(f.b > 0)), 3, 0), f.node(f.a > 1)), out(f, 'a'))
    sql = next(stage.sql for stage in cut(plan) if isinstance(stage, RelationalStage))
    assert sql.index('LIMIT 3') < sql.rindex('WHERE')


def test_python_stands_between_statements(f, scan) -> None:
    computed = Compute(Filter(scan, f.node(f.a > 1)), (Named('v0', f.node(f.slow(f.a))),))
    plan = Project(Filter(computed, build.operation('gt', f.node(f.b), 1)), out(f, 'a'))
    assert kinds(plan) == [ReadStage, FilterStage, EvaluateStage, FilterStage, RenameStage]
    plan = Project(Filter(computed, f.node(f.a + f.b > 1)), out(f, 'a'))
    assert kinds(plan) == [ReadStage, FilterStage, EvaluateStage, RelationalStage, RenameStage]


def test_plain_comparisons_need_no_sql_unless_more_does(f, scan) -> None:
    filtered = Filter(scan, f.node((f.a > 1) & (f.b <= 2)))
    stages = cut(Project(Limit(filtered, 3, 0), out(f, 'a')))
    assert [type(stage) for stage in stages] == [ReadStage, FilterStage, SliceStage, RenameStage]
    assert (
        explain(stages, {'a': 'amount'}, lambda *_: (1, 1)).splitlines()[1] == '2. filter     a (amount) > 1 and b <= 2'
    )
    assert kinds(Project(Sort(filtered, (Ordering(f.node(f.b)),)), out(f, 'a'))) == [
        ReadStage,
        RelationalStage,
        RenameStage,
    ]
    by_id = Sort(filtered, (Ordering(Field(INT, 'row_id')),))
    assert kinds(Project(by_id, out(f, 'a'))) == [ReadStage, FilterStage, ArrangeStage, RenameStage]


def test_search(f, scan) -> None:
    sim = f.node(f.similarity)
    assert kinds(Project(Nearest(scan, sim, 'score', 5), ())) == [SearchStage, RenameStage]
    filtered = Nearest(Filter(scan, f.node(f.a > 1)), sim, 'score', 5)
    assert kinds(Project(Fetch(filtered, ('s',)), out(f, 's'))) == [
        ReadStage,
        FilterStage,
        SearchStage,
        FetchStage,
        RenameStage,
    ]


def test_a_scan_without_fields_still_has_rows(f, scan) -> None:
    plan = Project(dataclasses.replace(scan, fields=()), (Named('one', f.node(1)),))
    assert cut(plan)[0] == ReadStage(('row_id',))


def test_count(scan) -> None:
    assert cut(CountRows(scan, 'n')) == (CountStage('n'),)


def test_explain_speaks_of_the_users_columns(f, scan) -> None:
    source = dataclasses.replace(scan, fields=('a', POSITION))
    plan = Project(
        Fetch(Filter(Compute(source, (Named('v0', f.node(f.slow(f.a))),)), f.node(f.a > 1)), ('s',)), out(f, 's')
    )
    lines = explain(cut(plan), {'a': 'amount', 's': 'title'}, lambda *_: (1, 3)).splitlines()
    assert [line.split()[1] for line in lines] == ['read', 'evaluate', 'filter', 'fetch', 'result']
    assert 'a (amount)' in lines[0]
    assert 'v0 = slow(a)' in lines[1]
    assert 's (title)' in lines[3]


def test_explain_says_what_a_scan_skips(f, scan) -> None:
    plan = Project(scan_conditions(Filter(scan, f.node(f.a > 1))), out(f, 's'))
    line = explain(cut(plan), {}, lambda table, conditions: (len(conditions), 3)).splitlines()[0]
    assert line.endswith('where the filter may match, in 1 of 3 segments')
