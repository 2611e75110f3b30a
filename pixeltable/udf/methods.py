"""Functions as methods and properties of expressions of their first parameter's type."""

from __future__ import annotations

import functools
from typing import Any

from pixeltable.errors import ErrorCode, RequestError
from pixeltable.exprs import expr
from pixeltable.types.column_type import Kind
from pixeltable.udf.signature import Signature

_ALSO_METHOD_OF = {Kind.FLOAT: (Kind.INT,)}


def check(name: str, declared: Signature, *, is_method: bool, is_property: bool) -> None:
    """Raises INVALID_ARGUMENT if a function of this signature cannot be what it is declared to be."""
    if (is_method or is_property) and not declared.parameters:
        raise _refusal(name, 'has no parameter, so it cannot be a method or property')
    if is_property and (is_method or len(declared.parameters) > 1):
        raise _refusal(name, 'is a property, so it has exactly one parameter and is no method')


def register(name: str, declared: Signature, function: Any, *, is_property: bool) -> None:
    """Makes `expr.name(...)` call `function`; as a property, `expr.name` does."""
    check(name, declared, is_method=not is_property, is_property=is_property)
    first = declared.parameters[0].type
    if hasattr(expr.Expr, name):
        raise _refusal(name, f'cannot be a method: every expression has its own {name!r}')
    for kind in () if first is None else (first.kind, *_ALSO_METHOD_OF.get(first.kind, ())):
        expr.METHODS[kind][name] = function if is_property else functools.partial(expr.Method, function)


def _refusal(name: str, reason: str) -> RequestError:
    return RequestError(ErrorCode.INVALID_ARGUMENT, f'{name}() {reason}.')
