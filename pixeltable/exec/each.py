"""`map`, `filter` and `sort` over Json lists: the items of all rows of a batch are one batch of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pixeltable.exec.scalar_comparisons import is_number
from pixeltable.exec.vectors import CellError, Vector
from pixeltable.exprs.nodes import ForEach

if TYPE_CHECKING:
    from pixeltable.exec.evaluate import Evaluation


async def for_each(evaluation: Evaluation, node: ForEach) -> Vector:
    """The lists that `node` gives. A row with an item that fails is an error."""
    lists = (await evaluation.vectors([node.arg]))[0]
    owners = [row for row, items in enumerate(lists.values) if isinstance(items, (list, tuple)) for _ in items]
    items = [item for items in lists.values if isinstance(items, (list, tuple)) for item in items]
    within = evaluation.of_rows(owners, [node.body], node.element, items)
    body = (await within.vectors([node.body]))[0]
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
