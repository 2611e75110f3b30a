"""`@pxt.query` and `retrieval_udf`: queries as functions, which give the rows as a Json list."""

from __future__ import annotations

import datetime
import functools
import hashlib
import inspect
import json
import sys
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pixeltable.api.handle import Handle
from pixeltable.api.query import Query
from pixeltable.api.reading import Readable
from pixeltable.api.renewing import renewed
from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.exec.calls.call import call_once
from pixeltable.exec.query_documents import changed_nodes, parameters, with_values
from pixeltable.exprs import build
from pixeltable.exprs.expr import Expr
from pixeltable.exprs.nodes import Call, ColumnRef, Literal, Node, Parameter
from pixeltable.exprs.visit import transform
from pixeltable.types.column_type import JSON, STRING, ColumnType, JsonList, JsonObject, Kind
from pixeltable.types.spelling import parse
from pixeltable.types.supertypes import is_json_able
from pixeltable.udf import arguments
from pixeltable.udf.declaration import Options, new_identity
from pixeltable.udf.function import Function
from pixeltable.udf.signature import VARIADIC, Signature, of_callable
from pixeltable.udf.signature import Parameter as Declared


class QueryRunner:
    """The Python side of a query function: called with values, it runs the query and gives its rows."""

    def __init__(
        self, document: dict[str, Any], names: Sequence[str], defaults: dict[str, Any], is_scalar: bool
    ) -> None:
        self.document = document
        self.names, self.defaults, self.is_scalar = tuple(names), defaults, is_scalar
        self._template: Query | None = None

    @property
    def template(self) -> Query:
        """The query with its parameters. Read when it is first needed: in another process the tables are found anew."""
        if self._template is None:
            self._template = Query.from_dict(self.document)
        return self._template

    def __call__(self, *args: Any, **kwargs: Any) -> list[Any]:
        return self._found(None, *args, **kwargs)

    def in_zone(self, zone: datetime.tzinfo) -> Callable[..., list[Any]]:
        """What runs the query as a session in a time zone does."""
        return functools.partial(self._found, zone)

    def _found(self, zone: datetime.tzinfo | None, /, *args: Any, **kwargs: Any) -> list[Any]:
        given = {**self.defaults, **dict(zip(self.names, args, strict=False)), **kwargs}
        query = filled(self.template, given)
        rows = query.collect() if zone is None else query._collected_in(zone)
        if not self.is_scalar:
            return [{name: _plain(value) for name, value in row.items()} for row in rows]
        return [_plain(value) for row in rows for value in row.values()]

    def __reduce__(self) -> Any:
        return QueryRunner, (self.document, self.names, self.defaults, self.is_scalar)


def filled(query: Query, given: Mapping[str, Any]) -> Query:
    """`query` with values for its parameters. Raises TYPE_MISMATCH for one that does not fit."""
    renew = functools.partial(renewed, query._session)
    spec = changed_nodes(query._spec, lambda node: transform(node, renew))
    wanted = parameters(spec)
    values: dict[str, Literal] = {}
    for name, parameter in wanted.items():
        if name in given:
            declared = Declared(name, parameter.type.with_nullable(True))
            found = arguments.argument('query', declared, given[name])
            assert isinstance(found, Literal)
            values[name] = found

    def embed(node: Node) -> Node:
        if not isinstance(node, Call) or not all(isinstance(arg, Literal) for arg in node.args):
            raise RequestError(ErrorCode.MISSING_REQUIRED, 'a similarity has a parameter that was given no value.')
        function: Any = node.function
        constants = {
            name: arg.value for name, arg in zip(node.names, node.args, strict=True) if isinstance(arg, Literal)
        }
        vector = call_once(function, constants, query._session.engine.context.calls())
        return build.literal(np.asarray(vector, np.float32))

    return Query(query._session, with_values(spec, values, embed), query._table)


def _plain(value: Any) -> Any:
    """A cell as a Json value: times, dates and UUIDs as text."""
    if isinstance(value, (datetime.datetime, datetime.date)):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def query(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    param_types: Sequence[Any] | None = None,
    return_scalar: bool = False,
) -> Any:
    """Makes a function of a query with parameters, as in

        @pxt.query
        def related(topic: str, n: int):
            return docs.where(docs.topic == topic).order_by(docs.score, asc=False).select(docs.title).limit(n)

        questions.add_computed_column(context=related(questions.topic, 3))

    A call is an expression: the rows as a Json list of objects, found anew for each row that it is computed for.

    Args:
        param_types: the types of the parameters, in their order, in place of hints.
        return_scalar: gives a list of values instead; the query selects one column then.

    Raises:
        RequestError: INVALID_ARGUMENT or INVALID_TYPE for missing or unsupported types, INVALID_EXPRESSION for a body that gives
            no query.
    """
    if fn is not None and not inspect.isfunction(fn):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'query() decorates a function, not {fn!r}.')
    declare = functools.partial(_declare, sys._getframe(1).f_locals, param_types, return_scalar)
    return declare if fn is None else declare(fn)


def _declare(
    namespace: Mapping[str, Any], param_types: Sequence[Any] | None, is_scalar: bool, fn: Callable[..., Any]
) -> Function:
    name = fn.__name__
    names = list(inspect.signature(fn).parameters)
    if param_types is not None and len(param_types) != len(names):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'{name}() has {len(names)} parameters; param_types has {len(param_types)} types.',
        )
    types = {n: parse(t, what=name) for n, t in zip(names, param_types or (), strict=False)}
    declared = of_callable(fn, name, namespace=namespace, types=types, needs_result=False)
    if any(parameter.kind in VARIADIC for parameter in declared.parameters):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name}(): a query takes no *args and no **kwargs.')
    given = {p.name: Expr(Parameter(p.type or JSON, p.name)) for p in declared.parameters}
    try:
        made = fn(**given)
    except Error:
        raise
    except Exception as error:
        raise RequestError(
            ErrorCode.INVALID_EXPRESSION, f'{name}(): the body failed: {error} It is called with expressions.'
        ) from error
    if not isinstance(made, Readable):
        raise RequestError(ErrorCode.INVALID_EXPRESSION, f'{name}(): the body must give a query, not {made!r:.80}.')
    return function_of(made._query(), name, declared.parameters, is_scalar, fn.__module__, fn.__qualname__, fn.__doc__)


def function_of(
    made: Query,
    name: str,
    declared: Sequence[Declared],
    is_scalar: bool,
    module: str,
    qualname: str,
    doc: str | None = None,
) -> Function:
    """The function that runs a query for the values of its parameters."""
    if is_scalar and len(made.schema) != 1:
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'{name}(): with return_scalar=True the query selects one column, not {len(made.schema)}.',
        )
    document = made.as_dict()
    defaults = {p.name: p.default for p in declared if p.has_default}
    runner = QueryRunner(document, [p.name for p in declared], defaults, is_scalar)
    runner._template = made
    runner.__name__, runner.__doc__ = name, doc  # type: ignore[attr-defined]
    version = hashlib.sha256(json.dumps(document, sort_keys=True, default=repr).encode()).hexdigest()
    signature = Signature(tuple(declared), _result_type(made, is_scalar))
    options = Options(version=version, display_name=name)
    return Function(runner, signature, options, module, qualname, new_identity(module, qualname))


def _result_type(made: Query, is_scalar: bool) -> ColumnType:
    """A list of objects, or of values."""
    columns = {name: _json_type(type_) for name, type_ in made.schema.items()}
    row = (
        next(iter(columns.values())) if is_scalar else ColumnType(Kind.JSON, detail=JsonObject(tuple(columns.items())))
    )
    return ColumnType(Kind.JSON, detail=JsonList((), row))


def _json_type(type_: ColumnType) -> ColumnType:
    """The type of a cell inside Json, as `_plain` makes it."""
    if type_.kind in (Kind.TIMESTAMP, Kind.DATE, Kind.UUID):
        return STRING.with_nullable(type_.nullable)
    return type_ if is_json_able(type_) else JSON.with_nullable(True)


def retrieval_udf(
    table: Any,
    name: str | None = None,
    description: str | None = None,
    parameters: Iterable[Any] | None = None,
    limit: int | None = 10,
) -> Function:
    """A function that looks rows up: those of `table` whose columns equal the arguments, as a Json list of objects.

    Args:
        name: of the function; by default that of the table.
        description: what a language model is told about it, as a tool.
        parameters: the columns to look up by, or their names; by default all that are not computed.
        limit: how many rows it gives at most; None for all.

    Raises:
        NotFoundError: COLUMN_NOT_FOUND for an unknown column. RequestError: INVALID_ARGUMENT for one that cannot be compared.
    """
    if not isinstance(table, Handle):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'retrieval_udf() takes a table, not {table!r:.80}.')
    schema = table._schema()
    readable = [column for column in schema.visible if column.embedding is None]  # by a language model
    shown = {column.name: table._column_node(schema, column) for column in readable}
    given = [shown[column.name] for column in readable if not column.is_computed]
    chosen: list[ColumnRef] = (
        given if parameters is None else [table._column_node(schema, table._find(schema, each)) for each in parameters]
    )
    made, declared = table._query().select(*map(Expr, shown.values())), []
    for column in chosen:
        try:
            made = made.where(Expr(column) == Expr(Parameter(column.type, column.name)))
        except Error as error:
            raise RequestError(
                ErrorCode.INVALID_ARGUMENT,
                f'retrieval_udf(): column {column.name!r} cannot be looked up by: {error.message}',
            ) from error
        declared.append(Declared(column.name, column.type))
    if limit is not None:
        made = made.limit(limit)
    own = name or table._path.rpartition('.')[2].rpartition('/')[2]
    doc = description or f'Looks up rows of the table {table._path} by {", ".join(p.name for p in declared)}.'
    return function_of(made, own, declared, False, __name__, f'retrieval_udf.{own}', doc)
