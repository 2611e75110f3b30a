from __future__ import annotations

from concurrent.futures import Future

import pytest

import pixeltable as pxt
from pixeltable.exec.usage.budget import Budget, BudgetExceeded, Reservation, Spent, active, within


@pxt.udf
def f(x: int) -> int:
    return x


@pxt.udf
def g(x: int) -> int:
    return x


def taken(budget: Budget, function: pxt.Function = f, calls: int = 1) -> Reservation:
    found = budget.reserve(function, calls)
    assert isinstance(found, Reservation)
    return found


def use(budget: Budget, used: Spent, function: pxt.Function = f) -> None:
    budget.settle(taken(budget, function, used.calls), used, has_worked=True)


def test_calls_are_known_before_they_are_made() -> None:
    budget = Budget({'calls': 2})
    use(budget, Spent(1))
    use(budget, Spent(1))
    with pytest.raises(BudgetExceeded, match=r'f\(\) would pass a budget of 2 calls'):
        budget.reserve(f, 1)
    assert budget.spent == Spent(2)


def test_a_batch_is_one_call() -> None:
    budget = Budget({'calls': 2})
    use(budget, Spent(2))
    with pytest.raises(BudgetExceeded):
        budget.reserve(g, 1)


def test_tokens_are_estimated_by_the_mean() -> None:
    budget = Budget({'tokens': 100})
    use(budget, Spent(1, 30))
    use(budget, Spent(1, 50))
    with pytest.raises(BudgetExceeded):  # 80 are spent, and the next call will take 40
        budget.reserve(f, 1)
    use(budget, Spent(1, 1), g)  # of which nothing is known, and of which it is learned then
    use(budget, Spent(1, 1), g)
    assert budget.spent.tokens == 82


def test_the_first_call_goes_alone() -> None:
    budget = Budget({'cost': 1.0})
    first = taken(budget)
    waiting = budget.reserve(f, 1)
    assert isinstance(waiting, Future)
    assert not waiting.done()
    budget.settle(first, Spent(1, cost=0.4), has_worked=True)
    waiting.result(0)
    taken(budget)
    assert isinstance(budget.reserve(f, 1), Future)  # 0.4 are spent and 0.4 reserved


def test_a_first_call_that_failed_teaches_nothing() -> None:
    budget = Budget({'cost': 1.0})
    budget.settle(taken(budget), Spent(1), has_worked=False)
    taken(budget)
    assert isinstance(budget.reserve(f, 1), Future)


def test_what_is_under_way_is_waited_for_before_the_end() -> None:
    budget = Budget({'tokens': 100})
    use(budget, Spent(1, 50))
    under_way = taken(budget)
    waiting = budget.reserve(f, 1)
    assert isinstance(waiting, Future)
    budget.settle(under_way, Spent(1, 2), has_worked=True)
    waiting.result(0)
    taken(budget)  # it used less than was reserved, and there is room again


def test_who_must_not_wait_is_told_at_once() -> None:
    budget = Budget({'calls': 1})
    taken(budget)
    with pytest.raises(BudgetExceeded):
        budget.reserve(g, 1, may_wait=False)


def test_blocks_add_up() -> None:
    outer, inner = Budget({'calls': 5}), Budget({'tokens': 7})
    with within(outer), within(inner):
        assert active() == (outer, inner)
    assert active() == ()


def test_spent_reads_well() -> None:
    assert repr(Spent(1, 1200, 2.5)) == '1 call, 1,200 tokens, 2.5 s'
    assert repr(Spent(2, 1, 0.0, 0.125)) == '2 calls, 1 token, 0 s, $0.125'
    assert repr(Budget({'calls': 1000, 'cost': 2})) == 'a budget of 1,000 calls and $2'
