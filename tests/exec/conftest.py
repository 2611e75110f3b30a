from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from pixeltable.exec.evaluate import Evaluation
from pixeltable.exec.vectors import CellError, Vector


@pytest.fixture(scope='session')
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


@pytest.fixture
def evaluate(pool: Executor) -> Callable[..., list[Vector]]:
    """Evaluates nodes over a dict of columns, with errors of fields by name and row."""

    def run(nodes, columns, errors: dict[str, dict[int, CellError]] | None = None) -> list[Vector]:
        batch = pa.table(columns)
        return asyncio.run(Evaluation(batch, ZoneInfo('UTC'), pool, errors).vectors(nodes))

    return run
