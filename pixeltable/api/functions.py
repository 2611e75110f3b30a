"""Functions that tables are, and the list of all functions."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pixeltable.functions
from pixeltable._support.optional import require
from pixeltable.catalog.records import ColumnRecord, Schema
from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import build
from pixeltable.exprs.bind import ROW_ID
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import ColumnRef, MakeDict, Node
from pixeltable.exprs.visit import column_refs, transform
from pixeltable.types.column_type import ColumnType, JsonObject, Kind
from pixeltable.udf.expr_udf import ExprFunction
from pixeltable.udf.function import Function
from pixeltable.udf.signature import Parameter, Signature

if TYPE_CHECKING:
    import pandas as pd

    from pixeltable.api.handle import Handle


def table_function(table: Handle, return_value: Any, description: str | None) -> ExprFunction:
    """What `pxt.udf(table)` gives: its parameters are the columns that are not computed, of which nullable ones may be left out.

    Raises:
        RequestError: INVALID_EXPRESSION if `return_value` reads another table.
    """
    schema = table._schema()
    inputs = schema.given
    result = _all_columns(table, schema) if return_value is None else build.node(return_value)
    _check_columns(schema, result)
    unbound = {column.id: table._session.engine.resolver.unbound(schema, column) for column in schema.computed}

    def body(**arguments: Any) -> Expr:
        given = {column.id: build.node(arguments[column.name]) for column in inputs}

        def replaced(node: Node) -> Node | None:
            if not isinstance(node, ColumnRef):
                return None
            if node.column_id not in given:
                given[node.column_id] = transform(unbound[node.column_id], replaced)
            return given[node.column_id]

        return Expr(transform(result, replaced))

    signature = Signature(tuple(map(_parameter, inputs)), result.type)
    name = schema.table.path.rpartition('/')[2].replace('-', '_')
    return ExprFunction(body, name, signature, doc=description or schema.table.comment)


def _all_columns(table: Handle, schema: Schema) -> Node:
    """A dict of the columns, except embeddings. All may be NULL, as arguments may be."""
    shown = [column for column in schema.columns if column.embedding is None]
    fields = tuple((column.name, column.type.with_nullable(True)) for column in shown)
    values = tuple(table._column_node(schema, column) for column in shown)
    return MakeDict(ColumnType(Kind.JSON, detail=JsonObject(fields)), tuple(name for name, _ in fields), values)


def _parameter(column: ColumnRecord) -> Parameter:
    return Parameter(column.name, column.type, has_default=column.type.nullable)


def _check_columns(schema: Schema, result: Node) -> None:
    for ref in column_refs(result):
        if ref.table_id != schema.table.id:
            reason = f'column {ref.name!r} belongs to table {ref.table_path!r}'
        elif ref.column_id == ROW_ID:
            reason = 'rows that are not stored have no id'
        elif schema.by_id(ref.column_id) is None:
            reason = f'the table has no column {ref.name!r} any more'
        else:
            continue
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION,
            f'udf({schema.table.path}): return_value is an expression over columns of {schema.table.path!r}; {reason}.',
        )


def list_functions() -> pd.DataFrame:
    """The built-in functions, as a pandas DataFrame with the columns Path, Name, Parameters and Return Type.

    Raises:
        RequestError: INVALID_CONFIGURATION if pandas is not installed.
    """
    frame: pd.DataFrame = require('pandas', 'pandas').DataFrame(
        [
            {'Path': module, 'Name': name, 'Parameters': parameters, 'Return Type': str(function.signature.result)}
            for module, name, function in _functions()
            for parameters in [', '.join(map(str, function.signature.parameters))]
        ]
    )
    return frame


def _functions() -> Iterator[tuple[str, str, Function]]:
    for info in pkgutil.iter_modules(pixeltable.functions.__path__, 'pixeltable.functions.'):
        module = importlib.import_module(info.name)
        for name, value in sorted(vars(module).items()):
            if isinstance(value, Function) and value.module.startswith(info.name):
                yield info.name, name, value
