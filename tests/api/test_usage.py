"""Budgets, and the record of what was used."""

from __future__ import annotations

import asyncio
import datetime
import threading

import pytest

import pixeltable as pxt
from pixeltable.errors import ErrorCode


@pxt.udf
def paid(x: int) -> int:
    pxt.report_usage(input_tokens=10, output_tokens=2, cost=0.25)
    return x + 1


@pxt.udf
def free(x: int) -> int:
    return x


@pytest.fixture
def numbers() -> pxt.Table:
    table = pxt.create_table('numbers', {'x': pxt.Int})
    table.insert({'x': n} for n in range(100))
    return table


def test_a_budget_stops_before_it_is_passed(numbers) -> None:
    with pxt.budget(tokens=100) as budget, pytest.raises(pxt.RequestError) as caught:
        numbers.add_computed_column(y=paid(numbers.x))
    assert caught.value.error_code is ErrorCode.BUDGET_EXCEEDED
    assert budget.spent.calls == 8
    assert budget.spent.tokens == 96
    assert budget.spent.cost == 2.0
    assert numbers.columns() == ['x']
    assert numbers.count() == 100


def test_the_error_says_what_was_spent_what_is_left_and_how_to_go_on(numbers) -> None:
    with pxt.budget(calls=10), pytest.raises(pxt.RequestError) as caught:
        numbers.add_computed_column(y=paid(numbers.x))
    message = caught.value.message
    assert "add column 'y' to 'numbers' was stopped" in message
    assert 'a budget of 10 calls, of which 10 calls, 120 tokens' in message
    assert '90 of 100 calls were not made, and nothing was changed' in message
    assert 'paid() would be called again from the start: declare it with @pxt.udf(cache=True)' in message


def test_what_was_paid_for_is_kept(numbers, calls) -> None:
    path = calls.path

    @pxt.udf(cache=True)
    def cached(x: int) -> int:
        with open(path, 'a') as file:
            file.write(f'{x}\n')
        return x + 1

    with pxt.budget(calls=30), pytest.raises(pxt.RequestError, match=r'results of cached\(\) are in the ledger'):
        numbers.add_computed_column(y=cached(numbers.x))
    assert len(calls.take()) == 30
    with pxt.budget(calls=70) as rest:
        numbers.add_computed_column(y=cached(numbers.x))
    assert len(calls.take()) == rest.spent.calls == 70
    assert numbers.where(numbers.y != numbers.x + 1).count() == 0
    assert numbers.usage()['calls'] == [100]
    assert numbers.usage()['ledger_hits'] == [30]


def test_plain_functions_count_too(numbers) -> None:
    numbers.add_computed_column(y=free(numbers.x))
    with pxt.budget(calls=3) as budget:
        numbers.insert({'x': n} for n in range(3))
        with pytest.raises(pxt.RequestError, match='insert into'):
            numbers.insert(x=1)
    assert budget.spent.calls == 3
    assert numbers.count() == 103


def test_a_budget_that_suffices_changes_nothing(numbers) -> None:
    with pxt.budget(calls=100, tokens=1200, cost=25) as budget:
        numbers.add_computed_column(y=paid(numbers.x))
    assert numbers.where(numbers.y != numbers.x + 1).count() == 0
    assert budget.spent.calls == 100


def test_queries_count_against_budgets(numbers) -> None:
    with pxt.budget(calls=5), pytest.raises(pxt.RequestError, match="collect of 'numbers' was stopped") as caught:
        numbers.select(free(numbers.x)).collect()
    assert 'nothing was changed' not in caught.value.message


def test_budgets_hold_for_their_thread_and_task_alone(numbers) -> None:
    outcomes = []

    def query() -> None:
        outcomes.append(len(numbers.select(free(numbers.x)).limit(20).collect()))

    async def main() -> tuple[int, int]:
        async def limited() -> int:
            with pxt.budget(calls=5) as budget, pytest.raises(pxt.RequestError):
                await numbers.select(free(numbers.x)).collect_async()
            return budget.spent.calls

        rows, calls = await asyncio.gather(numbers.select(free(numbers.x)).collect_async(), limited())
        return len(rows), calls

    with pxt.budget(calls=1):
        thread = threading.Thread(target=query)
        thread.start()
        thread.join()
    assert outcomes == [20]
    assert asyncio.run(main()) == (100, 5)


def test_nested_budgets(numbers) -> None:
    with pxt.budget(calls=150) as outer, pxt.budget(calls=110) as inner:
        numbers.add_computed_column(y=free(numbers.x))
        with pytest.raises(pxt.RequestError, match='110 calls'):
            numbers.add_computed_column(z=free(numbers.x))
    assert outer.spent.calls == inner.spent.calls == 110


def test_usage_by_column_operation_day_and_function(numbers) -> None:
    numbers.add_computed_column(y=paid(numbers.x))
    numbers.add_computed_column(z=free(numbers.x))
    numbers.insert(x=1000)
    (by_column,) = pxt.usage()
    assert by_column == {
        'table': 'numbers', 'column': 'y', 'calls': 101, 'ledger_hits': 0, 'errors': 0, 'seconds': by_column['seconds'],
        'input_tokens': 1010, 'output_tokens': 202, 'cost': 25.25,
    }  # fmt: skip
    assert numbers.usage(by='operation')['operation'] == ['add column', 'insert']
    assert numbers.usage(by='operation')['calls'] == [100, 1]
    assert pxt.usage(numbers, by='day')['day'] == [datetime.datetime.now(datetime.UTC).date()]
    assert pxt.usage('numbers', by='function')['function'] == ['paid']


def test_usage_of_one_table_and_of_days(numbers) -> None:
    numbers.select(paid(numbers.x)).collect()
    other = pxt.create_table('other', {'x': pxt.Int})
    tomorrow = datetime.date.today() + datetime.timedelta(days=2)
    assert len(other.usage()) == 0
    assert numbers.usage()['column'] == ['']
    assert len(pxt.usage(since=tomorrow)) == 0
    assert len(pxt.usage(since='2020-01-01')) == 1
    assert len(pxt.usage(since=datetime.datetime.now(datetime.UTC))) == 1


def test_usage_outlives_the_session_and_the_table(numbers, reopen) -> None:
    numbers.add_computed_column(y=paid(numbers.x))
    pxt.drop_table('numbers')
    reopen()
    assert pxt.usage()['calls'] == [100]


@pytest.mark.parametrize(
    ('use', 'code'),
    [
        (lambda: pxt.budget(), ErrorCode.MISSING_REQUIRED),
        (lambda: pxt.budget(calls=-1), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.budget(cost='5'), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.budget(tokens=True), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.usage(by='hour'), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.usage(since='yesterday'), ErrorCode.INVALID_ARGUMENT),
        (lambda: pxt.usage('nothing'), ErrorCode.PATH_NOT_FOUND),
    ],
)
def test_mistakes(use, code) -> None:
    with pytest.raises(pxt.Error) as caught:
        use()
    assert caught.value.error_code is code


def test_what_columns_of_views_use_is_that_of_the_views(numbers) -> None:
    view = pxt.create_view('view', numbers.where(numbers.x < 150))
    view.add_computed_column(z=paid(view.x))
    numbers.add_computed_column(y=paid(numbers.x))
    numbers.insert([{'x': 100}, {'x': 200}])
    numbers.update({'x': 101}, where=numbers.x == 100)
    assert view.usage().to_pandas()[['table', 'column', 'calls']].values.tolist() == [['view', 'z', 102]]
    assert numbers.usage().to_pandas()[['table', 'column', 'calls']].values.tolist() == [['numbers', 'y', 103]]


def test_results_that_differ_can_be_kept_too(numbers) -> None:
    @pxt.udf(is_deterministic=False)
    def answered(x: int) -> int:
        return x

    with (
        pxt.budget(calls=10),
        pytest.raises(pxt.RequestError, match=r'answered\(\) would be called again .*cache=True'),
    ):
        numbers.add_computed_column(y=answered(numbers.x))
