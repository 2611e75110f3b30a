"""Bound expressions over the fields of one table, and a scan of it, made without a catalog."""

from __future__ import annotations

import numpy as np
import pytest

import pixeltable as pxt
from pixeltable.exprs import build
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Field, Node, Similarity
from pixeltable.plan.logical import Scan, ScanColumn
from pixeltable.types.column_type import ARRAY, FLOAT, INT, STRING


@pxt.udf
def slow(x: int) -> int:
    return x


class Fields:
    """Fields `a` and `b` (Int), `s` (String) and `e` (an embedding), and nodes over them."""

    a = Expr(Field(INT, 'a'))
    b = Expr(Field(INT, 'b'))
    s = Expr(Field(STRING, 's'))
    e = Expr(Field(ARRAY, 'e'))
    similarity = Expr(
        Similarity(FLOAT, Field(ARRAY, 'e'), build.literal(np.ones(2, np.float32)), 'cosine', column_name='s')
    )
    slow = staticmethod(slow)

    @staticmethod
    def node(value: object) -> Node:
        return build.node(value)


@pytest.fixture
def f() -> type[Fields]:
    return Fields


@pytest.fixture
def scan() -> Scan:
    nodes = (Fields.a, Fields.b, Fields.s, Fields.e)
    return Scan(tuple(ScanColumn(field.__pxt_node__, index) for index, field in enumerate(nodes, 1)))
