from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

import pixeltable as pxt
from pixeltable.exec.cancelling import Cancelled
from pixeltable.exec.operation import Operation
from pixeltable.exec.usage.budget import Budget, BudgetExceeded


@pxt.udf
def f(x: int) -> int:
    return x


@pytest.fixture
def told() -> Iterator[list[logging.LogRecord]]:
    """What is logged from INFO on, whatever was set up before."""
    logger, records = logging.getLogger('pixeltable'), list[logging.LogRecord]()

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            records.append(record)

    handler, level = Keeping(), logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield records
    logger.removeHandler(handler)
    logger.setLevel(level)


def test_the_log_tells_what_was_done(told) -> None:
    with Operation('insert', 'docs', title="insert into 'docs'") as operation:
        operation.facts = {'rows': 3, 'errors': 0}
    with Operation('collect', changes=False):
        pass
    (record,) = told
    assert record.getMessage().startswith("insert into 'docs': 0.0")
    assert record.getMessage().endswith(' s, rows 3')


@pytest.mark.parametrize(
    ('error', 'text'),
    [
        (pxt.RequestError(pxt.ErrorCode.INVALID_STATE, 'no'), 'and ended by RequestError: no'),
        (KeyboardInterrupt(), 'and ended by KeyboardInterrupt: '),
        (RuntimeError('ours'), 'and failed'),
    ],
)
def test_the_log_tells_how_it_ended(told, error, text) -> None:
    with pytest.raises(type(error)), Operation('insert'):
        raise error
    (record,) = told
    assert record.getMessage().endswith(text)
    assert (record.levelno == logging.ERROR) == isinstance(error, RuntimeError)


def test_cancelled(told) -> None:
    operation = Operation('insert')
    operation.cancellation.cancel()
    with pytest.raises(Cancelled), operation:
        operation.cancellation.check()
    assert told[0].getMessage().endswith('and cancelled')


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
