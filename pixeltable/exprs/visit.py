"""Walking and rewriting expression trees."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from pixeltable.exprs.nodes import (
    Aggregate,
    ArrayItem,
    Call,
    Cast,
    CellProperty,
    ColumnRef,
    ForEach,
    IsIn,
    JsonPath,
    MakeDict,
    MakeList,
    Node,
    Operation,
    Replacement,
    Similarity,
    Template,
)


def children(node: Node) -> tuple[Node, ...]:
    """The direct inputs of `node`."""
    match node:
        case Operation(args=args) | Call(args=args):
            return args
        case IsIn(arg=arg) | Cast(arg=arg) | JsonPath(arg=arg) | ArrayItem(arg=arg):
            return (arg,)
        case Aggregate(arg=arg):
            return () if arg is None else (arg,)
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
    match node:
        case Operation() | Call():
            return dataclasses.replace(node, args=new)
        case IsIn() | Cast() | JsonPath() | ArrayItem() | Aggregate():
            return dataclasses.replace(node, arg=new[0]) if new else node
        case Template(parts=parts):
            rest = iter(new)
            return dataclasses.replace(
                node,
                parts=tuple(
                    dataclasses.replace(part, arg=next(rest)) if isinstance(part, Replacement) else part
                    for part in parts
                ),
            )
        case ForEach():
            return dataclasses.replace(node, arg=new[0], body=new[1])
        case MakeList():
            return dataclasses.replace(node, items=new)
        case MakeDict():
            return dataclasses.replace(node, values=new)
        case CellProperty():
            return dataclasses.replace(node, column=new[0])
        case Similarity():
            return dataclasses.replace(node, embedding=new[0])
        case _:
            return node


def walk(node: Node) -> Iterator[Node]:
    """`node` and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def transform(node: Node, rewrite: Callable[[Node], Node | None]) -> Node:
    """Rewrites top-down: where `rewrite` gives a node it replaces the whole sub-tree, where None the walk goes on below."""
    replaced = rewrite(node)
    if replaced is not None:
        return replaced
    old = children(node)
    new = tuple(transform(child, rewrite) for child in old)
    return node if all(a is b for a, b in zip(old, new, strict=True)) else with_children(node, new)


def column_refs(node: Node) -> frozenset[ColumnRef]:
    """The columns that `node` reads."""
    return frozenset(found for found in walk(node) if isinstance(found, ColumnRef))


def has_aggregate(node: Node) -> bool:
    return any(isinstance(found, Aggregate) for found in walk(node))
