"""Aggregates, windows and parameters as documents: the part of `codec` that is about several rows together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pixeltable.exprs.nodes import Aggregate, Node, Parameter
from pixeltable.exprs.windows import Fold, Frame, Ordering, Ranking, Window
from pixeltable.types.column_type import ColumnType

Document = dict[str, Any]


def encode(node: Node, nested: Callable[[Node], Document], function: Callable[[Any], Document]) -> Document | None:
    """The document of a node, without its type; None if it is none of these."""

    def some(child: Node | None) -> Document | None:
        return None if child is None else nested(child)

    def keys(order_by: tuple[Ordering, ...]) -> list[Document]:
        return [{'node': nested(key.node), 'ascending': key.ascending, 'nulls': key.nulls} for key in order_by]

    match node:
        case Aggregate(function=name, arg=arg, distinct=distinct, condition=condition):
            return {'aggregate': name, 'arg': some(arg)} | (
                {'distinct': distinct, 'where': some(condition)} if distinct or condition else {}
            )
        case Fold(function=callee, names=names, args=args, skips_null=skips, order_by=order_by, condition=condition):
            return {
                'fold': function(callee),
                'names': list(names),
                'args': [nested(arg) for arg in args],
                'skips_null': list(skips),
                'order_by': keys(order_by),
                'where': some(condition),
            }
        case Ranking(function=name, args=args):
            return {'ranking': name, 'args': [nested(arg) for arg in args]}
        case Window(aggregate=inner, partition_by=partition, order_by=order_by, frame=frame):
            return {
                'window': nested(inner),
                'partition_by': [nested(key) for key in partition],
                'order_by': keys(order_by),
                'frame': [frame.start, frame.end],
            }
        case Parameter(name=name):
            return {'parameter': name}
    return None


def decode(
    document: Document, type_: ColumnType, nested: Callable[[Document], Any], function: Callable[[Document], Any]
) -> Node | None:
    """The inverse of `encode`."""

    def some(child: Document | None) -> Node | None:
        return None if child is None else nested(child)

    def keys(order_by: list[Document]) -> tuple[Ordering, ...]:
        return tuple(Ordering(nested(key['node']), key['ascending'], key['nulls']) for key in order_by)

    match document:
        case {'aggregate': name, 'arg': arg}:
            return Aggregate(type_, name, some(arg), document.get('distinct', False), some(document.get('where')))
        case {'fold': callee, 'names': names, 'args': args, 'skips_null': skips, 'order_by': order_by, 'where': where}:
            start = function(callee)
            given = tuple(nested(arg) for arg in args)
            return Fold(type_, start, start.key, tuple(names), given, tuple(skips), keys(order_by), some(where))
        case {'ranking': name, 'args': args}:
            return Ranking(type_, name, tuple(nested(arg) for arg in args))
        case {'window': inner, 'partition_by': partition, 'order_by': order_by, 'frame': [start, end]}:
            by = tuple(nested(key) for key in partition)
            return Window(type_, nested(inner), by, keys(order_by), Frame(start, end))
        case {'parameter': name}:
            return Parameter(type_, name)
    return None
