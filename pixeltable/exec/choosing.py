"""`case` and `coalesce` over a batch: each value is computed only for the rows that take it, and only there can it fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs.nodes import Node, Operation
from pixeltable.types.column_type import Kind

if TYPE_CHECKING:
    from pixeltable.exec.evaluate import Evaluation

_NUMBERS: dict[Kind, Callable[[Any], Any]] = {Kind.FLOAT: float, Kind.INT: int}


async def choose(evaluation: Evaluation, node: Operation) -> Vector:
    """The values of a `case` or `coalesce`."""
    rows = evaluation.rows
    values: list[Any] = [None] * rows
    errors: dict[int, CellError] = {}
    open_rows = list(range(rows))
    is_case = node.op == 'case'
    branches = (
        zip(node.args[:-1:2], node.args[1:-1:2], strict=True) if is_case else zip(node.args, node.args, strict=True)
    )
    for test, value in branches:
        found = await _on(evaluation, open_rows, test)
        errors |= {open_rows[at]: error for at, error in found.errors.items()}
        hits = [at for at, each in enumerate(found.values) if (each if is_case else each is not None)]
        taken = [open_rows[at] for at in hits]
        if is_case:
            await _take(evaluation, node, value, taken, values, errors)
        else:
            _put(values, taken, [found.values[at] for at in hits], node, value)
        gone = {*taken, *errors}
        open_rows = [row for row in open_rows if row not in gone]
    if is_case:
        await _take(evaluation, node, node.args[-1], open_rows, values, errors)
    return Vector(values, errors)


async def _on(evaluation: Evaluation, rows: list[int], node: Node) -> Vector:
    within = evaluation if len(rows) == evaluation.rows else evaluation.of_rows(rows, [node])
    return (await within.vectors([node]))[0]


async def _take(
    evaluation: Evaluation, node: Operation, value: Node, rows: list[int], into: list[Any], errors: dict[int, CellError]
) -> None:
    if not rows:
        return
    found = await _on(evaluation, rows, value)
    _put(into, rows, found.values, node, value)
    errors |= {rows[at]: error for at, error in found.errors.items()}


def _put(into: list[Any], rows: list[int], values: Any, node: Operation, value: Node) -> None:
    """An Int among Floats becomes one."""
    convert = _NUMBERS.get(node.type.kind) if value.type.kind is not node.type.kind else None
    for row, each in zip(rows, values, strict=True):
        into[row] = each if convert is None or each is None else convert(each)
