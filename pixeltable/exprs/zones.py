"""Expressions that give the same in every session: those that are stored, and that other sessions evaluate.

Parts of a time, its text, and times without a zone depend on the time zone of whoever looks. What is stored keeps that of whoever
declared it, so that a cell is the same whoever computes it.
"""

from __future__ import annotations

import dataclasses
import datetime

from pixeltable.exprs.build import literal
from pixeltable.exprs.nodes import Aggregate, Call, CellProperty, InZone, IsIn, Literal, Node, Operation
from pixeltable.exprs.visit import children, transform, walk
from pixeltable.exprs.windows import Collect, Fold, Ranking, Window
from pixeltable.types.column_type import Kind


def fixed(node: Node, zone: datetime.tzinfo) -> Node:
    """An unbound tree that sees all times as a session in `zone` does."""

    def wrap(found: Node) -> Node | None:
        if isinstance(found, (Operation, IsIn, Aggregate, Collect, Fold, Ranking, Window)):
            return None  # which compare and count moments; what their arguments are may depend on the zone
        return InZone(found.type, found, str(zone)) if any(map(_looks_at_times, walk(found))) else None

    return transform(transform(node, lambda found: localized(found, zone)), wrap)


def localized(node: Node, zone: datetime.tzinfo) -> Node | None:
    """A constant time without a zone, or a choice of some, as times in `zone`; None for what is neither."""
    match node:
        case Literal(type=type_, value=datetime.datetime(tzinfo=None) as moment):
            return literal(moment.replace(tzinfo=zone), type_)
        case IsIn(arg=arg, values=values) if any(localized(value, zone) for value in values):
            known = (localized(value, zone) or value for value in values)
            inner = transform(arg, lambda found: localized(found, zone))
            return dataclasses.replace(node, arg=inner, values=tuple(v for v in known if isinstance(v, Literal)))
    return None


def _looks_at_times(node: Node) -> bool:
    """Whether it takes a time apart, or makes one, or may do so."""
    if isinstance(node, Call) and node.function.sees_zone:
        return True
    below = children(node)
    if isinstance(node, (Operation, IsIn, CellProperty)) or not below:
        return False
    return any(each.type.kind is Kind.TIMESTAMP for each in (node, *below))
