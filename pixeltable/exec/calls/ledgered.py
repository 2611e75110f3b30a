"""Calls whose results are kept: what the ledger has is not called, what another call is just making is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from pixeltable.errors import RequestError
from pixeltable.exec.ledger.ledger import Ledger
from pixeltable.exec.ledger.reader import LedgerMiss
from pixeltable.types.column_type import ColumnType

Row = tuple[Any, ...]
"""The arguments of a call for one row."""

Make = Callable[[Sequence[Row]], Awaitable[list[Any]]]
"""Calls the function for some rows; raises if it fails."""


async def kept(rows: Sequence[Row], keys: Sequence[bytes], ledger: Ledger, type_: ColumnType, make: Make) -> list[Any]:
    """The results for `rows`, whose keys differ: those of others as they end, and those that `make` gives
    once they are durable."""
    results: dict[bytes, Any] = {}
    missing = dict(zip(keys, rows, strict=True))
    while missing:
        claim = await ledger.claim(list(missing))
        if claim.own:
            values = await _made([missing[key] for key in claim.own], claim.own, ledger, type_, make)
            results.update(zip(claim.own, values, strict=True))
        others = await asyncio.gather(*(_waited(ledger, key, type_) for key in claim.others))
        results.update((key, value) for key, (value, is_there) in zip(claim.others, others, strict=True) if is_there)
        missing = {key: row for key, row in missing.items() if key not in results}
    return [results[key] for key in keys]


async def _made(rows: Sequence[Row], keys: Sequence[bytes], ledger: Ledger, type_: ColumnType, make: Make) -> list[Any]:
    try:
        values = await make(rows)
    except BaseException:
        await ledger.release(keys)
        raise
    try:
        # Also if the operation is given up now: what was paid for must not be lost.
        await asyncio.shield(ledger.store(dict(zip(keys, values, strict=True)), type_))
    except RequestError:  # a result that its type cannot hold: it becomes an error of its cell, and is not kept
        await ledger.release(keys)
    return values


async def _waited(ledger: Ledger, key: bytes, type_: ColumnType) -> tuple[Any, bool]:
    try:
        return await ledger.wait(key, type_), True
    except LedgerMiss:
        return None, False
