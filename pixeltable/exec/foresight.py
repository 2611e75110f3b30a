"""What computing columns would take, without calling a function: cells, calls, and which of their results the ledger has.

Rows go through the expressions as they would when they are computed. A call whose result is in the ledger gives it; any other
gives a cell that is not known, and so does what reads that: there a call is counted whose arguments cannot be known yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

import pyarrow as pa

from pixeltable.errors import Error
from pixeltable.exec.calls.rows import Argument, rows_to_call
from pixeltable.exec.compute import Errors, levels, stored_values
from pixeltable.exec.context import Context
from pixeltable.exec.evaluate import Evaluation, is_counted
from pixeltable.exec.operators.evaluate import rebatch
from pixeltable.exec.pipeline import has_calls
from pixeltable.exec.resolve import ComputedColumn
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs.bind import fields
from pixeltable.exprs.nodes import Call, Literal, Node
from pixeltable.exprs.visit import walk
from pixeltable.udf.function import Function

_ROWS = 2048


class _Unknown(CellError):
    """In place of a value that only a call can tell."""

    __slots__ = ()

    def of_reader(self, column_id: int | None, name: str) -> CellError:
        return self


_UNKNOWN = _Unknown('Unknown', 'only a call can tell')


@dataclass(slots=True)
class Needed:
    """The calls of one function for one column: how many, and of how many the ledger has the results."""

    function: Function
    calls: int = 0
    known: int = 0
    missing: set[bytes] = field(default_factory=set)


class Foresight:
    """Counts what columns need, over any number of batches of rows."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._calls = context.calls()
        self.needed: dict[str, dict[str, Needed]] = {}

    def look(
        self, tables: Iterable[pa.Table], columns: Sequence[ComputedColumn], given: Sequence[ComputedColumn] = ()
    ) -> None:
        """Counts what `columns`, each after those that it reads, would need for the rows of `tables`.

        Before that, the columns `given` get new values, all of them from the old ones.
        """
        calling = _calling(columns)
        if not calling and not has_calls(given):
            return
        for batch in rebatch(iter(tables), _ROWS):
            self._context.loop.run(self._look(batch, [list(given), *levels(calling)]))

    async def _look(self, batch: pa.Table, groups: Sequence[Sequence[ComputedColumn]]) -> None:
        errors: Errors = {}
        for group in groups:
            owners = {node: column.record.name for column in reversed(group) for node in walk(column.node)}
            evaluation = _Foreseen(batch, self._context.zone, self._calls, dict(errors), owners)
            evaluation.foresight = self
            vectors = await evaluation.vectors([column.node for column in group])
            for column, vector in zip(group, vectors, strict=True):
                own = Vector(vector.values, dict(vector.errors))
                array = stored_values(own, column, self._context.zone)
                errors[column.field] = own.errors
                if column.field in batch.column_names:
                    batch = batch.drop_columns([column.field])
                batch = batch.append_column(pa.field(column.field, array.type), array)

    def of(self, column: str, function: Function) -> Needed:
        """The count of one function for one column."""
        return self.needed.setdefault(column, {}).setdefault(function.key, Needed(function))


def _calling(columns: Sequence[ComputedColumn]) -> list[ComputedColumn]:
    """Those of `columns` that call functions, or that such a column reads."""
    wanted: set[str] = set()
    found: list[ComputedColumn] = []
    for column in reversed(columns):
        if column.field in wanted or has_calls([column]):
            wanted.update(fields(column.node))
            found.insert(0, column)
    return found


class _Foreseen(Evaluation):
    foresight: Foresight

    async def _call(self, node: Call) -> Vector:
        if not is_counted(node):
            return await super()._call(node)
        arguments = [arg if isinstance(arg, Literal) else await self._vector(arg) for arg in node.args]
        function = cast(Function, node.function)
        result = Vector([None] * self._batch.num_rows)
        called = rows_to_call(function, node.names, arguments, self._batch.num_rows, result)
        needed = self.foresight.of(self._owners.get(node, ''), function)
        needed.calls += sum(error is _UNKNOWN for error in result.errors.values())
        found: dict[int, object] = {}
        if self._calls.keeps(function) and called:
            loop, pool = asyncio.get_running_loop(), self._calls.loop.pool
            found = await loop.run_in_executor(pool, self._from_ledger, node, arguments, called, needed)
        else:
            needed.calls += len(called)
        values = list(result.values)
        for row in called:
            if row in found:
                values[row] = found[row]
            else:
                result.errors[row] = _UNKNOWN
        return Vector(values, result.errors)

    def _from_ledger(
        self, node: Node, arguments: Sequence[Argument], called: Sequence[int], needed: Needed
    ) -> dict[int, object]:
        """The results that are there, by row; counts equal calls as one, unless their results may differ."""
        call = cast(Call, node)
        ledger, function = self._calls.services.ledger, needed.function
        try:
            keys = ledger.keys(function, call.names, arguments, called)
        except Error:  # an argument such as a file that cannot be read: its cell will fail, before a call
            return {}
        if not function.is_deterministic:
            keys = list(map(self._calls.occurrences.next, keys))
        found = ledger.peek(list(dict.fromkeys(keys)), call.type.with_nullable(True))
        missing = {key for key in keys if key not in found} - needed.missing
        needed.missing |= missing
        needed.calls += len(found) + len(missing)
        needed.known += len(found)
        return {row: found[key] for row, key in zip(called, keys, strict=True) if key in found}
