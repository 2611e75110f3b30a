"""Queries that search an index outlive it: they search what took its place."""

from __future__ import annotations

from typing import cast

from pixeltable.api.indexes import indexes_of
from pixeltable.api.table import Table
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import ColumnRef, Node, Parameter, Similarity
from pixeltable.exprs.visit import walk
from pixeltable.session import Session


def renewed(session: Session, node: Node) -> Node | None:
    """A similarity to a parameter over an index that is gone, over the one that its column has now; None for any other node.

    Raises INDEX_NOT_FOUND if it has none, UNSUPPORTED_OPERATION if it has several, none of them of that name.
    """
    if not isinstance(node, Similarity) or not isinstance(gone := node.embedding, ColumnRef):
        return None
    query = cast(Node, node.query)
    parameter = next((found for found in walk(query) if isinstance(found, Parameter)), None)
    if parameter is None or gone.version is not None:
        return None
    table = Table(session, gone.table_id, gone.table_path)
    schema = table._schema()
    column = schema.find(node.column_name)
    if column is None or schema.by_id(gone.column_id) is not None:
        return None
    name = next((index.name for index in indexes_of(schema) if index.record.name == gone.name), None)
    item = Expr(parameter)
    text, vector = (None, item) if query == parameter else (item, None)
    again: Node = table._similarity(table._column_node(schema, column), text, {}, vector, name).__pxt_node__
    return again
