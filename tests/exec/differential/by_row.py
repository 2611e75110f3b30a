"""What an expression gives for one row by itself, in Python: what both other ways are compared with."""

from __future__ import annotations

import datetime
from typing import Any

from pixeltable.exec.scalar import row_function
from pixeltable.exprs.nodes import Field, Literal, Node, Operation
from pixeltable.exprs.visit import children
from pixeltable.types.column_type import Kind


def of_row(node: Node, row: dict[str, Any], zone: datetime.tzinfo = datetime.UTC) -> Any:
    """Branches of which one is taken are computed no further than that."""
    match node:
        case Field(name=name):
            return row[name]
        case Literal(value=value):
            return value
        case Operation(op='coalesce', args=args):
            return next((taken for arg in args if (taken := _converted(node, arg, row, zone)) is not None), None)
        case Operation(op='case', args=args):
            branches = zip(args[:-1:2], args[1:-1:2], strict=True)
            taken = next((value for condition, value in branches if of_row(condition, row, zone)), args[-1])
            return _converted(node, taken, row, zone)
        case _:
            return row_function(node, zone)(*(of_row(child, row, zone) for child in children(node)))


def _converted(node: Node, branch: Node, row: dict[str, Any], zone: datetime.tzinfo) -> Any:
    value = of_row(branch, row, zone)
    convert = {Kind.FLOAT: float, Kind.INT: int}.get(node.type.kind)
    return value if value is None or convert is None else convert(value)
