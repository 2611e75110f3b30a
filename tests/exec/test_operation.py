from __future__ import annotations

import logging

import pytest

import pixeltable as pxt
from pixeltable.exec.cancelling import Cancelled
from pixeltable.exec.operation import Operation
from pixeltable.exec.usage.budget import Budget, BudgetExceeded


@pxt.udf
def f(x: int) -> int:
    return x


def messages(caplog) -> list[str]:
    return [f'{record.levelname} {record.getMessage()}' for record in caplog.records]


def test_the_log_tells_what_was_done(caplog) -> None:
    caplog.set_level(logging.INFO)
    with Operation('insert', 'docs', title="insert into 'docs'") as operation:
        operation.facts = {'rows': 3, 'errors': 0}
    with Operation('collect', changes=False):
        pass
    (message,) = messages(caplog)
    assert message.startswith("INFO insert into 'docs': 0.0")
    assert message.endswith(' s, rows 3')


@pytest.mark.parametrize(
    ('error', 'text'),
    [
        (pxt.RequestError(pxt.ErrorCode.INVALID_STATE, 'no'), 'and ended by RequestError: no'),
        (KeyboardInterrupt(), 'and ended by KeyboardInterrupt: '),
        (RuntimeError('ours'), 'and failed'),
    ],
)
def test_the_log_tells_how_it_ended(caplog, error, text) -> None:
    caplog.set_level(logging.INFO)
    with pytest.raises(type(error)), Operation('insert'):
        raise error
    (record,) = caplog.records
    assert record.getMessage().endswith(text)
    assert (record.levelno == logging.ERROR) == isinstance(error, RuntimeError)


def test_cancelled(caplog) -> None:
    caplog.set_level(logging.INFO)
    operation = Operation('insert')
    operation.cancellation.cancel()
    with pytest.raises(Cancelled), operation:
        operation.cancellation.check()
    assert messages(caplog)[0].endswith('and cancelled')


def test_a_budget_that_is_passed_is_the_users_error() -> None:
    operation = Operation('collect', title="collect of 'docs'", changes=False, budgets=[Budget({'calls': 1})])
    operation.progress.expect(3)
    with operation.meter.measured(f):
        operation.progress.calls(1)
    with pytest.raises(pxt.RequestError) as caught, operation:
        raise BudgetExceeded(operation.meter.budgets[0], f)
    assert caught.value.error_code is pxt.ErrorCode.BUDGET_EXCEEDED
    assert caught.value.message.startswith(
        "collect of 'docs' was stopped: the next call of f() would pass a budget of 1 call, of which 1 call, 0 tokens, "
    )
    assert '2 of 3 calls were not made. f() would be called again' in caught.value.message
