from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.evaluate import Evaluation
from pixeltable.exec.loop import LoopThread
from pixeltable.exec.operation import Operation
from pixeltable.exec.vectors import CellError, Vector


@pytest.fixture
def plain_calls() -> Iterator[Calls]:
    loop = LoopThread()
    yield Calls(loop, Operation('test'))
    loop.close()


@pytest.fixture
def evaluate(plain_calls: Calls) -> Callable[..., list[Vector]]:
    """Evaluates nodes over a dict of columns, with errors of fields by name and row."""

    def run(nodes, columns, errors: dict[str, dict[int, CellError]] | None = None) -> list[Vector]:
        batch = pa.table(columns)
        return asyncio.run(Evaluation(batch, ZoneInfo('UTC'), plain_calls, errors).vectors(nodes))

    return run
