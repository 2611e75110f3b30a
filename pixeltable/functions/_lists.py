"""`list_iterator`: a row for each item of a Json list, or of several lists side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import Any, Literal

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs.build import literal
from pixeltable.exprs.nodes import Literal as LiteralNode
from pixeltable.exprs.nodes import Node
from pixeltable.iterators.decorators import iterator
from pixeltable.iterators.function import IteratorFunction
from pixeltable.types.column_type import JSON, ColumnType, JsonList, JsonObject
from pixeltable.types.supertypes import common

_ANY = JSON.with_nullable(True)


def columns(given: Mapping[str, Node]) -> dict[str, ColumnType]:
    """The columns for the arguments of a call: the keys of the items of `elements`, or the names of the lists."""
    elements = given.get('elements')
    lists = {name: node for name, node in given.items() if name not in ('elements', 'mode')}
    if (elements is not None and not _is_null(elements)) == bool(lists):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            'list_iterator() takes either a list of objects, as in list_iterator(t.items), or lists by name, as in '
            'list_iterator(x=t.xs, y=t.ys).',
        )
    mode = given.get('mode')
    padded = isinstance(mode, LiteralNode) and mode.value == 'padded'
    if lists:
        types = {name: _item(node) or _ANY for name, node in lists.items()}
        return {name: type_.with_nullable(type_.nullable or padded) for name, type_ in types.items()}
    assert elements is not None
    item = _item(elements)
    if item is None or not isinstance(item.detail, JsonObject):
        raise RequestError(
            ErrorCode.INVALID_TYPE,
            'list_iterator(): the columns are the keys of the objects in the list, so its type must say them: declare the column '
            "as pxt.Json[[{'x': pxt.Int, 'y': pxt.String}]] or as list[SomeTypedDict], or give lists by name.",
        )
    detail = item.detail
    return {name: type_.with_nullable(type_.nullable or name in detail.optional) for name, type_ in detail.fields}


def _is_null(node: Node) -> bool:
    return isinstance(node, LiteralNode) and node.value is None


def _item(node: Node) -> ColumnType | None:
    """The type of the items of a list; None if it is not known."""
    if isinstance(node, LiteralNode) and isinstance(node.value, list):
        return common(literal(value).type for value in node.value)
    detail = node.type.detail
    if not isinstance(detail, JsonList):
        return None
    return common([*detail.head, *([detail.rest] if detail.rest is not None else [])])


@iterator
def list_iterator(
    elements: list[dict] | None = None,  # type: ignore[type-arg]
    *,
    mode: Literal['strict', 'truncated', 'padded'] = 'strict',
    **kwargs: list,  # type: ignore[type-arg]
) -> Iterator[dict[str, Any]]:
    """A row for each object in the list `elements`, with a column for each of its keys; or for each place in the lists that are
    given by name, with a column for each of them.

    Args:
        elements: a list of objects, whose type says their keys. NULL has no rows.
        mode: for lists by name that differ in length: `'strict'` fails, `'truncated'` stops with the shortest, `'padded'` goes on
            with NULL.
        **kwargs: the lists by name.
    """
    if not kwargs:
        yield from elements or ()
        return
    lists = [values or [] for values in kwargs.values()]
    if mode == 'strict' and len({len(values) for values in lists}) > 1:
        lengths = ', '.join(f'{name} has {len(values or [])}' for name, values in kwargs.items())
        raise ValueError(f'the lists have different lengths: {lengths}; pass mode="truncated" or mode="padded"')
    for values in zip_longest(*lists) if mode == 'padded' else zip(*lists, strict=False):
        yield dict(zip(kwargs, values, strict=True))


assert isinstance(list_iterator, IteratorFunction)
list_iterator.columns_rule = columns
