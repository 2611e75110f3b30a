from __future__ import annotations

import asyncio

import pytest

import pixeltable as pxt
from pixeltable.exec.calls import call as calls
from pixeltable.exec.calls.attempts import ASYNC_CONCURRENCY
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs import build


@pytest.fixture
def call(plain_calls):
    def run(function, *arguments, names=None) -> Vector:
        rows = next(len(a.values) for a in arguments if isinstance(a, Vector))
        names = names or [parameter.name for parameter in function.signature.parameters][: len(arguments)]
        return asyncio.run(calls.call(function, names, arguments, rows, function.signature.result, plain_calls))

    return run


def test_one_by_one(call) -> None:
    @pxt.udf
    def add(x: int, y: int) -> int:
        return x + y

    assert call(add, Vector([1, 2]), build.literal(10)).values == [11, 12]


def test_null_is_not_passed_to_what_takes_none(call) -> None:
    seen = []

    @pxt.udf
    def f(x: int, y: int | None) -> str:
        seen.append((x, y))
        return 'called'

    assert call(f, Vector([1, None, 3]), Vector([None, 5, 6])).values == ['called', None, 'called']
    assert seen == [(1, None), (3, 6)]


def test_a_null_constant_calls_nothing(call) -> None:
    @pxt.udf
    def f(x: int, y: int) -> int:
        raise AssertionError

    assert call(f, Vector([1, 2]), build.literal(None)).values == [None, None]


@pytest.mark.parametrize('is_async', [False, True])
def test_an_exception_is_an_error_of_its_cell(call, is_async) -> None:
    @pxt.udf
    def f(x: int) -> float:
        return 6 / x

    @pxt.udf
    async def g(x: int) -> float:
        await asyncio.sleep(0)
        return 6 / x

    result = call(g if is_async else f, Vector([1, 0, 3]))
    assert result.values == [6, None, 2]
    assert [(row, e.errortype) for row, e in result.errors.items()] == [(1, 'ZeroDivisionError')]
    assert 'division' in result.errors[1].stack


def test_the_last_row_may_fail_too(call) -> None:
    @pxt.udf
    def f(x: int) -> int:
        raise ValueError

    result = call(f, Vector([1, 2]))
    assert (result.values, sorted(result.errors)) == ([None, None], [0, 1])
    assert result.errors[0].errormsg == 'ValueError()'


def test_an_error_of_an_argument_is_passed_on(call) -> None:
    @pxt.udf
    def f(x: int | None) -> int:
        return x or 0

    result = call(f, Vector([1, None], {1: CellError('KeyError', 'gone')}))
    assert result.values == [1, None]
    assert result.errors == {1: CellError('KeyError', 'gone')}


def test_batches(call) -> None:
    sizes = []

    @pxt.udf(batch_size=3)
    def f(x: pxt.Batch[int], *, y: int) -> pxt.Batch[int]:
        sizes.append(len(x))
        return [each * y for each in x]

    assert call(f, Vector(list(range(7))), build.literal(2)).values == [0, 2, 4, 6, 8, 10, 12]
    assert sizes == [3, 3, 1]


def test_batches_leave_out_null(call) -> None:
    @pxt.udf(batch_size=2)
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        return [each + 1 for each in x]

    assert call(f, Vector([None, 1, None, 2, 3])).values == [None, 2, None, 3, 4]


def test_a_failing_batch_is_halved(call) -> None:
    sizes = []

    @pxt.udf(batch_size=8)
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        sizes.append(len(x))
        if 5 in x:
            raise ValueError('five')
        return x

    result = call(f, Vector(list(range(8))))
    assert result.values == [0, 1, 2, 3, 4, None, 6, 7]
    assert list(result.errors) == [5]
    assert sizes == [8, 4, 4, 2, 1, 1, 2]


def test_a_batch_must_give_as_many_results(call) -> None:
    @pxt.udf(batch_size=2)
    def f(x: pxt.Batch[int]) -> pxt.Batch[int]:
        return [1, 2, 3]

    result = call(f, Vector([1]))
    assert 'not a list of 1 results' in result.errors[0].errormsg


def test_a_constant_for_a_batched_parameter(call) -> None:
    @pxt.udf(batch_size=2)
    def f(x: pxt.Batch[int], y: pxt.Batch[int]) -> pxt.Batch[int]:
        return [a + b for a, b in zip(x, y, strict=True)]

    assert call(f, Vector([1, 2, 3]), build.literal(10)).values == [11, 12, 13]


def test_async_calls_wait_together(call) -> None:
    running, most = 0, 0

    @pxt.udf
    async def f(x: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return x

    assert call(f, Vector(list(range(2000)))).values == list(range(2000))
    assert most == ASYNC_CONCURRENCY


def test_functions_call_each_other_directly(call) -> None:
    @pxt.udf
    def inner(x: int) -> int:
        return x + 1

    @pxt.udf
    def outer(x: int) -> int:
        return inner(x) * 2

    assert call(outer, Vector([1])).values == [4]
