"""`@pxt.expr_udf`: a function whose body builds an expression. The body runs when a call is written, and never for a row."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pixeltable.errors import Error, ErrorCode, RequestError
from pixeltable.exprs import build
from pixeltable.exprs.display import display
from pixeltable.exprs.expr import Expr, WrittenExpr
from pixeltable.exprs.nodes import Field, Literal, Node
from pixeltable.types import spelling
from pixeltable.types.column_type import ColumnType
from pixeltable.udf import arguments
from pixeltable.udf.methods import register
from pixeltable.udf.signature import VARIADIC, Signature, bind, of_callable


class ExprFunction:
    """What `@pxt.expr_udf` returns. A call is the expression that the body builds from the arguments."""

    def __init__(
        self,
        body: Callable[..., Any],
        name: str,
        signature: Signature,
        *,
        doc: str | None = None,
        is_method: bool = False,
        is_property: bool = False,
        checks_result: bool = False,
    ) -> None:
        self._body = body
        self.name = self.__name__ = name
        self.signature = signature
        self.__doc__ = doc
        self.__wrapped__ = body
        self.is_method, self.is_property = is_method, is_property
        self._checks_result = checks_result

    def __call__(self, /, *args: Any, **kwargs: Any) -> Expr:
        """The expression for these arguments.

        Raises INVALID_ARGUMENT for missing or unknown arguments and TYPE_MISMATCH for types that no parameter accepts.
        """
        return WrittenExpr(self.call_node(args, kwargs), self.name)

    def call_node(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Node:
        """What `__call__` builds, as a node."""
        given = bind(self.name, self.signature, args, kwargs)
        nodes = {name: arguments.argument(self.name, self.signature.find(name), value) for name, value in given.items()}
        unset = [p for p in self.signature.parameters if p.has_default and p.name not in nodes]
        return self.build(nodes | {p.name: build.literal(p.default) for p in unset})

    def build(self, nodes: Mapping[str, Node]) -> Node:
        """The expression that the body gives for these arguments."""
        values = {name: self._given(name, node) for name, node in nodes.items()}
        positional = [
            values.pop(p.name) for p in self.signature.parameters if p.kind is inspect.Parameter.POSITIONAL_ONLY
        ]
        try:
            result = build.node(self._body(*positional, **values))
        except Error:
            raise
        except Exception as error:
            raise RequestError(
                ErrorCode.INVALID_EXPRESSION,
                f'{self.name}(): the body failed: {error} It is called with expressions, and must give an expression.',
            ) from error
        return self._checked(result) if self._checks_result else result

    def _given(self, name: str, node: Node) -> Any:
        """What the body gets: constants stay constants, but for a None that it does not expect."""
        wanted = self.signature.find(name).type
        if isinstance(node, Literal) and (node.value is not None or wanted is None or wanted.nullable):
            return node.value
        return Expr(node)

    def _checked(self, result: Node) -> Node:
        if arguments.accepts(self.signature.result, result.type):
            return result
        raise RequestError(
            ErrorCode.TYPE_MISMATCH,
            f'{self.name}(): the result is declared as {self.signature.result}; {display(result)} is of type {result.type}.',
        )

    def __repr__(self) -> str:
        return f'<function {self.name}{self.signature}>'


def expr_udf(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    param_types: Sequence[Any] | None = None,
    is_method: bool = False,
    is_property: bool = False,
) -> Any:
    """Makes a function of expressions: its body builds an expression from its parameters, as in

        @pxt.expr_udf
        def full_name(first: str, last: str) -> str:
            return first + ' ' + last

    Args:
        param_types: the types of the parameters, in their order, in place of hints.
        is_method: also makes it a method of expressions of the first parameter's type.
        is_property: the same without parentheses; for functions of one parameter.

    Raises:
        RequestError: INVALID_ARGUMENT or INVALID_TYPE for missing or unsupported types, INVALID_EXPRESSION for a body that gives
            no expression, TYPE_MISMATCH for one of another type than the hint of the result.
    """
    if fn is not None and not inspect.isfunction(fn):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'expr_udf() decorates a function, not {fn!r}.')
    namespace = sys._getframe(1).f_locals
    decorate = functools.partial(_declare, namespace, param_types, is_method, is_property)
    return decorate if fn is None else decorate(fn)


def _declare(
    namespace: Mapping[str, Any],
    param_types: Sequence[Any] | None,
    is_method: bool,
    is_property: bool,
    fn: Callable[..., Any],
) -> ExprFunction:
    name = fn.__name__
    types = None if param_types is None else _types(fn, name, param_types)
    declared = of_callable(fn, name, namespace=namespace, types=types, needs_result=False)
    if any(parameter.kind in VARIADIC for parameter in declared.parameters):
        raise RequestError(ErrorCode.INVALID_ARGUMENT, f'{name}(): an expr_udf takes no *args and no **kwargs.')
    has_result = 'return' in inspect.get_annotations(fn)
    function = ExprFunction(
        fn, name, declared, doc=fn.__doc__, is_method=is_method, is_property=is_property, checks_result=has_result
    )
    probe = {p.name: Field(p.type or declared.result, p.name) for p in declared.parameters}
    traced = function.build(probe)
    if not has_result:
        function.signature = Signature(declared.parameters, traced.type)
    if is_method or is_property:
        register(name, declared, function, is_property=is_property)
    return function


def _types(fn: Callable[..., Any], name: str, param_types: Sequence[Any]) -> dict[str, ColumnType]:
    names = list(inspect.signature(fn).parameters)
    if len(names) != len(param_types):
        raise RequestError(
            ErrorCode.INVALID_ARGUMENT,
            f'{name}() has {len(names)} parameters; param_types has {len(param_types)} types.',
        )
    return {
        each: spelling.parse(type_, what=f'{name}(): parameter {each!r}')
        for each, type_ in zip(names, param_types, strict=True)
    }
