"""The calls of a function through the ledger, as the call layer makes them: find, claim, compute, store; then wait for others."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import pixeltable as pxt
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.ledger.reader import LedgerMiss
from pixeltable.exec.vectors import Vector
from pixeltable.types.column_type import STRING
from pixeltable.udf.function import Function

BERLIN = ZoneInfo('Europe/Berlin')
TEXT = STRING.with_nullable(True)
Invoke = Callable[[Any], Awaitable[Any]]


@pxt.udf
def shout(text: str) -> str:
    return text.upper()


class Counted:
    """Makes calls, and counts them."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    async def __call__(self, text: str) -> str:
        self.calls.append(text)
        await asyncio.sleep(0.01)
        return text.upper()


def key_of(ledger: Ledger, text: str, function: Function = shout) -> bytes:
    return ledger.keys(function, ['text'], [Vector([text])], [0])[0]


async def call_all(
    ledger: Ledger, function: Function, values: Sequence[Any], invoke: Invoke, concurrency: int = 64
) -> list[Any]:
    """The results of `function` for `values`; `invoke` makes one call, and what it raises is raised."""
    type_ = function.signature.result
    name = function.signature.parameters[0].name
    keys = ledger.keys(function, [name], [Vector(values)], range(len(values)))
    given = dict(zip(keys, values, strict=True))
    slots = asyncio.Semaphore(concurrency)
    results = await ledger.find(keys, type_)

    async def compute(key: bytes) -> None:
        async with slots:  # until it is stored: what is not is lost if the process is killed
            try:
                results[key] = await invoke(given[key])
            except BaseException:
                await ledger.release([key])
                raise
            await ledger.store({key: results[key]}, type_)

    async def wait(key: bytes) -> None:
        with contextlib.suppress(LedgerMiss):
            results[key] = await ledger.wait(key, type_)

    while missing := [key for key in given if key not in results]:
        claim = await ledger.claim(missing)
        await asyncio.gather(*map(compute, claim.own))
        await asyncio.gather(*map(wait, claim.others))
    return [results[key] for key in keys]
