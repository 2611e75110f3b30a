"""Walking and rewriting expression trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from operator import is_
from typing import Any

from pixeltable.exprs.nodes import (
    Aggregate,
    ArrayItem,
    Call,
    Cast,
    CellProperty,
    ColumnRef,
    Field,
    ForEach,
    InZone,
    IsIn,
    JsonPath,
    Literal,
    MakeDict,
    MakeList,
    Node,
    Operation,
    Replacement,
    Similarity,
    Template,
)
from pixeltable.exprs.windows import Collect, Fold, Ordering, Ranking, Window


def children(node: Node) -> tuple[Node, ...]:
    """The direct inputs of `node`."""
    match node:
        case ColumnRef() | Field() | Literal():  # most nodes are leaves
            return ()
        case Operation(args=args) | Call(args=args):
            return args
        case IsIn(arg=arg) | Cast(arg=arg) | JsonPath(arg=arg) | ArrayItem(arg=arg) | InZone(arg=arg):
            return (arg,)
        case Aggregate(arg=arg, condition=condition):
            return tuple(each for each in (arg, condition) if each is not None)
        case Collect(arg=arg, order_by=order_by, condition=condition):
            return (arg, *(key.node for key in order_by), *(() if condition is None else (condition,)))
        case Fold(args=args, order_by=order_by, condition=condition):
            return (*args, *(key.node for key in order_by), *(() if condition is None else (condition,)))
        case Ranking(args=args):
            return args
        case Window(aggregate=aggregate, partition_by=partition_by, order_by=order_by):
            # The aggregate itself is none of them: a window has a value for each row.
            return (*children(aggregate), *partition_by, *(key.node for key in order_by))
        case Template(parts=parts):
            return tuple(part.arg for part in parts if isinstance(part, Replacement))
        case ForEach(arg=arg, body=body):
            return (arg, body)
        case MakeList(items=items):
            return items
        case MakeDict(values=values):
            return values
        case CellProperty(column=column):
            return (column,)
        case Similarity(embedding=embedding):
            return (embedding,)
        case _:
            return ()


def with_children(node: Node, new: tuple[Node, ...]) -> Node:
    """`node` with other inputs, in the order of `children`."""
    rest = iter(new)
    match node:
        case Operation(type=type_, op=op):
            return Operation(type_, op, new)
        case Call() | Ranking():
            return replace(node, args=new)
        case IsIn() | Cast() | JsonPath() | ArrayItem() | InZone():
            return replace(node, arg=new[0])
        case Aggregate(arg=arg, condition=condition):
            return replace(node, arg=arg and next(rest), condition=condition and next(rest))
        case Collect(order_by=order_by, condition=condition):
            return replace(node, arg=next(rest), order_by=_keys(order_by, rest), condition=condition and next(rest))
        case Fold(args=args, order_by=order_by, condition=condition):
            given = tuple(islice(rest, len(args)))
            return replace(node, args=given, order_by=_keys(order_by, rest), condition=condition and next(rest))
        case Window(aggregate=aggregate, partition_by=partition_by, order_by=order_by):
            inner: Any = with_children(aggregate, tuple(islice(rest, len(children(aggregate)))))
            parts = tuple(islice(rest, len(partition_by)))
            return replace(node, aggregate=inner, partition_by=parts, order_by=_keys(order_by, rest))
        case Template(parts=pieces):
            filled = (replace(each, arg=next(rest)) if isinstance(each, Replacement) else each for each in pieces)
            return replace(node, parts=tuple(filled))
        case ForEach():
            return replace(node, arg=new[0], body=new[1])
        case MakeList():
            return replace(node, items=new)
        case MakeDict():
            return replace(node, values=new)
        case CellProperty():
            return replace(node, column=new[0])
        case Similarity():
            return replace(node, embedding=new[0])
        case _:
            return node


def _keys(order_by: tuple[Ordering, ...], new: Iterator[Node]) -> tuple[Ordering, ...]:
    return tuple(replace(key, node=next(new)) for key in order_by)


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, parents first."""
    pending = [node]
    while pending:
        found = pending.pop()
        yield found
        pending += reversed(children(found))


def transform(node: Node, rewrite: Callable[[Node], Node | None]) -> Node:
    """Rewrites top-down: where `rewrite` gives a node it replaces the whole sub-tree, where None the walk goes on below."""
    replaced = rewrite(node)
    if replaced is not None:
        return replaced
    old = children(node)
    if not old:
        return node
    new = tuple([transform(child, rewrite) for child in old])
    return node if all(map(is_, old, new)) else with_children(node, new)


def column_refs(node: Node) -> frozenset[ColumnRef]:
    """The columns that `node` reads."""
    return frozenset(found for found in walk(node) if isinstance(found, ColumnRef))


def has_aggregate(node: Node) -> bool:
    return any(isinstance(found, (Aggregate, Fold)) for found in walk(node))


def has_window(node: Node) -> bool:
    return any(isinstance(found, Window) for found in walk(node))
