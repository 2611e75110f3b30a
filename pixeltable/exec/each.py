"""`map`, `filter` and `sort` over Json lists: the items of all rows of a batch are one batch of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pixeltable.exec.scalar_comparisons import is_number
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs.nodes import ForEach
from pixeltable.types.column_type import Kind

if TYPE_CHECKING:
    from pixeltable.exec.evaluate import Evaluation


IMAGES_AT_ONCE = 64
"""Held in memory, decoded: 400 MB of full HD."""


async def for_each(evaluation: Evaluation, node: ForEach) -> Vector:
    """The lists that `node` gives. A row with an item that fails is an error."""
    lists = (await evaluation.vectors([node.arg]))[0]
    owners = [row for row, items in enumerate(lists.values) if isinstance(items, (list, tuple)) for _ in items]
    items = [item for items in lists.values if isinstance(items, (list, tuple)) for item in items]
    body = await _results(evaluation, node, owners, items)
    errors = {owners[at]: error for at, error in reversed(body.errors.items())} | lists.errors
    starts = [0]
    for value in lists.values:
        starts.append(starts[-1] + (len(value) if isinstance(value, (list, tuple)) else 0))
    values: list[Any] = []
    for row, value in enumerate(lists.values):
        here = slice(starts[row], starts[row + 1])
        if row in errors or not isinstance(value, (list, tuple)):
            values.append(None)
            continue
        try:
            values.append(_apply(node, items[here], body.values[here]))
        except TypeError as error:
            errors[row] = CellError.of(error)
            values.append(None)
    return Vector(values, errors)


async def _results(evaluation: Evaluation, node: ForEach, owners: Sequence[int], items: Sequence[Any]) -> Vector:
    """The values of the body for all items. Images, such as the frames of long films, are decoded some at a time."""
    step = IMAGES_AT_ONCE if node.element.type.kind is Kind.IMAGE else len(items)
    values: list[Any] = []
    errors: dict[int, CellError] = {}
    for start in range(0, len(items), step or 1):
        here = slice(start, start + step)
        within = evaluation.of_rows(owners[here], [node.body], node.element, items[here])
        part = (await within.vectors([node.body]))[0]
        values += part.values
        errors |= {start + at: error for at, error in part.errors.items()}
    return Vector(values, errors)


def _apply(node: ForEach, items: Sequence[Any], results: Sequence[Any]) -> list[Any]:
    if node.verb == 'map':
        return list(results)
    pairs = list(zip(items, results, strict=True))
    if node.verb == 'filter':
        return [item for item, passes in pairs if passes]
    return [item for item, _ in sorted(pairs, key=lambda pair: _rank(pair[1]), reverse=not node.ascending)]


def _rank(value: Any) -> tuple[Any, ...]:
    """Numbers before text before the rest, NaN after all numbers, NULL after everything."""
    if value is None:
        return (4,)
    if isinstance(value, bool):
        return (0, value)
    if is_number(value):
        return (1, value != value, value)
    if isinstance(value, str):
        return (2, value)
    if isinstance(value, (dict, list, tuple)):
        raise TypeError(f'{value!r:.80} has no place in an order: sort by a number or a text in it')
    return (3, value)
