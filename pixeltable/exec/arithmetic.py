"""Arithmetic of columns by Arrow, as Python computes them, and without DuckDB, which takes 20 ms to start."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pixeltable.exprs.bind import fields
from pixeltable.exprs.nodes import Field, Literal, Node, Operation
from pixeltable.types import buffers
from pixeltable.types.column_type import Kind

_TYPES = {Kind.INT: (pa.int64(), np.int64), Kind.FLOAT: (pa.float64(), np.float64)}


def remainder(values: Any, divisor: pa.Scalar) -> Any:
    """`values % divisor` of integers, for a divisor above 0; Arrow divides towards zero."""
    rest = pc.subtract(values, pc.multiply(pc.divide(values, divisor), divisor))
    return pc.if_else(pc.less(rest, buffers.integers([0])[0]), pc.add(rest, divisor), rest)


_FUNCTIONS = {
    'add': pc.add_checked,
    'sub': pc.subtract_checked,
    'mul': pc.multiply_checked,
    'neg': pc.negate_checked,
    'div': pc.divide,
    'mod': remainder,
}


def is_arithmetic(node: Node) -> bool:
    """Whether `computed` can compute `node`."""
    return isinstance(node, Operation) and _is_plain(node) and bool(fields(node))


def _is_plain(node: Node) -> bool:
    match node:
        case Field():
            return node.type.kind in _TYPES
        case Literal(value=value):
            fits = isinstance(value, float) or (value is not None and -(2**63) <= value < 2**63)
            return node.type.kind in _TYPES and fits
        case Operation(op='div' | 'mod' as op, args=(dividend, Literal(value=divisor) as constant)):
            allowed = bool(divisor) and (
                op == 'div' or (node.type.kind is Kind.INT and divisor > 0)
            )  # by zero it is NULL
            return allowed and _is_plain(constant) and _is_plain(dividend)
        case Operation(op='add' | 'sub' | 'mul' | 'neg', args=args):
            return node.type.kind in _TYPES and all(map(_is_plain, args))
    return False


def computed(node: Node, rows: pa.Table) -> Any:
    """The values of `node` for `rows`. Raises ArrowInvalid where one does not fit into 64 bits."""
    match node:
        case Field(name=name):
            return rows.column(name)
        case Literal(value=value):
            arrow, dtype = _TYPES[node.type.kind]
            return buffers.primitive(arrow, np.array([value], dtype))[0]
    assert isinstance(node, Operation)
    values = [computed(arg, rows) for arg in node.args]
    if node.type.kind is Kind.FLOAT:  # an integer beyond 2**53 becomes the nearest float
        values = [value.cast(pa.float64(), safe=False) for value in values]
    return _FUNCTIONS[node.op](*values)
