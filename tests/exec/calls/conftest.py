from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pixeltable.exec.calls.call import call as call_function
from pixeltable.exec.calls.environment import Calls
from pixeltable.exec.calls.processes import Processes
from pixeltable.exec.context import Context
from pixeltable.exec.vectors import Vector


@pytest.fixture(scope='session')
def processes() -> Iterator[Processes]:
    """Shared, as starting them takes a second."""
    made = Processes()
    yield made
    made.kill()


@pytest.fixture
def calls(bare_context: Context, processes: Processes) -> Calls:
    made = bare_context.calls()
    made.services = replace(made.services, processes=processes)
    return made


@pytest.fixture
def run(calls: Calls) -> Callable[..., Vector]:
    """`run(function, [1, 2, 3])` calls it for three rows."""

    def run(function, *columns) -> Vector:
        names = [parameter.name for parameter in function.signature.parameters][: len(columns)]
        return calls.loop.run(
            call_function(
                function, names, [Vector(c) for c in columns], len(columns[0]), function.signature.result, calls
            )
        )

    return run


@pytest.fixture
def in_pieces(calls: Calls) -> Callable[..., list[Vector]]:
    """Like `run`, for several batches of one operation."""

    def run(function, *pieces) -> list[Vector]:
        name = function.signature.parameters[0].name

        async def one(values) -> Vector:
            await asyncio.sleep(0)
            return await call_function(
                function, [name], [Vector(values)], len(values), function.signature.result, calls
            )

        return list(calls.loop.in_order((one(piece) for piece in pieces), flow=calls.flow))

    return run
