from __future__ import annotations

import numpy as np
import pytest

from pixeltable.exprs import build
from pixeltable.exprs.nodes import (
    Aggregate,
    ArrayItem,
    Call,
    Cast,
    CellProperty,
    ColumnRef,
    Field,
    InZone,
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
from pixeltable.exprs.visit import children, column_refs, has_aggregate, transform, walk, with_children
from pixeltable.types.column_type import ARRAY, BOOL, FLOAT, INT, JSON, STRING

A, B = Field(INT, 'a'), Field(INT, 'b')


class Function:
    name = key = 'f'
    sql = None


NODES: list[Node] = [
    Operation(INT, 'add', (A, B)),
    IsIn(BOOL, A, (build.literal(1),)),
    Cast(STRING, A),
    InZone(INT, A, 'Asia/Tokyo'),
    JsonPath(JSON, A, ('x',)),
    ArrayItem(ARRAY, A, (0,)),
    Template(STRING, ('x', Replacement(A, 'd'), Replacement(B))),
    MakeList(JSON, (A, B)),
    MakeDict(JSON, ('k', 'l'), (A, B)),
    Call(INT, Function(), 'f', ('x', 'y'), (A, B)),
    Aggregate(INT, 'sum', A),
    Aggregate(INT, 'count', None),
    CellProperty(STRING, A, 'errortype'),
    Similarity(FLOAT, A, build.literal(np.zeros(2)), 'cosine', 'a'),
    A,
    build.literal(1),
]


@pytest.mark.parametrize('node', NODES, ids=lambda node: type(node).__name__)
def test_the_same_children_give_the_same_node(node: Node) -> None:
    assert with_children(node, children(node)) == node


@pytest.mark.parametrize('node', NODES, ids=lambda node: type(node).__name__)
def test_transform_reaches_every_child(node: Node) -> None:
    renamed = transform(node, lambda found: Field(INT, found.name + '_') if isinstance(found, Field) else None)
    names = [found.name for found in walk(renamed) if isinstance(found, Field)]
    assert names == [found.name + '_' for found in walk(node) if isinstance(found, Field)]


def test_transform_keeps_what_does_not_change() -> None:
    assert transform(NODES[0], lambda found: None) is NODES[0]


def test_what_a_tree_holds() -> None:
    column = ColumnRef(INT, 't', 1, 'a', 't')
    tree = Operation(INT, 'add', (Aggregate(INT, 'sum', column), column))
    assert column_refs(tree) == {column}
    assert has_aggregate(tree)
    assert [type(node).__name__ for node in walk(tree)] == ['Operation', 'Aggregate', 'ColumnRef', 'ColumnRef']
