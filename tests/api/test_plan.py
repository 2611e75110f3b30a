"""What an operation would compute, said before anything is spent."""

from __future__ import annotations

import pytest

import pixeltable as pxt
from pixeltable.exec.changes import choosing

CODE = """
@pxt.udf(cache=True)
def f(k: int) -> int:
    pxt.report_usage(cost=0.25)
    with open({path!r}, 'a') as log:
        log.write(f'f {{k}}\\n')
    return k * 10

@pxt.udf(cache=True)
def g(x: int, suffix: str = '!') -> str:
    return f'{{x}}{{suffix}}'

@pxt.udf
def plain(k: int) -> int:
    return k + 1
"""


@pytest.fixture
def code(users_module, t, calls):
    return users_module.write(CODE.format(path=calls.path))


@pytest.fixture
def paid(code) -> pxt.Table:
    """`t` with `x = f(k)` and `y = g(x)`, whose results are in the ledger."""
    table = pxt.get_table('t')
    table.add_computed_column(x=code.f(table.k))
    table.add_computed_column(y=code.g(table.x))
    return table


def counts(plan: pxt.Plan) -> list[tuple[str, int, int, int]]:
    return [(row['column'], row['cells'], row['calls'], row['in_ledger']) for row in plan]


def test_a_new_column(code, calls) -> None:
    t = pxt.get_table('t')
    plan = t.plan('add_computed_column', x=code.f(t.k))
    assert counts(plan) == [('x', 5, 5, 0)]
    assert (plan.cells, plan.calls, plan.in_ledger, plan.seconds, plan.cost) == (5, 5, 0, None, None)
    t.add_computed_column(x=code.f(t.k))
    assert len(calls.take()) == 5
    plan = t.plan('add_computed_column', other=code.f(t.k) + 1)
    assert (counts(plan), plan.seconds, plan.cost) == ([('other', 5, 5, 5)], 0, 0)
    assert calls.take() == []
    assert t.columns() == ['k', 's', 'f', 'x']


def test_rows_to_insert(paid, calls) -> None:
    calls.take()
    plan = paid.plan('insert', [{'k': 1, 's': 'a'}, {'k': 100, 's': 'b'}, {'k': 100, 's': 'c'}])
    assert counts(plan) == [('x', 3, 2, 1), ('y', 3, 3, 1)]  # two equal calls of `f` are one; `g` cannot know that yet
    assert plan.cost == 0.25
    assert plan.seconds > 0
    assert (calls.take(), paid.count()) == ([], 5)
    assert counts(paid.plan('insert', k=3, s='x')) == [('x', 1, 1, 1), ('y', 1, 1, 1)]


def test_an_update(paid, calls) -> None:
    calls.take()
    assert counts(paid.plan('update', {'k': paid.k + 1})) == [('x', 5, 5, 4), ('y', 5, 5, 4)]
    assert counts(paid.plan('update', {'k': 7}, where=paid.k > 2)) == [('x', 2, 1, 0), ('y', 2, 2, 0)]
    assert counts(paid.plan('update', {'k': 7}, cascade=False)) == []
    assert counts(paid.plan('update', {'s': 'x'})) == []
    assert calls.take() == []


def test_an_update_that_calls_functions_itself(paid, code, calls) -> None:
    calls.take()
    plan = paid.plan('update', {'k': code.f(paid.k + 1)}, where=paid.k >= 3)
    assert counts(plan) == [('k', 2, 2, 1), ('x', 2, 2, 0), ('y', 2, 2, 0)]
    assert calls.take() == []


def test_a_recomputation(paid, users_module, calls) -> None:
    assert counts(paid.plan('recompute', 'x')) == [('x', 5, 5, 5), ('y', 5, 5, 5)]
    assert counts(paid.plan('recompute', 'x', where=paid.k == 1, cascade=False)) == [('x', 1, 1, 1)]
    assert counts(paid.plan('recompute', only='stale')) == []
    users_module.write(CODE.format(path=calls.path).replace("{suffix}'", "{suffix}?'"))
    t = pxt.get_table('t')
    assert counts(t.plan('recompute', only='stale')) == [('y', 5, 5, 0)]
    t.recompute_columns(only='stale')
    assert counts(t.plan('recompute', only='stale')) == []


def test_all_tables(paid, users_module, calls) -> None:
    pxt.create_snapshot('before', paid)
    pxt.create_dir('more')
    other = pxt.create_table('more/other', {'k': pxt.Int})
    other.insert(k=1)
    users_module.write(CODE.format(path=calls.path).replace('k * 10', 'k * 100'))
    plan = pxt.plan()
    assert [(row['table'], row['column'], row['cells'], row['calls']) for row in plan] == [
        ('t', 'x', 5, 5),
        ('t', 'y', 5, 5),
    ]
    assert '10 cells, 10 calls, 0 of them in the ledger, about ' in repr(plan)
    assert plan.cost == 1.25
    assert pxt.Plan is type(plan)


def test_functions_without_a_ledger(t, code) -> None:
    t = pxt.get_table('t')
    plan = t.plan('add_computed_column', x=code.plain(t.k))
    assert (counts(plan), plan.seconds) == ([('x', 5, 5, 0)], None)
    assert counts(t.plan('add_computed_column', x=t.k + 1)) == [('x', 5, 0, 0)]


def test_null_and_failed_inputs_need_no_call(t) -> None:
    @pxt.udf
    def picky(k: int) -> float:
        if k == 1:
            raise ValueError('a one')
        return k / 2

    @pxt.udf
    def half(x: float) -> float:
        return x / 2

    with pytest.warns(pxt.PixeltableWarning):
        t.add_computed_column(x=picky(t.k))
    assert counts(t.plan('add_computed_column', y=half(t.x))) == [('y', 5, 4, 0)]
    assert counts(t.plan('add_computed_column', y=half(t.f))) == [('y', 5, 4, 0)]


def test_a_batched_function(t) -> None:
    @pxt.udf(batch_size=2)
    def double(k: pxt.Batch[int]) -> pxt.Batch[int]:
        return [each * 2 for each in k]

    assert counts(t.plan('add_computed_column', x=double(t.k))) == [('x', 5, 5, 0)]


def test_nothing_stale_is_not_looked_for_in_the_rows(paid, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, 'matching', lambda *_: pytest.fail('rows were read'))
    assert counts(paid.plan('recompute', only='stale')) == []


def test_what_cannot_be_planned(paid) -> None:
    with pytest.raises(pxt.RequestError, match=r"no operation 'inser'. Did you mean 'insert'\?"):
        paid.plan('inser', [])
    with pytest.raises(pxt.RequestError, match='can be read only once'):
        paid.plan('insert', ({'k': k, 's': 'x'} for k in range(3)))
    with pytest.raises(pxt.RequestError, match='takes one name=expression'):
        paid.plan('add_computed_column')
    with pytest.raises(pxt.NotFoundError, match='no column'):
        paid.plan('insert', nothing=3)
    with pytest.raises(pxt.RequestError, match='past version'):
        paid.at(0).plan('insert', k=1, s='a')
